"""What a run does, one after the other, and how few of it show a difference."""

import itertools
import re
import time

from .pair import AnswersDiffer

ATTEMPTS = 500
PATIENCE_SECONDS = 60
REPEATED = re.compile(r"(.{1,4}?)\1{19,}")


class Step:
    """`kind` names a method of `Pair`; `requests` is what it is given."""

    __slots__ = ("kind", "requests")

    def __init__(self, kind, requests=()):
        self.kind = kind
        self.requests = list(requests)

    def run(self, pair):
        if self.kind == "probe":
            pair.probe()
        elif self.requests:
            getattr(pair, self.kind)(self.requests)

    def __str__(self):
        shown = (REPEATED.sub(r"\1(…)", repr(request)) for request in self.requests)
        return "\n".join([f"{self.kind}:", *(f"    {request}" for request in shown)])


def difference_of(pair, steps):
    """How the servers differ if these steps are done on empty ones, or None."""
    try:
        pair.empty()
        for step in steps:
            step.run(pair)
    except AnswersDiffer as difference:
        return difference
    return None


def minimised(pair, steps):
    """As few steps and requests as still show a difference, and that difference.

    The difference is None if it does not show again.
    """
    difference = difference_of(pair, steps)
    if difference is None:
        return steps, None
    pieces = [
        (number, step.kind, request)
        for number, step in enumerate(steps)
        for request in step.requests or [None]
    ]
    size = len(pieces) // 2
    attempts = 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while size > 0:
        place = 0
        while place < len(pieces) and attempts < ATTEMPTS and time.monotonic() < deadline:
            attempts += 1
            fewer = pieces[:place] + pieces[place + size :]
            still = difference_of(pair, joined(fewer)) if fewer else None
            if still:
                pieces, difference = fewer, still
            else:
                place += size
        size //= 2
    return joined(pieces), difference


def joined(pieces):
    """Steps again: neighbours that were of one step are."""
    steps = []
    for (_, kind), group in itertools.groupby(pieces, key=lambda piece: piece[:2]):
        steps.append(Step(kind, [request for _, _, request in group if request is not None]))
    return steps
