"""The command line, run in this process."""

import json

import pytest
from made_adversarial import undiagnosed  # noqa: F401
from made_comparison import make_comparison
from made_learners import STAND_INS_ARE_UNDECIDED
from typer.testing import CliRunner

from skal import cli
from skal.cli import _tables
from skal.estimators import presets
from skal.query import strategies
from skal.study import RecipeComparison

QUICK = ["--data", "iris", "--n-initial", "9", "--n-instances", "5", "--n-rounds", "2", "--n-trials", "2"]


@pytest.fixture
def run(tmp_path):
    def call(*arguments):
        out = ["--out", str(tmp_path / "out")] if arguments[0] == "compare" else []
        return CliRunner().invoke(cli.app, [*arguments, *out])

    return call


@pytest.mark.pictures
def test_compare_prints_tables_and_writes_picture_and_data(run, tmp_path):
    result = run("compare", *QUICK, "--strategy", "margin_sampling", "--strategy", "core_set", "--seed", "3")
    assert result.exit_code == 0, result.output
    for word in ("random_sampling", "margin_sampling", "core_set", "against random", "the baseline"):
        assert word in result.output
    assert max(len(line.rstrip()) for line in result.output.splitlines() if "/" not in line) <= 80
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert content["protocol"]["seed"] == 3 and content["n_labels"] == [9, 14, 19]
    assert (tmp_path / "out" / "curves.png").read_bytes()[:4] == b"\x89PNG"


def test_names_that_begin_alike_are_printed_whole(capsys):
    start = "region_sampling:regions=superpixels,n_segments=60,region_strategy="
    names = ("random_sampling", f"{start}entropy_area", f"{start}random")
    _tables.print_found(make_comparison(names, (0.0, 0.04, -0.05)))
    printed = capsys.readouterr().out
    firsts = "".join(line.split(" ")[0] for line in printed.splitlines())  # the column of names, joined again
    assert all(firsts.count(name) == 2 for name in names[1:]), printed
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= 80


def test_gains_of_strategies_that_begin_alike_are_printed_whole(capsys):
    start = "region_sampling:regions=superpixels,n_segments=60,region_strategy="
    names = ("random_sampling", f"{start}entropy_area", f"{start}random")
    one = make_comparison(names, (0.0, 0.04, -0.05))
    _tables.print_found(RecipeComparison({"supervised": one, "s4gan": one}))
    printed = capsys.readouterr().out
    firsts = "".join(line[2:].split(" ")[0] for line in printed.splitlines() if line.startswith("  "))
    assert all(firsts.count(name) == 2 for name in names[1:]), printed
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= 80


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


@pytest.mark.filterwarnings("ignore:.*at chance")
@STAND_INS_ARE_UNDECIDED
def test_nets_are_compared_with_strategies_that_train(run, tmp_path, monkeypatch):
    """By names alone: a net, a strategy with options that trains, initial labels of a VAE; fit and query apart."""
    make = presets.ESTIMATORS["cnn"]
    monkeypatch.setitem(presets.ESTIMATORS, "cnn", lambda: make().set_params(max_epochs=1))
    short = "vaal_query:max_steps=2,judge_steps=2"
    few = ["--n-initial", "20", "--n-instances", "10", "--n-rounds", "1", "--n-trials", "2"]
    choices = ["--data", "digits_images", "--estimator", "cnn", "--strategy", short, "--strategy", "bald:n_samples=2"]
    result = run("compare", *choices, *few)
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert content["protocol"]["estimator"] == "cnn"
    assert content["strategies"][short]["query_seconds"][0][1] > 1e-3  # no net is trained in less
    page = (tmp_path / "out" / "report.html").read_text()
    assert ">fit, " in page and ">query, " in page


def test_initial_labels_of_a_vae_are_asked_for_by_name(run, tmp_path):
    result = run("compare", *QUICK, "--initial", "vae_k_center", "--strategy", "margin_sampling", "--n-trials", "2")
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert content["protocol"]["initial"] == "vae_k_center"


def test_a_net_is_refused_what_it_cannot_answer(run):
    result = run("compare", *QUICK, "--estimator", "mlp", "--strategy", "learning_loss_sampling")
    assert result.exit_code == 2
    assert "learning_loss_sampling needs predict_loss" in " ".join(result.output.split())
    result = run("compare", *QUICK, "--estimator", "cnn")
    assert result.exit_code == 2
    assert "For a table use a net such as MLP" in " ".join(result.output.split())


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


