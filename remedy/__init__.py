"""Finds Microsoft Mail postoffices that make mail loops behind an Exchange server, and plans the cure."""

__version__ = "0.1.0"
