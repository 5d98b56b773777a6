"""pylibmc, that is libmemcached: both protocols, SASL, and keys spread by ketama."""

import contextlib

import pylibmc
import pytest
from checks import Cache, ClientChecks, check_refusal
from daemon import Daemon, is_memcached
from secured import PASSWORD, USER, SASLDaemon


class Pylibmc(Cache):
    too_large = pylibmc.TooBig

    def __init__(self, *daemons, **options):
        options["behaviors"] = {"cas": True} | options.get("behaviors", {})
        addresses = [daemon.location.removeprefix("unix:") for daemon in daemons]
        self.client = pylibmc.Client(addresses, **options)
        self.get, self.get_many = self.client.get, self.client.get_multi
        self.gets = self.client.gets
        self.touch, self.delete = self.client.touch, self.client.delete
        self.close = self.client.disconnect_all

    def set(self, key, value, seconds=0):
        assert self.client.set(key, value, seconds) is True

    def cas(self, key, value, token):
        return self.client.cas(key, value, token)

    def incr(self, key, by):
        return self._count(self.client.incr, key, by)

    def decr(self, key, by):
        return self._count(self.client.decr, key, by)

    def _count(self, call, key, by):
        try:
            return call(key, by)
        except pylibmc.NotFound:
            return None


def login(user=USER, password=PASSWORD):
    return {"binary": True, "username": user, "password": password}


CONFIGURATIONS = {
    "text-tcp": {},
    "text-unix": {},
    "binary-tcp": {"binary": True},
    "binary-unix": {"binary": True},
    "binary-sasl": login(),
}


class TestPylibmc(ClientChecks):
    @pytest.fixture(params=CONFIGURATIONS)
    def client(self, request):
        daemon = request.getfixturevalue(f"{request.param.partition('-')[2]}_daemon")
        daemon.flush()
        client = Pylibmc(daemon, **CONFIGURATIONS[request.param])
        yield client
        client.close()


@pytest.mark.parametrize("binary", [False, True])
def test_many_at_once(tcp_daemon, binary):
    tcp_daemon.flush()
    client = pylibmc.Client([tcp_daemon.location], binary=binary)
    values = {f"key{number}": "x" * (number % 500) for number in range(5000)}
    assert client.set_multi(values) == []
    assert client.get_multi(list(values)) == values
    assert client.add_multi({"key0": "other", "new": "value"}) == ["key0"]
    assert client.delete_multi(list(values)) is True
    assert client.get_multi([*values, "new"]) == {"new": "value"}


@pytest.mark.parametrize("binary", [False, True])
def test_append_prepend_replace(tcp_daemon, binary):
    tcp_daemon.flush()
    client = pylibmc.Client([tcp_daemon.location], binary=binary)
    with pytest.raises(pylibmc.NotFound) if binary else contextlib.nullcontext():
        assert client.replace("key", b"value") is False
    assert client.add("key", b"b") is True
    assert client.append("key", b"c") is True and client.prepend("key", b"a") is True
    assert client.get("key") == b"abc"
    assert client.replace("key", b"d") is True
    assert client.get("key") == b"d"


def test_no_reply(tcp_daemon):
    """libmemcached uses the quiet commands then."""
    tcp_daemon.flush()
    client = pylibmc.Client([tcp_daemon.location], binary=True, behaviors={"_noreply": True})
    values = {f"key{number}": b"value" for number in range(1000)}
    for key, value in values.items():
        client.set(key, value)
    client.delete("key0")
    del values["key0"]
    assert client.get_multi([*values, "key0"]) == values


@pytest.mark.parametrize("options", [{}, {"binary": True}, login()], ids=["text", "binary", "sasl"])
def test_ketama_over_three_daemons(options):
    kind = SASLDaemon if "username" in options else Daemon
    values = {f"key{number}": b"value %d" % number for number in range(300)}
    options = {"behaviors": {"ketama": True}} | options
    with kind() as first, kind() as second, kind() as third:
        daemons = first, second, third
        client = Pylibmc(*daemons, **options)
        for key, value in values.items():
            client.set(key, value)
        other = Pylibmc(third, first, second, **options)  # ketama heeds no order
        assert other.get_many(list(values)) == values
        counts = [daemon.stat("curr_items") for daemon in daemons]
        assert sum(counts) == len(values) and min(counts) > len(values) // 10, counts
        assert client.incr("unknown", 1) is None and client.touch("key1", 100) is True
        assert all(other.delete(key) for key in values)


@pytest.mark.parametrize("user, password", [(USER, "wrong"), ("nobody", PASSWORD), (USER, "")])
def test_wrong_login(sasl_daemon, user, password):
    check_refusal(lambda: Pylibmc(sasl_daemon, **login(user, password)), pylibmc.Error)
    assert sasl_daemon.raw_item("key") is None


def test_no_login(sasl_daemon):
    check_refusal(lambda: Pylibmc(sasl_daemon, binary=True), pylibmc.Error)


@pytest.mark.skipif(is_memcached(), reason="memcached has no binary protocol with -Y")
def test_one_file_of_users_for_both_protocols(login_daemon):
    login_daemon.flush()
    client = Pylibmc(login_daemon, **login())
    client.set("key", b"value")
    assert login_daemon.raw_item("key")[1] == b"value"
    check_refusal(lambda: Pylibmc(login_daemon, **login(password="wrong")), pylibmc.Error)
    check_refusal(lambda: Pylibmc(login_daemon), pylibmc.Error)
    assert client.get("key") == b"value"
