"""Values out of text."""
