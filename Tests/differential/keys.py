"""The few keys that all requests use, so that what they do to each other shows."""

import base64

NUMBERS = [b"n1", b"n2"]
WORDS = [b"foo", b"bar", b"k3", b"q" * 250, b"\x01\xff\x80", b"noreply"]
# Only base64 and the binary protocol can name these.
BINARY = [b"with space", b"line\r\nend", b"\0", b"b" * 186]
TOO_LONG = b"z" * 251

TEXT = NUMBERS + WORDS
ALL = TEXT + BINARY


def encoded(key):
    return base64.b64encode(key)
