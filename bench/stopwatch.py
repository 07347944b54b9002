"""Runs one command and prints its seconds, its seconds of processor, the KiB of its largest process, and its exit code.

It is a process of its own, and a small one, because a command's peak of memory is never less than that of the process that
starts it. All output is read: with /dev/null for stdout, GNU grep stops at the first match. The end of it is passed on.
"""

import os
import sys
import time

KEPT = 4096


def main():
    """Run what the command line says."""
    end, start = os.pipe()
    actions = [(os.POSIX_SPAWN_DUP2, start, 1), (os.POSIX_SPAWN_CLOSE, end), (os.POSIX_SPAWN_CLOSE, start)]
    began, said = time.perf_counter(), b""
    process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
    os.close(start)
    while block := os.read(end, 1 << 16):
        said = (said + block)[-KEPT:]
    _, status, used = os.wait4(process, 0)
    spent, code = time.perf_counter() - began, os.waitstatus_to_exitcode(status)
    print(spent, used.ru_utime + used.ru_stime, used.ru_maxrss, code, flush=True)  # noqa: T201 - it is what this is for
    os.write(1, said)


if __name__ == "__main__":
    main()
