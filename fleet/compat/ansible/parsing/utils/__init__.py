"""Small parsers that plugins import."""
