"""config get cluster and config set cluster, as ElastiCache has them for auto-discovery."""

import pytest

from client import set_, value_reply

NODES = "one.example|10.0.0.1|11211,two.example||11212"
LINE = b"one.example|10.0.0.1|11211 two.example||11212"
pytestmark = pytest.mark.cached_only(
    "an addition: auto-discovery, --cluster-nodes and --cluster-updates"
)


def payload(version, line):
    return b"%d\n%s\n" % (version, line)


def configuration(body):
    return b"CONFIG cluster 0 %d\r\n%s\r\nEND\r\n" % (len(body), body)


def config_set(body, tail=b""):
    return b"config set cluster 0 %d%s\r\n%s\r\n" % (len(body), tail, body)


def test_without_the_option_there_is_no_such_command(launch):
    with launch().connect() as client:
        assert client.run(b"config get cluster\r\n") == b"ERROR\r\n"
        assert client.run(b"config set cluster 0 5\r\n") == b"ERROR\r\n"
        assert client.run(b"get AmazonElastiCache:cluster\r\n") == b"END\r\n"


def test_the_nodes_of_the_option_are_told(launch):
    with launch("--cluster-nodes", NODES).connect() as client:
        assert client.run(b"config get cluster\r\n") == configuration(payload(1, LINE))
        assert client.run(b"config get other\r\n") == b"END\r\n"
        assert client.run(b"config get\r\n") == b"ERROR\r\n"


def test_old_clients_find_them_under_a_key(launch):
    key = b"AmazonElastiCache:cluster"
    with launch("--cluster-nodes", NODES).connect() as client:
        expected = value_reply(key, payload(1, LINE))
        assert client.run(b"get %s\r\n" % key) == expected
        assert client.run(b"get a %s b\r\n" % key) == expected
        assert client.run(b"gets %s\r\n" % key) == expected.replace(b"\r\n", b" 0\r\n", 1)
        assert client.run(b"get AmazonElastiCache:cluste\r\n") == b"END\r\n"
        # It is no item: only what a client stores there is.
        assert client.stats()["curr_items"] == "0"
        client.run(set_(key, b"x") + b"flush_all\r\n")
        assert client.run(b"get %s\r\n" % key) == expected


def test_nobody_may_change_them_unless_that_is_allowed(launch):
    with launch("--cluster-nodes", NODES).connect() as client:
        refusal = b"CLIENT_ERROR config set not allowed\r\n"
        assert client.run(config_set(payload(2, b"a|b|1"))) == refusal
        assert client.run(config_set(payload(2, b"a|b|1"), b" noreply")) == b""
        assert client.run(config_set(b"x" * 1_000_000)) == refusal
        assert client.run(b"config get cluster\r\n") == configuration(payload(1, LINE))


def test_they_are_changed_where_that_is_allowed(launch):
    with launch("--cluster-updates").connect() as client:
        assert client.run(b"config get cluster\r\n") == b"END\r\n"
        body = payload(7, b"a.example|10.1.1.1|1 b.example||65535")
        assert client.run(config_set(body)) == b"STORED\r\n"
        assert client.run(b"config get cluster\r\n") == configuration(body)
        assert client.run(config_set(payload(8, b"c||1"), b" noreply")) == b""
        assert client.run(b"config get cluster\r\n") == configuration(payload(8, b"c||1"))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1\n",
        b"x\na|b|1\n",
        b"-1\na|b|1\n",
        b"1\na|b\n",
        b"1\na|b|0\n",
        b"1\na|b|65536\n",
        b"1\na|b|1\nmore\n",
        b"1\n|b|1\n",
        b"1\na\x01|b|1\n",
        b"1\n\xff|b|1\n",
        b"1\n" + b"a|b|1 " * 257,
        b"1\n" + b"a" * 256 + b"|b|1",
        b"x" * 70_000,
    ],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_malformed_changes_nothing(launch, body):
    with launch("--cluster-nodes", NODES, "--cluster-updates").connect() as client:
        reply = b"CLIENT_ERROR invalid cluster configuration\r\n"
        assert client.run(config_set(body)) == reply
        assert client.run(b"config get cluster\r\n") == configuration(payload(1, LINE))


def test_a_body_without_its_end_is_an_error(launch):
    with launch("--cluster-updates").connect() as client:
        request = b"config set cluster 0 8\r\n1\na|b|1\nxx"
        assert client.run(request) == b"CLIENT_ERROR bad data chunk\r\n"


def test_a_body_may_come_byte_by_byte(launch):
    with launch("--cluster-updates").connect() as client:
        for byte in config_set(payload(1, LINE)):
            client.send(bytes([byte]))
        assert client.read_line() == b"STORED\r\n"
        assert client.run(b"config get cluster\r\n") == configuration(payload(1, LINE))
