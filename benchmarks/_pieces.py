"""Long studies in pieces: a piece ends after so many minutes, between two rounds, and the next one goes on."""

import time


class PieceIsOver(Exception):
    """The minutes of this piece are spent."""


class Piece:
    """Progress of a study that prints every round, and raises `PieceIsOver` when the next one might not fit."""

    def __init__(self, minutes=None):
        self.minutes = minutes
        self.start = self.last = time.monotonic()
        self.longest = 0.0

    def __call__(self, name, trial, round_):
        now = time.monotonic()
        self.longest, self.last = max(self.longest, now - self.last), now
        print(f"{name}, trial {trial}, round {round_}: {now - self.start:.0f} s", flush=True)
        if self.minutes and now - self.start + 1.2 * self.longest > 60 * self.minutes:
            raise PieceIsOver