def test_a_printed_protocol_runs_the_same_comparison_again(run, tmp_path):
    first = run("compare", *QUICK, "--strategy", "information_density_sampling:beta=2.0,metric=euclidean", "--metric",
                "accuracy", "--metric", "ece")  # fmt: skip
    assert first.exit_code == 0, first.output
    printed = run("protocol", str(tmp_path / "out"))
    assert printed.exit_code == 0
    (tmp_path / "study.toml").write_text(printed.output)
    result = CliRunner().invoke(
        cli.app, ["compare", "--config", str(tmp_path / "study.toml"), "--out", str(tmp_path / "again")]
    )
    assert result.exit_code == 0, result.output
    contents = [json.loads((tmp_path / out / "comparison.json").read_text()) for out in ("out", "again")]
    assert contents[0]["protocol"] == contents[1]["protocol"]
    name = "information_density_sampling:beta=2.0,metric=euclidean"
    picks = [content["strategies"][name]["picks"] for content in contents]
    assert picks[0] == picks[1]
    assert set(contents[0]["strategies"][name]["metrics"]) == {"accuracy", "ece"}


def test_an_option_comes_before_the_file(run, tmp_path):
    (tmp_path / "study.toml").write_text('data = "iris"\nn_initial = 9\nn_rounds = 1\nn_trials = 2\nseed = 1\n')
    result = run("compare", "--config", str(tmp_path / "study.toml"), "--seed", "5")
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert content["protocol"]["seed"] == 5 and content["protocol"]["n_initial"] == 9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n_labels = 3", "there is no entry n_labels"),
        ("n_rounds = ", "cannot be read as TOML"),
        ('data = "iris"\nfingerprint = "abc"', "was written for other content of iris"),
        ('data = "iris"\n[strategies.x]\nstrategy = "core_set"\nbeta = 1.0', "core_set has no option beta"),
    ],
)
def test_a_bad_file_is_answered_in_a_sentence(text, message, run, tmp_path):
    (tmp_path / "study.toml").write_text(text)
    result = run("compare", "--config", str(tmp_path / "study.toml"))
    assert result.exit_code == 2 and message in " ".join(result.output.split()), result.output


def test_the_same_command_goes_on_and_another_is_refused(run):
    assert run("compare", *QUICK, "--strategy", "margin_sampling").exit_code == 0
    assert run("compare", *QUICK, "--strategy", "margin_sampling").exit_code == 0
    result = run("compare", *QUICK, "--strategy", "margin_sampling", "--seed", "9")
    assert result.exit_code == 2 and "seed: 0 there, 9 here" in " ".join(result.output.split())
    result = run("protocol", "nowhere")
    assert result.exit_code == 2 and "There is no study in nowhere" in " ".join(result.output.split())


@pytest.mark.parametrize("name", ["there is no file of this name " * 6 + "in it.csv", "x" * 200 + ".csv"])
def test_a_path_in_a_message_is_not_broken_at_the_width_of_the_terminal(name, run, tmp_path):
    for command in ("next", "label", "status"):
        result = run(command, str(tmp_path / name))
        assert result.exit_code == 2 and str(tmp_path / name) in result.output


def test_report_of_one_and_of_several_studies(run, tmp_path):
    for name in ("a", "b"):
        result = CliRunner().invoke(
            cli.app, ["compare", *QUICK, "--strategy", "margin_sampling", "--out", str(tmp_path / name)]
        )
        assert result.exit_code == 0, result.output
        assert (tmp_path / name / "report.html").exists() and (tmp_path / name / "curves.svg").exists()
    (tmp_path / "a" / "report.html").unlink()
    assert run("report", str(tmp_path / "a")).exit_code == 0
    assert "margin_sampling" in (tmp_path / "a" / "report.html").read_text()
    result = run("report", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "both"))
    assert result.exit_code == 0 and (tmp_path / "both" / "report.html").exists()
    result = run("report", str(tmp_path / "nowhere"))
    assert result.exit_code == 2 and "There is no study" in " ".join(result.output.split())


@pytest.mark.parametrize("data", ["digits", "digits_images"])
def test_explain_shows_images_that_are_flat_or_not(data, run, tmp_path):
    """Four picks and the labelled row nearest to each."""
    result = run("explain", "--data", data, "--n-initial", "30", "--n-instances", "4", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert (tmp_path / "query.html").read_text().count("<img") == 8


def test_explain_writes_a_sheet(run, tmp_path):
    result = run("explain", "--data", "iris", "--n-initial", "20", "--n-instances", "4", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    lines = (tmp_path / "query.csv").read_text().splitlines()
    assert len(lines) == 5 and lines[0].startswith("rank,pool_index,score")
    assert "margin_sampling" in (tmp_path / "query.html").read_text()
    assert "<img" not in (tmp_path / "query.html").read_text()
    result = run("explain", "--strategy", "margin_samplin", "--out", str(tmp_path))
    assert result.exit_code == 2 and "Did you mean margin_sampling" in " ".join(result.output.split())
