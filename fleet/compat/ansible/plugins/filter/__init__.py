"""Filters as functions."""
