"""How often Parley's families are right on public data sets, beside reference methods; `__main__` is the way in."""
