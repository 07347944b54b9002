"""Start the program again and again without loading it each time: who has loaded it makes a copy of itself for each run.

From the first call that changes a file to the last it is the program as it is; only loading, which changes no file,
was done before. The sweeps of the soak load it anew for each run.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LONGEST = 60
"""Seconds that a run may take."""


class Starter:
    """Runs the program with a library in front of the C library: ``with Starter(shim) as start: start(words, …)``."""

    def __init__(self, shim):
        self.shim = shim

    def __enter__(self):
        self._loaded = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LD_PRELOAD": str(self.shim)},
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self._loaded.communicate(timeout=LONGEST)

    def __call__(self, words, folder, env):
        """Run the program to its end, early or not."""
        self._loaded.stdin.write(json.dumps({"words": words, "folder": str(folder), "env": env}) + "\n")
        self._loaded.stdin.flush()
        return subprocess.CompletedProcess(words, *json.loads(self._loaded.stdout.readline()))


def _obey(order, *streams):
    """Be the program, in a process that was made for it; its streams are pipes, as of any child."""
    from remedy.__main__ import run

    signal.alarm(LONGEST)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["env"])
    for number, stream in enumerate((os.open(os.devnull, os.O_RDONLY), *streams)):
        os.dup2(stream, number)
    sys.argv = ["remedy", *order["words"]]
    run()


def _wait_for_orders():
    import remedy.cli.apply
    import remedy.cli.rollback
    import remedy.execution
    import remedy.stores.ldap
    import remedy.undoing  # noqa: F401 - loading is the purpose

    for line in sys.stdin:
        (out, its_out), (err, its_err) = os.pipe(), os.pipe()
        child = os.fork()
        if not child:
            _obey(json.loads(line), its_out, its_err)
        os.close(its_out)
        os.close(its_err)
        said = [os.fdopen(stream).read() for stream in (out, err)]
        _, status = os.waitpid(child, 0)
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), *said]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _wait_for_orders()
