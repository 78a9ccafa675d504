"""What is known of a strategy without calling it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class StrategyInfo:
    """What is known of a strategy without calling it.

    Attributes
    ----------
    name : str
        As it is imported.
    summary : str
        First line of its documentation.
    reads : tuple of str
        Of "proba", "committee", "embedding", "multilabel", "sampled_proba", "predicted_loss", "boundary",
        "discriminator_score", "prediction", "std", "committee_prediction" (outputs of the model) and "labels"
        (labelled data).
    options : tuple of str
        Keyword options of its own.
    ranges : dict of str to str
        What its numeric options must be, in words, by name.
    takes_decisions : bool
        Whether it reads ``decision_function`` of a model that has no ``predict_proba``.
    """

    name: str
    summary: str
    reads: tuple[str, ...]
    options: tuple[str, ...]
    ranges: dict[str, str] = field(default_factory=dict, compare=False)
    takes_decisions: bool = False
