"""Values at and just beside the borders of what the documents allow."""
