"""--max-entries with the binary protocol: what makes an entry makes room for it."""

import pytest

from binary import ADDQ, GET, OK, SETQ, Binary, count, packet, set_extras, store, touch

pytestmark = pytest.mark.cached_only("culling by number of entries, as Django's caches do it")

MANY = 12_000  # half of it is more than what goes before others have their turn


def start(launch, entries, frequency):
    options = ("--max-entries", str(entries), "--cull-frequency", str(frequency))
    return Binary(launch(*options).connect())


def fill(packets, entries):
    packets.run(*(store(b"k%d" % n, b"%d" % n, opcode=SETQ) for n in range(entries)))


def survivors(packets, entries):
    """The numbers of the keys that are left, asked for in one pipeline."""
    asked = packets.run(*(packet(GET, b"k%d" % n, opaque=n) for n in range(entries)))
    return [reply.opaque for reply in asked if reply.status == OK]


NEW = {
    "set": store(b"new", b"1"),
    "quiet add": store(b"new", b"1", opcode=ADDQ),
    "incr": count(b"new", initial=5, exptime=0),
    "large": store(b"new", b"x" * 100_000),
}


@pytest.mark.parametrize("request_", NEW.values(), ids=NEW.keys())
def test_a_new_key_culls_the_oldest_part(launch, request_):
    packets = start(launch, 10, 2)
    fill(packets, 10)
    packets.run(request_)
    assert survivors(packets, 10) == [5, 6, 7, 8, 9]
    assert packets.value(b"new") is not None


@pytest.mark.parametrize("pieces", [1, 5])
@pytest.mark.parametrize("request_", NEW.values(), ids=NEW.keys())
def test_a_large_cull_is_waited_for_and_what_follows_comes_after(launch, request_, pieces):
    packets = start(launch, MANY, 2)
    fill(packets, MANY)
    data = request_ + packet(GET, b"new", opaque=1) + store(b"behind", b"2", opaque=2)
    part = -(-len(data) // pieces)
    for position in range(0, len(data), part):
        packets.client.send(data[position : position + part])
    found = {reply.opaque: reply for reply in packets.run()}
    assert found[1].status == OK and found[1].value
    assert found[2].status == OK
    assert survivors(packets, MANY) == list(range(MANY // 2, MANY))


def test_a_large_value_that_waits_for_a_cull_needs_nothing_behind_it(launch):
    packets = start(launch, MANY, 2)
    fill(packets, MANY)
    value = b"x" * 100_000
    whole = store(b"new", value)
    packets.client.send(whole[:50_000])
    packets.client.send(whole[50_000:])
    assert packets.client.read(24)[6:8] == b"\0\0"
    assert packets.value(b"new") == value


@pytest.mark.parametrize(
    "request_",
    [
        store(b"k0", b"9"),
        packet(0x0E, b"k0", value=b"9"),
        count(b"k0", initial=1, exptime=0),
        packet(0x02, b"k0", set_extras(), b"9"),
        count(b"missing"),
        touch(b"missing", 0),
    ],
    ids=["set", "append", "incr", "add", "no new counter", "touch"],
)
def test_what_makes_no_entry_never_culls(launch, request_):
    packets = start(launch, 10, 2)
    fill(packets, 10)
    packets.run(request_)
    assert survivors(packets, 10) == list(range(10))
