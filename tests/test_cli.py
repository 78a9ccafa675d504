"""The command line, run in this process."""

import json

import pytest
from typer.testing import CliRunner

from skal import cli
from skal.query import strategies

QUICK = ["--data", "iris", "--n-initial", "9", "--n-instances", "5", "--n-rounds", "2", "--n-trials", "2"]


@pytest.fixture
def run(tmp_path):
    def call(*arguments):
        out = ["--out", str(tmp_path / "out")] if arguments[0] == "compare" else []
        return CliRunner().invoke(cli.app, [*arguments, *out])

    return call


def test_compare_prints_tables_and_writes_picture_and_data(run, tmp_path):
    result = run("compare", *QUICK, "--strategy", "margin_sampling", "--strategy", "core_set", "--seed", "3")
    assert result.exit_code == 0, result.output
    for word in ("random_sampling", "margin_sampling", "core_set", "against random", "the baseline"):
        assert word in result.output
    assert max(len(line.rstrip()) for line in result.output.splitlines() if "/" not in line) <= 80
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert content["protocol"]["seed"] == 3 and content["n_labels"] == [9, 14, 19]
    assert (tmp_path / "out" / "curves.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--strategy", "entropy_samplin"], "Did you mean entropy_sampling"),
        (["--data", "cifar"], "no data set 'cifar'; there are breast_cancer"),
        (["--estimator", "net"], "no estimator 'net'"),
        (["--strategy", "vote_entropy_sampling"], "needs a committee"),
        (["--initial", "best"], "initial must be one of"),
        (["--n-rounds", "99"], "at most 112"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(run, arguments, message):
    result = run("compare", *QUICK, *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_strategies_lists_every_one(run):
    result = run("strategies")
    assert result.exit_code == 0
    for name in strategies():
        assert name in result.output


def test_help_is_plain(run):
    for arguments in (["--help"], ["compare", "--help"]):
        result = run(*arguments)
        assert result.exit_code == 0
        assert "random sampling" in result.output and "╭" not in result.output
