"""The protocol of a comparison: every choice, written down before the first fit."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w


@dataclass(frozen=True)
class Protocol:
    """Everything that decides what a comparison finds.

    Attributes
    ----------
    data : str
        Name or path of the data set, or "arrays".
    fingerprint : str
        Digest of the data: another content is another study.
    estimator : str
        Name of a preset, or the representation of an estimator.
    strategies : dict of str to dict
        By the name on the curves: ``strategy``, the function, and its options.
    n_initial, n_instances, n_rounds, n_trials : int
        Labels to start with, labels a round, rounds, repetitions.
    initial : str
        How the initial labels are chosen.
    test_size : float
        Share of the rows that are tested on; 0 if the data came with a test part.
    metrics : tuple of str
        What is measured; verdicts are about the first.
    seed : int
        Everything random is drawn from it.
    oracle : dict or None, default=None
        Who answers: "noisy" and its options. None: labels are right.
    initial_left_out : int, default=0
        Classes that the initial labels leave out.
    n_unlabeled : int, default=0
        Rows of the data that have no label, and were left out.
    recipe : dict or None, default=None
        How the task model is trained: a name of `skal.study.RECIPES` and its options. None: as it is given.
    follows : dict or None, default=None
        The written-down protocol that was asked for: its name, its scale, and what was changed.
    cost : dict or None, default=None
        What a label costs: "clicks" and its options. None: one each.
    round_budget : float or None, default=None
        Money a round, in units of the cost, in the place of `n_instances`.
    budget_policy : str, default="stop_before"
        What is done where the money of a round does not pay for the next label.
    columns : dict or None, default=None
        What the columns of a table are used as, by their names. None: the task model does not read columns.
    """

    data: str
    fingerprint: str
    estimator: str
    strategies: dict[str, dict[str, Any]]
    n_initial: int
    n_instances: int
    n_rounds: int
    n_trials: int
    initial: str
    test_size: float
    metrics: tuple[str, ...]
    seed: int
    oracle: dict[str, Any] | None = None
    initial_left_out: int = 0
    n_unlabeled: int = 0
    recipe: dict[str, Any] | None = None
    follows: dict[str, Any] | None = None
    cost: dict[str, Any] | None = None
    round_budget: float | None = None
    budget_policy: str = "stop_before"
    columns: dict[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain dicts, lists, numbers and strings; what came later is left out where it holds its default.

        So the protocol of a study that was written before is that of the same study now.
        """
        entries = {**dataclasses.asdict(self), "metrics": list(self.metrics)}
        later = {field.name: field.default for field in dataclasses.fields(self)}
        return {name: value for name, value in entries.items() if value != later[name]}

    def to_toml(self) -> str:
        """Return the text of a file that ``skal compare --config`` takes."""
        return tomli_w.dumps(self.to_dict())


def read_config(path: str | Path) -> dict[str, Any]:
    """Read a TOML file of choices; a protocol that was printed is one.

    Parameters
    ----------
    path : str or Path
        File.

    Returns
    -------
    dict
        Entries of `Protocol`, as far as they are there.

    Raises
    ------
    ValueError
        If the file is no TOML or names what a protocol does not have.
    """
    try:
        content = tomllib.loads(Path(path).read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path} cannot be read as TOML: {error}") from error
    known = {field.name for field in dataclasses.fields(Protocol)} | {"target", "recipes", "estimator_digest"}
    unknown = sorted(set(content) - known)
    if unknown:
        raise ValueError(f"{path}: there is no entry {', '.join(unknown)}; there are {', '.join(sorted(known))}.")
    content.pop("estimator_digest", None)  # of protocols that were printed before code was known by its content
    return content
