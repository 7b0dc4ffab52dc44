"""
Starts LocalStack on 127.0.0.1, and ends when standard input does, so that it never outlives whoever started it; the emulators that it has
started end first. Outside of a container it ignores the host that it is told to listen on and takes every interface.
"""

import os
import socket
import sys
import threading

import psutil

bind = socket.socket.bind


def bind_to_loopback(self, address):
    if self.family == socket.AF_INET:
        address = ("127.0.0.1", *address[1:])
    elif self.family == socket.AF_INET6:
        address = ("::1", *address[1:])
    return bind(self, address)


socket.socket.bind = bind_to_loopback


def end_with_input():
    while sys.stdin.buffer.read(4096):
        pass
    for child in psutil.Process().children(recursive=True):
        child.kill()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()

from localstack.runtime.main import main  # noqa: E402

main()
