"""How many requests servers answer through a socket, Parley's and others', with one model; `__main__` is the way in."""
