"""Statistics of a comparison: curves, areas, labels saved, paired tests, and what may be said of them.

Plain mathematics on arrays with trials first: one number a trial (trials,), or a curve a trial
(trials, rounds). Everything is paired: row i of two arrays is the same trial (the same test split and
initial labels). ``level`` is a coverage everywhere (0.95): verdicts have false alarms at ``1 - level``.
NaN and infinite values raise.

The package needs NumPy and SciPy and imports nothing of skal, so it serves any study with paired trials: folds of a
cross-validation, seeds of a net. Its intervals and tests are about the trials: with one data set that is split anew,
they say what other splits and seeds of the same data would give, not what another data set would.
"""

from skal.statistics.anytime import anytime_evidence, anytime_interval, anytime_macro_interval
from skal.statistics.bootstrap import bootstrap_interval
from skal.statistics.calibration import expected_calibration_error
from skal.statistics.corrections import benjamini_hochberg, holm
from skal.statistics.curves import area_under_curve, mean_interval
from skal.statistics.drifting import AnytimeDifference, anytime_difference
from skal.statistics.effects import cohen_dz, hedges_gz, probability_of_superiority
from skal.statistics.families import differences_by_round, differences_from_baseline, differences_of_pairs
from skal.statistics.fixed_size import fixed_interval, hypergeometric_interval
from skal.statistics.label_counts import LabelsSaved, labels_saved, labels_to_reach
from skal.statistics.paired_tests import (
    PairedTest,
    paired_t_test,
    sign_flip_test,
    smallest_p_value,
    wilcoxon_test,
)
from skal.statistics.pairwise import PairwiseDifferences, pairwise_differences
from skal.statistics.pool_interval import PoolInterval
from skal.statistics.power import detectable_difference, paired_power, trials_needed
from skal.statistics.ranks import Ranks, nemenyi_difference, rank_strategies
from skal.statistics.sought import SoughtTotal, anytime_total, draws_needed
from skal.statistics.stratified import stratified_interval
from skal.statistics.verdicts import Difference, paired_difference

__all__ = [
    "AnytimeDifference",
    "Difference",
    "LabelsSaved",
    "PairedTest",
    "PairwiseDifferences",
    "PoolInterval",
    "Ranks",
    "SoughtTotal",
    "anytime_difference",
    "anytime_evidence",
    "anytime_interval",
    "anytime_macro_interval",
    "anytime_total",
    "area_under_curve",
    "benjamini_hochberg",
    "bootstrap_interval",
    "cohen_dz",
    "detectable_difference",
    "differences_by_round",
    "differences_from_baseline",
    "differences_of_pairs",
    "draws_needed",
    "expected_calibration_error",
    "fixed_interval",
    "hedges_gz",
    "holm",
    "hypergeometric_interval",
    "labels_saved",
    "labels_to_reach",
    "mean_interval",
    "nemenyi_difference",
    "paired_difference",
    "paired_power",
    "paired_t_test",
    "pairwise_differences",
    "probability_of_superiority",
    "rank_strategies",
    "sign_flip_test",
    "smallest_p_value",
    "stratified_interval",
    "trials_needed",
    "wilcoxon_test",
]
