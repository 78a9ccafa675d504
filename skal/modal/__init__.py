"""modAL's modules, names and forms, answered by skal: ``import skal.modal as modAL``.

Modules and functions are where modAL 0.4.2 has them. Strategies give the pair ``(indices, scores)`` and break no ties
at random unless they are asked to; measures of an unfitted model give what modAL's give. Learners are skal's. What
differs is in docs/from_modal.md; programs that need no such form do better with `skal.query` and `skal.scores`.
"""

from skal.modal import (
    acquisition,
    batch,
    density,
    disagreement,
    dropout,
    expected_error,
    models,
    multilabel,
    uncertainty,
    utils,
)
from skal.modal.models import ActiveLearner, Committee, CommitteeRegressor

__all__ = [
    "ActiveLearner",
    "Committee",
    "CommitteeRegressor",
    "acquisition",
    "batch",
    "density",
    "disagreement",
    "dropout",
    "expected_error",
    "models",
    "multilabel",
    "uncertainty",
    "utils",
]
