"""Servers that want a login over SASL, ours and Debian's memcached, with the same users."""

import os
import shutil
import subprocess

from binary import SASL_AUTH, SASL_STEP, VERSION, packet
from daemon import Server
from logins import write_users

USERS = {"alice": "secret", "bob": "pass word"}
SASLPASSWD = shutil.which("saslpasswd2", path=os.environ.get("PATH", "") + ":/usr/sbin")
PROBE = packet(VERSION)


def sasl_server(binary, is_memcached, folder, *options, unix=None):
    """A server with -S whose users are USERS; memcached has them in a database of SASL's."""
    if not is_memcached:
        users = write_users(folder / "users", *(f"{name}:{word}" for name, word in USERS.items()))
        return Server(binary, "-S", "-Y", users, "-B", "binary", *options, unix=unix, probe=PROBE)
    database = folder / "database"
    for name, word in USERS.items():
        command = [SASLPASSWD, "-c", "-p", "-a", "memcached", "-f", str(database), name]
        subprocess.run(command, input=word.encode(), check=True, timeout=10)
    (folder / "memcached.conf").write_text(f"mech_list: plain\nsasldb_path: {database}\n")
    environment = {"SASL_CONF_PATH": str(folder)}
    return Server(binary, "-S", *options, unix=unix, env=environment, probe=PROBE)


def start(data, mechanism=b"PLAIN", **fields):
    return packet(SASL_AUTH, mechanism, value=data, **fields)


def step(data, mechanism=b"PLAIN", **fields):
    return packet(SASL_STEP, mechanism, value=data, **fields)


def plain(user, password, identity=b""):
    """What PLAIN sends: an identity to act for, a user and a password."""
    return b"\0".join([identity, user, password])


ALICE = start(plain(b"alice", b"secret"))
MALLORY = start(plain(b"alice", b"guess"))
