"""The benchmark of segmentation: a tiny run of the script, and its page written again."""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from made_segmentation import PixelClassifier, scenes

SCRIPTS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import segmentation_curves

    quick = {
        "images": dataclasses.replace(segmentation_curves.STUDIES["images"], estimator=PixelClassifier),
        "clicks": dataclasses.replace(
            segmentation_curves.STUDIES["clicks"], estimator=PixelClassifier, settings={"round_budget": 30.0}
        ),
    }
    monkeypatch.setattr(segmentation_curves, "STUDIES", quick)
    return segmentation_curves


def test_a_tiny_run_writes_a_page_that_can_be_written_again(tmp_path, script, monkeypatch):
    X, masks = scenes(40, size=(16, 24))
    classes = np.array(["road", "car", "sky", "Void"])
    np.savez(tmp_path / "camvid_16x24_train.npz", X_train=X[:30], mask_train=masks[:30], classes=classes)
    np.savez(tmp_path / "camvid_16x24_test.npz", X_test=X[30:], mask_test=masks[30:], classes=classes)
    table = tmp_path / "results" / "segmentation.md"
    where = ["--camvid", tmp_path, "--out", tmp_path / "out", "--table", table, "--only", "images", "clicks"]
    sizes = ["--n-trials", 2, "--n-rounds", 1]
    monkeypatch.setattr(sys, "argv", list(map(str, ["segmentation_curves.py", *where, *sizes])))
    script.main()
    page = table.read_text()
    assert "| clicks |" in page and "| images |" in page and "Clicks an image" in page
    assert "region_sampling:regions=superpixels" in page
    assert (tmp_path / "images" / "camvid-clicks.png").stat().st_size > 1000

    table.unlink()
    monkeypatch.setattr(sys, "argv", list(map(str, ["segmentation_curves.py", *where, "--table-only"])))
    script.main()
    assert table.read_text() == page
