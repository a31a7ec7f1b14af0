"""Helpers that modules and plugins share. Files here may travel to hosts: Python 3.6, standard library only."""
