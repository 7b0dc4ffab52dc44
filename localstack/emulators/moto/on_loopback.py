"""Starts moto's server on 127.0.0.1, and ends when standard input does, so that it never outlives whoever started it."""

import os
import sys
import threading

from moto.server import main

# Nothing is written into the package's own folder.
sys.dont_write_bytecode = True
import alarms  # noqa: E402, F401


def end_with_input():
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
main(["--host", "127.0.0.1", "--port", sys.argv[1]])
