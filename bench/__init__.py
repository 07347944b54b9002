"""Measurements side by side with what users would otherwise use; see `make bench`."""
