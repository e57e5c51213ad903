"""A server of known truth, and what an honest instrument must report of it.

Independent of the suite: nothing here knows a rule of the checks, a scenario or the reference. The
server counts and times for itself, so that its record can be held against a load generator's.
"""
