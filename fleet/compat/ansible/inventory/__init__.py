"""Hosts and groups, as inventory plugins import them."""
