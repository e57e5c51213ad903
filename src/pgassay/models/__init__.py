"""Simple models of the families, and the machines that compare a target with them."""
