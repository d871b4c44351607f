"""
Parley: text in, intent out, or an honest "I do not know".

Imports inside this package are relative and nothing is imported here, so that the package can be installed under
another name and each process loads only the layers it needs.
"""

__version__ = "0.1.0"
