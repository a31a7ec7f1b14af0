"""YAML values that know their file, line and column; mistakes that are collected, then shown together."""
