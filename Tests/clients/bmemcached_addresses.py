"""A pytest plugin that leads python-binary-memcached's own tests, which have their
addresses written in, to the daemons of ours, and gives them a daemon with SASL."""

import json
import os
import socket

import pytest


def pytest_configure():
    redirected = {
        ("127.0.0.1", 11211): ("127.0.0.1", int(os.environ["CACHED_SUITE_PORT"])),
        ("127.0.0.1", 5000): ("127.0.0.1", int(os.environ["CACHED_SUITE_OTHER_PORT"])),
        "/tmp/memcached.sock": os.environ["CACHED_SUITE_SOCKET"],
    }
    connect = socket.socket.connect

    def connect_elsewhere(self, address):
        return connect(self, redirected.get(address, address))

    socket.socket.connect = connect_elsewhere


@pytest.fixture
def memcached_sasl():
    return json.loads(os.environ["CACHED_SUITE_SASL"])
