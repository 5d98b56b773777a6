"""The CAS in the header: what it is a condition for, and what it becomes."""

import pytest

from binary import (
    ADD,
    APPEND,
    DELETE,
    EXISTS,
    GET,
    NOT_FOUND,
    OK,
    PREPEND,
    REPLACE,
    SET,
    Binary,
    packet,
    store,
)
from meta import cas_of


@pytest.fixture
def a(packets):
    packets.run(store(b"a", b"old"))
    return packets


def cas(packets, key=b"a"):
    return packets.ask(packet(GET, key)).cas


@pytest.mark.parametrize("opcode", [SET, REPLACE])
def test_a_store_with_the_right_cas_is_done(a, opcode):
    before = cas(a)
    reply = a.ask(store(b"a", b"new", opcode=opcode, cas=before))
    assert reply.status == OK
    assert reply.cas > before
    assert a.value(b"a") == b"new"


@pytest.mark.parametrize("opcode", [SET, REPLACE, ADD])
def test_a_store_with_another_cas_is_refused(a, opcode):
    assert a.ask(store(b"a", b"new", opcode=opcode, cas=cas(a) + 1000)).status == EXISTS
    assert a.value(b"a") == b"old"


@pytest.mark.parametrize("opcode", [SET, REPLACE, ADD])
def test_a_store_with_a_cas_of_a_missing_key_is_not_found(packets, opcode):
    assert packets.ask(store(b"a", b"new", opcode=opcode, cas=1)).status == NOT_FOUND
    assert packets.value(b"a") is None


@pytest.mark.parametrize("opcode", [APPEND, PREPEND])
def test_append_and_prepend_look_at_the_cas(a, opcode):
    right = cas(a)
    assert a.ask(packet(opcode, b"a", value=b"x", cas=right + 1000)).status == EXISTS
    assert a.ask(packet(opcode, b"a", value=b"x", cas=right)).status == OK


def test_delete_looks_at_the_cas(a):
    right = cas(a)
    assert a.ask(packet(DELETE, b"a", cas=right + 1000)).status == EXISTS
    assert a.ask(packet(DELETE, b"a", cas=right)).status == OK
    assert a.ask(packet(DELETE, b"a", cas=right)).status == NOT_FOUND


@pytest.mark.parametrize(
    "request_",
    [
        store(b"a", b"new"),
        store(b"a", b"new", opcode=REPLACE),
        packet(APPEND, b"a", value=b"x"),
        packet(PREPEND, b"a", value=b"x"),
    ],
)
def test_a_store_answers_with_the_new_cas(a, request_):
    before = cas(a)
    after = a.ask(request_).cas
    assert after > before
    assert cas(a) == after


def test_an_add_answers_with_the_cas_of_the_new_item(packets):
    assert packets.ask(store(b"a", b"x", opcode=ADD)).cas == cas(packets)


def test_it_is_the_cas_of_gets(a, client):
    assert cas_of(client) == cas(a)


def test_without_cas_it_is_0_everywhere_and_no_condition(launch):
    with launch("-C").connect() as client:
        packets = Binary(client)
        assert packets.ask(store(b"a", b"x")).cas == 0
        assert cas(packets) == 0
        assert packets.ask(store(b"a", b"y", cas=1)).status == OK
