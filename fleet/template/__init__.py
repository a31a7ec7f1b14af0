"""Jinja2 over lazy, trusted variables: rendering, conditions, lookups. Data from hosts is never rendered."""
