"""One run: so many requests of one seed to two servers."""

import os

from . import alone, binary, classic, keys, meta
from .binary_packets import without_cas
from .dice import Dice
from .pair import AnswersDiffer, Pair
from .steps import Step, minimised

TEXT_BATCH = 200
BINARY_BATCH = 200
ALONE_BATCH = 5
KINDS = {"text": 7, "binary": 2, "alone": 1}  # with how often each has its turn
MOST_LINES = 60
SHOWN_BYTES = 300
STEPS_BETWEEN_EMPTYING = 40


def text(dice):
    return (meta if dice.chance(0.6) else classic).request(dice)


def apart(difference):
    """Both answers, from shortly before where they part."""
    both = [without_cas(answer) for answer in (difference.ours, difference.theirs)]
    same = len(os.path.commonprefix(both))
    begin = max(0, same - SHOWN_BYTES // 2)
    cut = slice(begin, begin + SHOWN_BYTES)
    return [
        f"from byte {begin} of the answers:",
        f"ours:   {difference.ours[cut]!r}",
        f"theirs: {difference.theirs[cut]!r}",
    ]


class Run:
    """Goes on after a difference, with emptied servers, until there were `most_differences`."""

    def __init__(self, addresses, differences, seed, most_differences=1, kinds=KINDS):
        self.differences = differences
        self.pair = Pair(addresses, differences)
        self.dice = Dice(seed)
        self.seed = seed
        self.most_differences = most_differences
        self.kinds = kinds
        self.sent = 0
        self.reports = []

    def steps(self):
        """Endless steps, each made when it is its turn."""
        makers = {"text": self.text_steps, "binary": self.binary_steps, "alone": self.alone_steps}
        choices = [makers[kind] for kind in KINDS for _ in range(KINDS[kind]) if kind in self.kinds]
        while True:
            yield from self.dice.pick(choices)()
            yield Step("probe")

    def text_steps(self):
        yield Step("text", self.batch(text, TEXT_BATCH))

    def binary_steps(self):
        yield Step("binary", self.batch(binary.request, BINARY_BATCH))

    def alone_steps(self):
        for _ in range(ALONE_BATCH):
            yield Step("alone", self.alone())

    def batch(self, request, count):
        wanted = []
        while len(wanted) < count:
            made = request(self.dice)
            if not self.differences.is_left_out(made):
                wanted.append(made)
        return wanted

    def alone(self):
        """The requests of a connection of its own; those with known differences are left out."""
        sequence = alone.sequence(
            self.dice, "binary" in self.kinds, self.differences.include_mutations
        )
        return [request for request in sequence if not self.differences.about(request)]

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
