"""The embedded reference: a server of both API families, independent of the checking side."""
