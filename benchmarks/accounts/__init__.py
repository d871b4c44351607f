"""
Makes the data of the bundled model `accounts`: spam and genuine accounts of a community that nobody is a member of.

An account does what one of several behaviours does. Each behaviour leans to one side in some of its fields and is like
everybody else in the others, so that no field tells the sides apart and all of them together do.
"""
