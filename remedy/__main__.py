"""Run the program, as ``remedy`` and as ``python -m remedy``."""

import sys


def run() -> None:
    """Load the command line and run it; an interruption while it loads is one too."""
    try:
        from remedy.cli import answered

        if not answered(sys.argv[1:]):
            from remedy.cli import main

            main()
    except KeyboardInterrupt:
        sys.stderr.write("remedy: interrupted; nothing was written.\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
