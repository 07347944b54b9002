"""Run the program as ``python -m remedy``."""

from remedy.cli import main

main()
