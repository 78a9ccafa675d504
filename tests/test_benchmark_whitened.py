"""The benchmark of VAAL and SRAAL behind a PCA: what is held out, and the table."""

import runpy
from pathlib import Path

import numpy as np

WHITENED = runpy.run_path(str(Path(__file__).parent.parent / "benchmarks" / "whitened.py"))


def test_a_held_out_class_has_no_label():
    y = np.repeat([0, 1, 2, 3], 30)
    for seed in range(5):
        partly, unseen = WHITENED["partly_labeled"](y, 2, 12, seed)
        assert np.count_nonzero(~np.isnan(partly)) == 12
        assert set(np.unique(y[unseen])).isdisjoint(partly[~np.isnan(partly)]) and unseen.sum() == 60


def test_differences_are_paired_by_seed_and_a_training_that_diverged_is_said():
    found = {}
    for seed, (each, none, one) in enumerate([(0.2, 0.6, 0.9), (0.4, 0.8, np.nan)]):
        for scaling, share in zip(WHITENED["SCALINGS"], (each, none, one), strict=True):
            found["wine", "VAAL", 5, scaling, seed] = share, 0.3
    found["wine", "VAAL", 5, "none", 2] = 0.0, 0.3  # a seed that the others lack
    *_, row = WHITENED["table"](found, ["wine"]).splitlines()
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[:7] == ["wine", "5 components", "VAAL", "2", "30%", "30%", "70%"]
    assert cells[8:] == ["+40 [+40, +40]", "1 of 2 diverged"]


def test_one_cell_is_run():
    share, pool = WHITENED["trial"]("wine", "VAAL", 5, "one scale", 0, 2)
    assert 0 <= share <= 1 and 0.2 < pool < 0.5
