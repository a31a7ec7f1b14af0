"""The version of ansible-core whose language is spoken here."""

__version__ = "2.19.0"
__author__ = "fleet"
__codename__ = ""
