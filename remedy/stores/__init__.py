"""Places that hold a directory."""
