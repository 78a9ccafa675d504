"""The comparison: every strategy on the same splits, initial labels, seeds and training recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from skal.annotation import Cost
from skal.loop import Initial
from skal.metrics import Scoring
from skal.recipes import Recipe, read_recipe
from skal.stopping import Criterion
from skal.study.asked import Policy, Progress, Strategies, asked_of
from skal.study.comparison import Comparison
from skal.study.engine import run_study
from skal.study.prepared import prepare


def compare(
    X: Any,
    y: Any,
    estimator: Any,
    strategies: Strategies,
    *,
    n_initial: int = 20,
    n_instances: int = 20,
    n_rounds: int = 8,
    n_trials: int = 5,
    trials: str | Sequence[int] | None = None,
    initial: Initial = "random",
    initial_left_out: int = 0,
    oracle: str | Mapping[str, Any] | Callable[..., Any] | None = None,
    test_size: float = 0.25,
    test: tuple[Any, Any] | None = None,
    missing_label: Any = "auto",
    n_unlabeled: int = 0,
    scoring: Scoring = None,
    positive: Any = None,
    costs: Any = None,
    random_state: int | None = 0,
    out: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    data: str = "arrays",
    estimator_name: str | None = None,
    recipe: str | Mapping[str, Any] | Callable[[Any], Any] | Recipe | None = None,
    follows: Mapping[str, Any] | None = None,
    cost: str | Mapping[str, Any] | Cost | None = None,
    round_budget: float | None = None,
    budget_policy: Policy = "stop_before",
    class_names: Sequence[str] | None = None,
    predictions: bool = True,
    stop: str | Criterion | Sequence[str | Criterion] | Mapping[str, Any] | None = None,
    seed: int | None = None,
) -> Comparison:
    """Compare query strategies with random sampling, which is always added.

    In a trial all strategies share the test split, the initial labels, the seeds of every fit and query,
    and the training recipe: they differ by what they ask for, and by nothing else.

    Parameters
    ----------
    X : container of n rows
        Rows.
    y : array-like of shape (n,) or (n, L), or masks (n, H, W)
        Their labels: `y` answers for the annotator, and is what is tested on. Rows without one (NaN, None, pandas.NA,
        blank text) are left out, and it is said how many. Of images that are to be
        segmented, their masks (`skal.masks`), 255 for void pixels; one label is then the mask of one image. Numbers
        to predict, for a regressor, and 0 or 1 for each of L labels are other kinds (`skal.targets`), and there may
        be kinds of your own (`skal.targets.register_kind`).
    estimator : estimator
        The task model; a fresh copy is fitted every round. Steps of a Pipeline that learn from rows without labels
        (`skal.loop.fitted_to_pool`) are fitted to the pool once per trial. If one is a `skal.features.TableEncoder`,
        the whole of `X` decides what its columns are used as, and the protocol says it.
    strategies : iterable of str, callable or estimator, or dict of str to them
        Names of skal's strategies (with options: ``"name:option=value"``), strategies, partials of them, or
        estimators that query, such as ``VAAL(max_steps=200)``; a dict names them itself.
    n_initial, n_instances, n_rounds : int, default=20, 20, 8
        Labels to start with, labels a round, rounds: curves have ``n_rounds + 1`` points.
    n_trials : int, default=5
        Repetitions, each with a test split and initial labels of its own.
    trials : str or sequence of int, default=None
        Numbers of the trials to run here, counted from 1, such as "3-5" or [3, 4, 5], in the place of `n_trials`.
        Other machines run the others, and `skal.study.merge_studies` joins the folders: a trial is the same wherever
        it is run.
    initial : {"random", "k_center", "vae_k_center", "stratified", "class_balanced"}, default="random"
        How the initial labels are chosen; see `skal.loop.initial_pool`.
    initial_left_out : int, default=0
        Classes, drawn at random in each trial, that the initial labels leave out (`skal.annotation.biased_pool`).
        They stay in the pool and in the test rows, and a task model that takes ``classes`` is told all of them.
    oracle : str, dict or callable, default=None
        Who answers. None: labels are right. ``"noisy:rate=0.2"`` or ``{"rate": 0.2, "groups": ...}``: wrong labels by
        the options of `skal.annotation.NoisyOracle`, drawn once a trial, the same for every strategy. Or a callable
        that makes an annotator: ``oracle(y, candidates=, initial=, classes=, random_state=)``.
    test_size : float, default=0.25
        Share of the rows that are tested on, stratified by class.
    test : tuple (X_test, y_test), default=None
        Rows to test on that came with the data; then all of `X` is the pool of every trial.
    missing_label : scalar, default="auto"
        Another mark of a missing label, such as -1, which is a class unless it is named here.
    n_unlabeled : int, default=0
        Rows without a label that were left out before, as `Dataset.n_unlabeled` counts them, for the record.
    scoring : str, scorer, iterable of these, or dict of str to these, default=None
        scikit-learn's scorers, or "ece" for the expected calibration error; of masks "miou", "pixel_accuracy" and
        "iou", every class by itself; scorers of your own, `sklearn.metrics.make_scorer` or ``scorer(model, X, y)``,
        higher = better, by their names or those of a dict. Verdicts are about the first. None: by the kind of the
        targets, "accuracy", of masks "miou", of numbers "r2", of several labels "f1_macro".
    positive : scalar, default=None
        The class that metrics of one class, such as "f1" and "average_precision", are of, by its label or its name:
        needed unless labels are 0 and 1. Where one class has as its name what is another's label, a whole number is
        the label, and a text the name. "f1:fraud" says it for one metric.
    costs : ErrorCosts, array, frame, dict or path, default=None
        What errors cost, as `skal.error_costs.ErrorCosts.read` takes it: a row for each true class, a column for each
        answer, or a weight for each class. Strategies with an option `costs` are given them. The metrics
        "neg_mean_cost", of what the model predicts, and "neg_mean_cost_decided", of the answers of the least expected
        cost by its probabilities, read them; without `scoring` they come first, then the accuracy.
    random_state : int or None, default=0
        Everything random is drawn from it. None: it is drawn, and stored, so that a study that goes on has the same.
    out : str or Path, default=None
        Folder of the study. Every round is committed to it; a study that was killed goes on when it is started
        again, and ends with the same picks. It may grow: strategies, trials, rounds and metrics that are new are
        added, and what is there is kept. Anything else that differs is refused. None: nothing is kept.
    n_jobs : int, default=None
        Worker processes over trials and strategies, by joblib: any backend chosen by its ``parallel_config``
        works. The rows are those of a serial run; only their times differ.
    progress : callable, default=None
        ``progress(strategy, trial, round)`` after every round; with workers after every strategy's last.
    data, estimator_name : str
        What they are called in the protocol; by default "arrays" and the estimator's representation.
    recipe : str, dict or callable, default=None
        How the task model is trained: one of `skal.study.RECIPES` (``"uda:max_steps=500"``), or a function from the
        task model to another one. None: as it is given. `compare_recipes` compares several.
    follows : dict, default=None
        The published setup that the settings come from, for the record; see `skal.study.SETUPS`.
    cost : str, dict or Cost, default=None
        What a label costs, such as ``"clicks:tolerance=5"`` or `skal.annotation.ClickCost`. A price is known once its
        label is bought: no strategy sees it. None: one each.
    round_budget : float, default=None
        Money a round, in units of `cost`, in the place of `n_instances`: curves are then over money, the same for all
        strategies, and not over labels. The initial labels are paid from elsewhere.
    budget_policy : {"stop_before", "overshoot"}, default="stop_before"
        What is done where the money of a round does not pay for the next label: see `skal.annotation.Budget`.
    class_names : sequence of str, default=None
        Names of the classes, each once, in the order of their labels; None: the labels.
    predictions : bool, default=True
        Whether the folder keeps the test predictions of every round, compressed, so that a metric that is added later
        needs no fit: at most about six bytes per test row and class. Without them those models are fitted again.
    stop : str, Criterion, a sequence of these, or dict of str to Criterion, default=None
        Criteria of `skal.stopping`, such as "kappa" or "gain:gain=0.01": where each would have stopped, and what that
        would have lost, is in `Comparison.stopping`. They are replayed on the stored predictions, without a fit, and
        change nothing in the study. Half of the test rows are what they read, the other half measures the loss.
    seed : int, default=None
        The old name of `random_state`.

    Returns
    -------
    Comparison
        Curves, times, picks and summaries of what was asked for, and of the strategies that the folder has of the
        same trials and rounds. Its `kept` says what was there and what was run.

    Raises
    ------
    ValueError
        Before any work: all that is wrong with the strategies, a pool that is too small, or no label at all.
    StudyError
        If `out` holds another study or is held by another process, if code of the same name was edited, if a metric
        is not finite, or if the disk is full. Rows committed before are intact.
    """
    given = locals()
    asked = asked_of(given)
    chosen = read_recipe(recipe)
    prepared = prepare(X, y, estimator, strategies, {chosen.name: chosen}, asked, "compare")
    return run_study(prepared, asked, "compare")[chosen.name]
