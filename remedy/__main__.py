"""Run the program, as ``remedy`` and as ``python -m remedy``."""

import gc
import sys

_YOUNG = (50_000, 20, 1000)
"""When to look for cycles: values are frozen and make none, so what has lived for a while is not searched again and again."""


def run() -> None:
    """Load the command line and run it; an interruption while it loads is one too."""
    gc.set_threshold(*_YOUNG)
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
