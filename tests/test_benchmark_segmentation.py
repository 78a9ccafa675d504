"""The benchmark of segmentation: a tiny run of the script, and its page written again."""

import dataclasses
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from made_segmentation import PixelClassifier, scenes

from skal.datasets.sources import load_source
from skal.neural import NeuralSegmenter

SCRIPTS = Path(__file__).parent.parent / "benchmarks"


def segmenter():
    return NeuralSegmenter(module__width=4, module__depth=1, max_epochs=1)


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import segmentation_curves

    quick = {
        "images": dataclasses.replace(segmentation_curves.STUDIES["images"], estimator=PixelClassifier),
        "clicks": dataclasses.replace(
            segmentation_curves.STUDIES["clicks"], estimator=PixelClassifier, settings={"round_budget": 30.0}
        ),
        **{
            name: dataclasses.replace(
                segmentation_curves.STUDIES[name],
                estimator=segmenter,
                settings={**segmentation_curves.STUDIES[name].settings, "n_initial": 4, "n_instances": 3},
            )
            for name in ("tenth", "s4gan")
        },
    }
    quick["s4gan"].settings["recipe"] = "s4gan:max_steps=2,discriminator_width=4"
    monkeypatch.setattr(segmentation_curves, "STUDIES", quick)
    return segmentation_curves


def write_archives(folder, n_train, n_test):
    X, masks = scenes(n_train + n_test, size=(16, 24))
    classes = np.array(["road", "car", "sky", "Void"])
    np.savez(folder / "camvid_16x24_train.npz", X_train=X[:n_train], mask_train=masks[:n_train], classes=classes)
    np.savez(folder / "camvid_16x24_test.npz", X_test=X[n_train:], mask_test=masks[n_train:], classes=classes)


@pytest.mark.nightly
def test_a_tiny_run_writes_a_page_that_can_be_written_again(tmp_path, script, monkeypatch):
    write_archives(tmp_path, 30, 10)
    table = tmp_path / "results" / "segmentation.md"
    where = [
        "--camvid",
        tmp_path,
        "--out",
        tmp_path / "out",
        "--table",
        table,
        "--only",
        "images",
        "tenth",
        "s4gan",
        "clicks",
    ]
    sizes = ["--n-trials", 2, "--n-rounds", 1]
    monkeypatch.setattr(sys, "argv", list(map(str, ["segmentation_curves.py", *where, *sizes])))
    script.main()
    page = table.read_text()
    assert "| clicks |" in page and "| images |" in page and "Clicks an image" in page
    assert "region_sampling:regions=superpixels" in page
    assert "## s4GAN against supervised training" in page and "`discriminator_score_sampling`" in page
    assert (tmp_path / "images" / "camvid-clicks.png").stat().st_size > 1000

    table.unlink()
    monkeypatch.setattr(sys, "argv", list(map(str, ["segmentation_curves.py", *where, "--table-only"])))
    script.main()
    assert table.read_text() == page


def test_a_study_for_a_gpu_is_run_in_pieces_and_leaves_a_file_of_results(tmp_path, script, monkeypatch, capsys):
    import segmentation_gpu

    write_archives(tmp_path, 200, 120)
    segmenter_studies = {"images": dataclasses.replace(script.STUDIES["images"], strategies=("entropy_sampling",))}
    monkeypatch.setattr(segmentation_gpu, "STUDIES", segmenter_studies)
    command = ["segmentation_gpu.py", "--camvid", tmp_path, "--out", tmp_path / "out", "--study", "images", "--tiny"]
    monkeypatch.setattr(sys, "argv", list(map(str, [*command, "--minutes", 1e-6])))
    segmentation_gpu.main()
    assert "start again to go on" in capsys.readouterr().out and not (tmp_path / "out" / "images.json").exists()
    monkeypatch.setattr(sys, "argv", list(map(str, command)))
    segmentation_gpu.main()
    found = json.loads((tmp_path / "out" / "images.json").read_text())
    assert found["device"] == "CPU" and found["images"] == [4, 6]
    assert (
        np.shape(found["miou_percent"]["entropy_sampling"]) == np.shape(found["clicks"]["random_sampling"]) == (2, 2)
    )


def test_windows_are_labelled_and_the_rest_of_a_mask_is_void(script):
    import partly_labeled

    masks = np.arange(2 * 50 * 60).reshape(2, 50, 60) % 5
    partly = partly_labeled.windows(masks, np.random.RandomState(0))
    known = partly != 255
    assert known.sum(axis=(1, 2)).tolist() == [900, 900] and (partly[known] == masks[known]).all()
    for mask in known:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        assert np.ptp(rows) == np.ptp(columns) == 29, "one square window"


def test_windows_are_fitted_as_segmenters_draw_them_and_with_every_image_once(script, tmp_path, monkeypatch):
    import partly_labeled

    write_archives(tmp_path, 30, 4)
    data = load_source(f"camvid?root={tmp_path}")
    monkeypatch.setattr(partly_labeled, "SIDE", 4)
    monkeypatch.setattr(partly_labeled, "unet", lambda: NeuralSegmenter(module__width=4, module__depth=1))
    # Windows are a 24th of an image, so 20 of them are drawn like 20 / 12 whole ones: 12 a pass, and not 30.
    options = {"max_epochs": 2, "batch_size": 5, "device": "cpu"}
    score, n_steps = partly_labeled.mean_iou(data, np.asarray(data.y), 20, False, 0, **options)
    assert 0 <= score <= 1 and n_steps == 2 * 3
    assert partly_labeled.mean_iou(data, np.asarray(data.y), 20, True, 0, **options)[1] == 2 * 6


def test_tables_of_what_was_bought_by_hand(script):
    counts = np.array(
        [[[5, 90, 5], [1_000_000, 0, 0], [500_000, 500_000, 0]]]
    )  # one trial, two rounds after the first
    found = SimpleNamespace(
        classes=["sky", "road", "car"],
        picked_classes={"images": counts, "regions": counts // 2},
        metrics={
            f"iou:{name}": {"images": np.array([[0.1, 0.2, iou]]), "regions": np.array([[0.1, 0.2, 0.5]])}
            for name, iou in (("sky", 0.9), ("road", 0.3))
        },
        scores={"images": np.array([[0, 0, 0.6]]), "regions": np.array([[0, 0, 0.5]])},
    )
    lines = script.bought_tables(found, n_classes=2).splitlines()
    assert "| strategy | million pixels | road | sky |" in lines  # the largest of the first images first
    assert "| images | 2.00 | 25 | 75 |" in lines and "| regions | 1.00 | 25 | 75 |" in lines
    assert "| images | 60.0 | 30 | 90 |" in lines and "| regions | 50.0 | 50 | 50 |" in lines
