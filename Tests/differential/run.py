"""One run: so many requests of one seed to two servers."""

from . import alone, binary, classic, keys, meta
from .dice import Dice
from .pair import AnswersDiffer, Pair
from .steps import Step, minimised

TEXT_BATCH = 200
BINARY_BATCH = 200
ALONE_BATCH = 5
MOST_LINES = 60
SHOWN_BYTES = 300
STEPS_BETWEEN_EMPTYING = 40


FETCHES = (b"get ", b"gets", b"gat ", b"gats", b"mg ")
COUNTS = (b"incr", b"decr", b"ma ")


def calmed(requests, flush, fetches, counts):
    """The requests, with a flush where a count may follow a fetch of the same item.

    memcached counts in place, which leaves blanks behind a number that grows shorter, or makes
    a new item, when the old one waits to be sent. Whether it waits, is chance.
    """
    ordered = []
    may_wait = False
    for request in requests:
        if may_wait and counts(request):
            ordered.append(flush)
            may_wait = False
        may_wait = may_wait or fetches(request)
        ordered.append(request)
    return ordered


def text(dice):
    return (meta if dice.chance(0.6) else classic).request(dice)


def start_of(request):
    return request if isinstance(request, bytes) else request.before


def calmed_text(requests):
    return calmed(
        requests,
        b"mn\r\n",
        lambda request: start_of(request).startswith(FETCHES),
        lambda request: start_of(request).startswith(COUNTS),
    )


def calmed_packets(requests):
    return calmed(requests, binary.NOOP, binary.fetches, binary.counts)


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
        """Endless steps, each made when it is its turn."""
        while True:
            roll = self.dice.random()
            if roll < 0.7:
                yield Step("text", calmed_text(self.batch(text, TEXT_BATCH)))
            elif roll < 0.9:
                yield Step("binary", calmed_packets(self.batch(binary.request, BINARY_BATCH)))
            else:
                for _ in range(ALONE_BATCH):
                    yield Step("alone", self.alone())
            yield Step("probe")

    def batch(self, request, count):
        wanted = []
        while len(wanted) < count:
            made = request(self.dice)
            if not self.differences.is_left_out(made):
                wanted.append(made)
        return wanted

    def alone(self):
        """The requests of a connection of its own; those with known differences are left out."""
        sequence = alone.sequence(self.dice, self.differences.include_mutations)
        wanted = [request for request in sequence if not self.differences.about(request)]
        return alone.flushed(wanted)

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
