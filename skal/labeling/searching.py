"""How far a search is: what was found, what that cost, and how much of it all that can be."""

from __future__ import annotations

from dataclasses import dataclass, field

from skal.labeling._words import counted

_STEPS = 8  # points of the curve that are told


@dataclass(frozen=True)
class Search:
    """How far the search for the rows of some classes is.

    Attributes
    ----------
    find : list of str
        The classes.
    found : list of str
        Ids of the rows whose label is one of them, in the order of asking.
    n_labels : int
        Rows whose label holds.
    curve : list of (int, int)
        Labels, and how many of these rows were among them, after each label.
    n_since : int
        Labels since the last of these rows was found.
    n_draws : int
        Random rows that the interval rests on.
    low, high : int
        95 % interval of the number of these rows in the pool, which holds whenever one looks (docs/find.md).
    n_rows : int
        Rows of the pool.
    n_sure : int or None
        Random rows without another of these classes after which at most a twentieth of them is missed, at 95 %; None
        where nothing is found, or that is known already.
    """

    find: list[str]
    found: list[str]
    n_labels: int
    curve: list[tuple[int, int]] = field(repr=False)
    n_since: int
    n_draws: int
    low: int
    high: int
    n_rows: int
    n_sure: int | None = None

    @property
    def recall(self) -> tuple[float, float]:
        """95 % interval of the share of these rows that is found; (0, 1) while nothing is known."""
        n = len(self.found)
        if n == 0:
            return (1.0, 1.0) if self.high == 0 else (0.0, 1.0)
        return n / self.high, n / max(self.low, n)

    @property
    def labels_per_found(self) -> float | None:
        """Labels for each row that was found; None while there is none."""
        return self.n_labels / len(self.found) if self.found else None

    def in_words(self) -> list[str]:
        """Return one plain sentence for each number."""
        n, names = len(self.found), " or ".join(self.find)
        if not n:
            lines = [f"Sought: {names}. None is found among {counted(self.n_labels, 'label')}."]
        else:
            lines = [
                f"Sought: {names}. {n} found among {counted(self.n_labels, 'label')}, one in "
                f"{self.labels_per_found:.1f}; {counted(self.n_since, 'label')} since the last."
            ]
            steps = self._steps()
            lines.append("Found by labels: " + ", ".join(f"{labels}: {there}" for labels, there in steps) + ".")
        if not self.n_draws:
            lines.append("How many there are is not known: no row was drawn at random yet (--random-share, --audit).")
            return lines
        low, high = self.recall
        share = f"{100 * low:.0f} to {100 * high:.0f} % of them are found" if n else "none of them is found"
        lines.append(
            f"Of the {self.n_rows:,} rows, {self.low} to {self.high} are sought, so {share} (95 % interval, valid "
            f"whenever you look; it rests on {counted(self.n_draws, 'random row')})."
        )
        if self.n_sure:
            lines.append(
                f"To know that at most 5 % are missed takes about {self.n_sure:,} random rows without another one; "
                "--random-share 1 asks random rows alone."
            )
        return lines

    def __str__(self) -> str:
        return "\n".join(self.in_words())

    def _steps(self) -> list[tuple[int, int]]:
        """A few points of the curve, the last one among them."""
        every = max(-(-len(self.curve) // _STEPS), 1)
        return [*self.curve[every - 1 : -1 : every], self.curve[-1]]
