"""What repeated measurements allow to be said: trends, laws, ratios, each with its interval.

Pure functions over numbers; they know nothing of traffic. NumPy and SciPy are slow to import, so
whoever needs a module of this package imports it where it is used. Whatever is drawn at random
comes from a fixed seed: the same numbers always give the same answer.
"""
