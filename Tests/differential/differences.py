"""Where answers may differ, and why: each as narrow as can be.

A difference is looked for in the bytes of a request. Such a request is either left out, where
what follows would differ too, or sent between fences, so that its answer can be compared alone.
"""

import re

from .comparison import same_text
from .requests import sample

ERROR = b"ERROR\r\n"
BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"


class Known:
    """One known difference.

    `pattern` is what such a request matches. `answers` are the pairs of ours and theirs that may
    stand in for each other; without any, the request is not sent.
    """

    def __init__(self, name, reason, pattern, answers=()):
        self.name = name
        self.reason = reason
        self.pattern = re.compile(pattern, re.DOTALL)
        self.answers = answers
        self.met = 0

    def same(self, ours, theirs, pairs):
        return (ours, theirs) in self.answers or same_text(ours, theirs, pairs)


OF_1_6_18 = []

OF_CACHED = []


class Differences:
    """Those that apply to two servers, by their versions ("cached" for ours)."""

    def __init__(self, subject, oracle):
        self.list = []
        if "1.6.18" in (subject, oracle):
            self.list += OF_1_6_18
        if subject == "cached":
            self.list += OF_CACHED
        self.seen = {}

    def about(self, request):
        """The difference that a request may show, or None."""
        if not self.list:
            return None
        text = sample(request)[:400]
        for known in self.list:
            if known.pattern.match(text):
                known.met += 1
                return known
        return None
