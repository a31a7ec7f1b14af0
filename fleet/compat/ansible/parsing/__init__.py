"""Texts that plugins read and write."""
