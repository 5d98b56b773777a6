"""One run: so many requests of one seed to two servers."""

from . import classic, keys, meta
from .dice import Dice
from .pair import AnswersDiffer, Pair
from .steps import Step, minimised

BATCH = 200
MOST_LINES = 60
SHOWN_BYTES = 300
STEPS_BETWEEN_EMPTYING = 40


FLUSH = b"mn\r\n"
FETCHES = (b"get ", b"gets", b"gat ", b"gats", b"mg ")
COUNTS = (b"incr", b"decr", b"ma ")


def in_order(requests):
    """The requests, with `mn` where a count may follow a fetch of the same item.

    memcached counts in place, which leaves blanks behind a number that grows shorter, or makes
    a new item, when the old one waits to be sent. Whether it waits, is chance.
    """
    ordered = []
    may_wait = False
    for request in requests:
        start = request if isinstance(request, bytes) else request.before
        if may_wait and start.startswith(COUNTS):
            ordered.append(FLUSH)
            may_wait = False
        may_wait = may_wait or start.startswith(FETCHES)
        ordered.append(request)
    return ordered


def apart(difference):
    """Both answers, from shortly before where they part."""
    same = next(
        (
            place
            for place, (a, b) in enumerate(zip(difference.ours, difference.theirs, strict=False))
            if a != b
        ),
        min(len(difference.ours), len(difference.theirs)),
    )
    begin = max(0, same - SHOWN_BYTES // 2)
    cut = slice(begin, begin + SHOWN_BYTES)
    return [
        f"from byte {begin} of the answers:",
        f"ours:   {difference.ours[cut]!r}",
        f"theirs: {difference.theirs[cut]!r}",
    ]


class Run:
    """Goes on after a difference, with emptied servers, until there were `most_differences`."""

    def __init__(self, addresses, differences, seed, most_differences=1):
        self.differences = differences
        self.pair = Pair(addresses, differences)
        self.dice = Dice(seed)
        self.seed = seed
        self.most_differences = most_differences
        self.sent = 0
        self.reports = []

    def steps(self):
        """Endless steps, each as it is to be done next."""
        while True:
            yield Step("text", self.batch())
            yield Step("probe")

    def batch(self):
        dice = self.dice
        wanted = []
        while len(wanted) < BATCH:
            request = meta.request(dice) if dice.chance(0.6) else classic.request(dice)
            wanted.append(request)
        return in_order(wanted)

    def go(self, requests):
        history = []
        for step in self.steps():
            if self.sent >= requests or len(self.reports) >= self.most_differences:
                break
            if len(history) >= STEPS_BETWEEN_EMPTYING:
                self.pair.empty()
                history = []
            history.append(step)
            self.sent += len(step.requests) or len(keys.ALL)
            try:
                step.run(self.pair)
            except AnswersDiffer as difference:
                self.report(history, difference)
                self.pair.empty()
                history = []
        self.pair.close()
        return self.reports

    def report(self, history, difference):
        steps, smallest = minimised(self.pair, history)
        shown = smallest or difference
        lines = [f"seed {self.seed}, about request {self.sent}:"]
        if smallest is None:
            lines.append("(not shown again by the same steps on emptied servers)")
            lines.append(f"    {shown.requests!r}"[:2000])
        else:
            lines += [str(step) for step in steps]
        lines = "\n".join(lines).splitlines()
        if len(lines) > MOST_LINES:
            lines[MOST_LINES:] = [f"(and {len(lines) - MOST_LINES} lines more)"]
        lines += apart(shown)
        self.reports.append("\n".join(lines))
