"""What a data plane cannot do, in words for whoever runs it."""


class PlaneError(Exception):
    """A program, a folder or a cluster refuses; the message holds no secret."""
