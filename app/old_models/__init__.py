"""
Read what other systems left: their models, their pickles, their configurations.

Law of this layer: what is read is a stranger's. Nothing of it is run, nothing of Keras or scikit-learn reads it, and
what comes out are the files of a version, which are checked again as those of any other.
"""
