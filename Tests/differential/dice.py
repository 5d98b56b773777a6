"""Quick random choices: half the time of a run would go into `random.choice`."""

import random


class Dice:
    def __init__(self, seed):
        self.generator = random.Random(seed)
        self.random = self.generator.random

    def pick(self, choices):
        return choices[int(self.random() * len(choices))]

    def chance(self, probability):
        return self.random() < probability

    def below(self, bound):
        return int(self.random() * bound)

    def bytes(self, count):
        return self.generator.randbytes(count)

    def some(self, choices, most):
        """Up to `most` different ones, in random order."""
        count = min(int(self.random() * (most + 1)), len(choices))
        return self.generator.sample(choices, count)
