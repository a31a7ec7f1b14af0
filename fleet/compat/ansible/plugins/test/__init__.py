"""Tests as functions."""
