"""Packets of the binary protocol."""

import struct

REQUEST = 0x80
REPLY = 0x81
HEADER = struct.Struct(">BBHBBHLLQ")  # magic, opcode, key, extras, type, vbucket, body, opaque, CAS
HEADER_BYTES = 24
CAS_PLACE = slice(16, 24)
FENCE_OPAQUE = 0xFEFEFEFE
FENCE = HEADER.pack(REQUEST, 0x0A, 0, 0, 0, 0, 0, FENCE_OPAQUE, 0)
FENCE_REPLY = HEADER.pack(REPLY, 0x0A, 0, 0, 0, 0, 0, FENCE_OPAQUE, 0)


def is_binary(requests):
    first = requests[0] if isinstance(requests[0], bytes) else requests[0].before
    return first[:1] == b"\x80"


def packet(opcode, key=b"", extras=b"", value=b"", opaque=0, cas=0):
    body = extras + key + value
    return HEADER.pack(REQUEST, opcode, len(key), len(extras), 0, 0, len(body), opaque, cas) + body


def packets(data):
    """(header without CAS, CAS, body) of each packet; what is cut off has CAS 0."""
    found = []
    while data:
        if len(data) < HEADER_BYTES:
            found.append((data, 0, b""))
            break
        body_bytes = int.from_bytes(data[8:12])
        cas = int.from_bytes(data[16:24])
        end = HEADER_BYTES + body_bytes
        found.append((data[:16], cas, data[HEADER_BYTES:end]))
        data = data[end:]
    return found


def without_cas(answer):
    """An answer of as many bytes, with zeros for the CAS of its packets, if it has any."""
    if answer[:1] != b"\x81":
        return answer
    return b"".join(head + bytes(8) + body for head, _, body in packets(answer))
