"""Every job of benchmarks/selection.py at a tiny size: what comes out, never how long it takes."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from selection_jobs import JOBS, case, page, products, verdict  # noqa: E402
from selection_jobs.measure import Turns, memory_of, time_case  # noqa: E402

CASES = [(name, size) for name, job in JOBS.items() for size in job.QUICK]


@pytest.mark.parametrize(("name", "size"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_job_gives_checked_results(name, size):
    made = JOBS[name].make(size)
    record = time_case(made, repeats=1, patience=60.0, peers=False)
    own = record["sides"]["skal"]
    assert own["kind"] == "skal" and len(own["seconds"]) == 1 and own["how"] == ""
    others = [side for side in record["sides"].values() if side["kind"] == "peer"]
    assert all("skipped" in side for side in others)
    assert {side["kind"] for side in record["sides"].values()} <= {"skal", "plain", "peer", "limit"}


@pytest.mark.nightly  # picks from tensors are those from arrays: test_selection_tensors.py
@pytest.mark.parametrize("name", [name for name in JOBS if JOBS[name].TENSORS])
def test_a_job_on_tensors_gives_the_same_checked_results(name):
    made = JOBS[name].make(JOBS[name].QUICK[0], "cpu:0")  # where a device is named, skal's side gets tensors
    record = time_case(made, repeats=1, patience=60.0, peers=False, device="cpu:0")
    assert "median" in record["sides"]["skal"]


@pytest.mark.parametrize("name", JOBS)
def test_goals_name_sides_and_sizes_that_there_are(name):
    job = JOBS[name]
    sides = job.make(job.QUICK[0]).sides
    for goal in job.GOALS:
        assert goal.side in sides
        assert goal.against in ("", *sides) or any(side.kind == goal.against for side in sides.values())
        assert any(goal.where.items() <= size.items() for size in job.FULL)
    assert all(list(size) == list(job.FULL[0]) for size in [*job.CURVE, *job.QUICK])


def test_a_wrong_result_is_refused():
    made = JOBS["k_center"].make(JOBS["k_center"].QUICK[0])
    k = made.picks
    good = made.sides["skal"].run(k)
    made.check({"skal": good})
    with pytest.raises(case.WrongResult, match="twice"):
        made.check({"skal": np.r_[good[:-1], good[0]]})
    with pytest.raises(case.WrongResult, match="cover"):
        made.check({"skal": np.arange(k), "plain NumPy greedy": good})
    top = JOBS["top_scores"].make(JOBS["top_scores"].QUICK[0])
    with pytest.raises(case.WrongResult, match="below"):
        top.check({"skal": np.arange(top.picks)})


def test_products_are_counted_as_their_sizes_say():
    made = JOBS["k_center"].make({"kind": "gaussian", "n": 300, "d": 16, "labelled": 20, "k": 1})
    flops = products.count_flops(lambda: made.sides["skal"].run(1))
    # At least all rows against all centres once; at most that, twice, and pairs among the 300.
    assert 2 * 300 * 20 * 16 <= flops <= 2 * (2 * 300 * 20 * 16) + 2 * 300 * 300 * 16
    with pytest.raises(RuntimeError, match="no product"):
        products.count_flops(lambda: None)


def test_long_sides_are_extrapolated_from_two_runs(monkeypatch):
    seconds = {}

    def run(picks):
        return np.arange(picks)

    def clocked(side, picks, device):
        seconds[picks] = 3.0 + 2.0 * picks  # linear, so the extrapolation is exact
        return seconds[picks], side.run(picks)

    monkeypatch.setattr("selection_jobs.measure.clocked", clocked)
    turns = Turns(case.Side(run, "peer", grows=True, share=10), 1000, 60.0, "cpu")
    turns.turn()
    told = turns.told()
    assert told["median"] == pytest.approx(10 * (3 + 2 * 1000))
    assert "1/10 of the rows" in told["how"] and "picks" in told["how"]
    assert max(seconds) < 1000, "all picks are never run"
    assert turns.result is None, "nothing is checked that was not computed"


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is read from Linux's /proc")
def test_memory_is_that_of_the_run():
    side = case.Side(lambda picks: np.ones(picks * 2**17).sum(), "plain")  # one MiB a pick, freed at once
    found = memory_of(side, lambda: None, 100)
    if found is None:
        pytest.skip("the system does not let a process reset its peak")
    assert 95 < found["mib"] < 130


def test_verdicts():
    def side(kind, median, how=""):
        return {"kind": kind, "median": median, "seconds": [median], "how": how}

    record = {
        "title": "made",
        "sides": {
            "skal": side("skal", 2.0) | {"memory": {"mib": 120.0, "mib_without_files": 90.0}},
            "slow": side("peer", 50.0),
            "quick": side("peer", 30.0, "extrapolated"),
            "broken": {"kind": "peer", "error": "no"},
            "read": side("limit", 1.0),
        },
    }
    faster = case.Goal("faster", against="peer", at_least=20)
    assert verdict.judge(faster, record) == ("15 times as fast as quick (extrapolated)", "at least 20 times", False)
    assert "no side can be more than 30 times" in verdict.ceiling(faster, record)
    assert verdict.judge(case.Goal("", against="limit", at_most=2.0), record)[2]
    assert verdict.judge(case.Goal("", at_most=1.0), record)[2] is False
    assert verdict.judge(case.Goal("", at_most=100.0, measure="mib"), record)[2] is False
    assert verdict.judge(case.Goal("", at_most=100.0, measure="mib"), record | {"title": "memory map"})[2]
    assert verdict.judge(case.Goal("", against="broken", at_least=2), record) is None


@pytest.mark.nightly
def test_the_script_keeps_what_is_done(tmp_path):
    file = tmp_path / "raw.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "selection.py"), "--quick", "--repeats", "2"]
    command += ["--jobs", "batch_bald", "--json", str(file)]
    first = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    stored = json.loads(file.read_text())
    (record,) = stored["cases"].values()
    assert len(record["sides"]["skal"]["seconds"]) == 2 and record["quick"]
    again = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert again.stdout.count(": kept") == 1 and json.loads(file.read_text()) == stored


def test_the_page_has_tables_verdicts_and_pictures(tmp_path):
    job = JOBS["top_scores"]
    made = job.make({"score": "margin", "n": 300, "C": 5, "k": 30})
    record = time_case(made, repeats=1, patience=60.0, peers=False)
    versions = {"python": "3", "versions": {"numpy": np.__version__}, "processor": "a", "cores": 1, "load": 0.5}
    record |= {"job": "top_scores", "threads": 1, "device": "cpu", "repeats": 1, "setting": versions, "quick": False}
    sizes = [*job.FULL, *job.CURVE]
    cases = {str(place): record | {"size": size} for place, size in enumerate(sizes)}
    cases["tiny"] = record | {"size": job.QUICK[0], "quick": True}
    written = tmp_path / "docs" / "results" / "performance.md"
    page.write_page(written, {"cases": cases, "broken_peers": {"a: b": "ImportError: c"}})
    text = written.read_text()
    assert text.count("| skal | ") == len(sizes), "quick cases are on no page"
    assert text.count("3 reads of the array") == len(job.FULL) and "not measured" in text
    assert "ImportError: c" in text and "performance_top_scores.png" in text
    assert (written.parent / "../images/performance_top_scores.png").stat().st_size < 200_000


# Distributions that are imported by another name than their own, and packages that those declared ask for if present.
IMPORTED_AS = {
    "scikit_learn": "sklearn",
    "scikit_image": "skimage",
    "scikit_activeml": "skactiveml",
    "modAL_python": "modAL",
    "pytest_xdist": "xdist",
    "pytest_random_order": "random_order",
}
ASKED_FOR = {"coverage", "IPython", "tqdm", "ray", "PIL"}


def test_no_benchmark_hides_a_package():
    """A script's folder comes first on `sys.path`: numba looks for a package named coverage there, say."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = sum(project["optional-dependencies"].values(), project["dependencies"])
    names = [re.match(r"[\w.-]+", one).group().replace("-", "_") for one in declared]
    imported = {IMPORTED_AS.get(name, name) for name in names}
    assert {"sklearn", "torch", "numba", "polars"} <= imported
    known = set(sys.stdlib_module_names) | imported | ASKED_FOR
    assert not known & {path.stem for path in (ROOT / "benchmarks").iterdir()}
