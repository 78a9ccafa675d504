"""The comparison: every strategy on the same splits, initial labels, seeds and training recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from joblib import Parallel, delayed, effective_n_jobs, parallel

from skal.annotation import Budget, Cost, UniformCost
from skal.data import n_rows
from skal.datasets import Dataset
from skal.estimators import column_kinds, told_classes, with_column_uses
from skal.loop import fitted_to_pool
from skal.loop._initial import Initial
from skal.metrics import Scoring, describe_scorers, make_metrics
from skal.recipes import TrainingRecipe, check_augmentations, describe_model, read_recipe
from skal.spec import representation
from skal.study.arm import Arm, Recipe, rounds_of_arm, run_arm
from skal.study.comparison import Comparison, comparison_of
from skal.study.costs import describe_cost, read_cost
from skal.study.missing import labeled_rows
from skal.study.oracles import describe_oracle, read_oracle
from skal.study.protocol import Protocol
from skal.study.region_sampling import RegionSampling
from skal.study.store import Row, Store
from skal.study.strategies import check_strategies, describe_strategy, named_strategies
from skal.study.trials import First, Trial, make_trial
from skal.targets import TargetKind, Targets, targets_of

Progress = Callable[[str, int, int], None]
Policy = Literal["stop_before", "overshoot"]
Strategies = Iterable[str | Callable[..., Any]] | Mapping[str, Callable[..., Any]]

# Backends whose workers are on this machine and can commit their rounds as they come.
_LOCAL = ("SequentialBackend", "LokyBackend", "ThreadingBackend", "MultiprocessingBackend")
_BATCH = 4  # arms a worker, where rows come back in batches


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
    initial: Initial = "random",
    initial_left_out: int = 0,
    oracle: str | Mapping[str, Any] | Callable[..., Any] | None = None,
    test_size: float = 0.25,
    test: tuple[Any, Any] | None = None,
    missing_label: Any = "auto",
    n_unlabeled: int = 0,
    scoring: Scoring = None,
    positive: Any = None,
    seed: int = 0,
    out: str | Path | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
    data: str = "arrays",
    estimator_name: str | None = None,
    recipe: str | Mapping[str, Any] | Callable[[Any], Any] | TrainingRecipe | None = None,
    follows: Mapping[str, Any] | None = None,
    cost: str | Mapping[str, Any] | Cost | None = None,
    round_budget: float | None = None,
    budget_policy: Policy = "stop_before",
    class_names: Sequence[str] | None = None,
    estimator_digest: str | None = None,
) -> Comparison:
    """Compare query strategies with random sampling, which is always added.

    In a trial all strategies share the test split, the initial labels, the seeds of every fit and query,
    and the training recipe: they differ by what they ask for, and by nothing else.

    Parameters
    ----------
    X : container of n rows
        Rows.
    y : array-like of shape (n,), or masks (n, H, W)
        Their labels: `y` answers for the annotator, and is what is tested on. Rows without one (NaN, None, pandas.NA,
        blank text) are left out, and it is said how many. Of images that are to be
        segmented, their masks (`skal.masks`), 255 for void pixels; one label is then the mask of one image.
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
        needed unless labels are 0 and 1. "f1:fraud" says it for one metric.
    seed : int, default=0
        Everything random is drawn from it.
    out : str or Path, default=None
        Folder of the study. Every round is committed to it; a study that was killed goes on when it is started
        again with the same settings, and ends with the same picks. None: nothing is kept.
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
        The written-down protocol that the settings come from, for the record; see `skal.study.PROTOCOLS`.
    cost : str, dict or Cost, default=None
        What a label costs, such as ``"clicks:tolerance=5"`` or `skal.annotation.ClickCost`. A price is known once its
        label is bought: no strategy sees it. None: one each.
    round_budget : float, default=None
        Money a round, in units of `cost`, in the place of `n_instances`: curves are then over money, the same for all
        strategies, and not over labels. The initial labels are paid from elsewhere.
    budget_policy : {"stop_before", "overshoot"}, default="stop_before"
        What is done where the money of a round does not pay for the next label: see `skal.annotation.Budget`.
    class_names : sequence of str, default=None
        Names of the classes, in the order of their labels; None: the labels.
    estimator_digest : str, default=None
        Of the source file that the estimator comes from, for the record: changed code is another study.

    Returns
    -------
    Comparison
        Curves, times, picks and summaries.

    Raises
    ------
    ValueError
        Before any work: all that is wrong with the strategies, a pool that is too small, or no label at all.
    StudyError
        If `out` holds another study or is held by another process, if a metric is not finite, or if the disk
        is full. Rows committed before are intact.
    """
    n_rows(y)  # refuses what has none, and masked arrays; those of X are counted by the trials
    X, y, test, n_left_out = labeled_rows(X, y, test, missing_label, "compare")
    named = named_strategies(strategies)
    training = read_recipe(recipe)
    estimator_name = estimator_name or representation(estimator)
    estimator = with_column_uses(estimator, X)
    targets = targets_of(y, estimator, class_names)
    targets.kind.check_model(estimator, targets.y, "compare")
    trained = trained_model(training, estimator, named, X, targets.kind)
    named_classes = list(targets.names)
    _check_regions(named, targets, oracle)
    metrics = make_metrics(scoring, targets, positive)
    price, budget = read_cost(cost), _budget(round_budget, budget_policy)
    make_oracle = read_oracle(oracle)
    if (describe_oracle(make_oracle) or {}).get("oracle") == "noisy":
        targets.refuse("wrong_labels", "compare: ")
    first = First(n_initial, initial, initial_left_out)
    size = test_size if test is None else None
    trials = [make_trial(X, targets, first, make_oracle, size, seed, number) for number in range(n_trials)]
    _check_budget(n_initial + (0 if budget else n_rounds * n_instances), len(trials[0].pool))
    if test is not None:
        test = (test[0], targets.kind.as_array(test[1]))
    whole = Dataset(data, X, targets.y, *(test or (None, None)))
    protocol = Protocol(
        data=data,
        fingerprint=whole.fingerprint(),
        estimator=estimator_name,
        strategies={name: describe_strategy(strategy) for name, strategy in named.items()},
        n_initial=n_initial,
        n_instances=n_instances,
        n_rounds=n_rounds,
        n_trials=n_trials,
        initial=initial,
        test_size=0.0 if test is not None else test_size,
        metrics=tuple(metrics),
        seed=seed,
        oracle=describe_oracle(make_oracle),
        initial_left_out=int(initial_left_out),
        n_unlabeled=int(n_unlabeled) + n_left_out,
        recipe=describe_model(training, estimator),
        follows=None if follows is None else dict(follows),
        cost=describe_cost(price),
        round_budget=None if budget is None else budget.per_round,
        budget_policy="stop_before" if budget is None else budget.policy,
        columns=column_kinds(estimator),
        estimator_digest=estimator_digest or None,
        kind=targets.kind.entry,
        scorers=describe_scorers(scoring) or None,
    )
    # Images of one round need not show every class, and a class left out is in none of the first labels.
    tell = bool(initial_left_out) or targets.kind.tells_classes
    model = told_classes(trained, targets.classes) if tell else trained
    if price is None and budget is not None:
        price = UniformCost()
    pool_classes = [targets.counts(trial.pool) for trial in trials]
    with Store.held(out, protocol, named_classes, pool_classes) as store:
        arms = _arms(named, trials, store.rows())
        if progress is not None:
            for row in store.rows():
                progress(row.strategy, row.trial, row.round)
        begun = {arm.trial for arm in arms if len(arm.done) <= n_rounds}
        known = {k: fitted_to_pool(model, X, trials[k].pool, trials[k].seed) for k in sorted(begun)}
        shared = Recipe(X, targets, model, n_instances, n_rounds, metrics, test, make_oracle, price, budget, known)
        _run(arms, shared, store, n_jobs, progress)
        return comparison_of(store)


def trained_model(
    recipe: TrainingRecipe,
    estimator: Any,
    named: Mapping[str, Callable[..., Any]],
    X: Any,
    kind: TargetKind | None = None,
) -> Any:
    """Return the task model under a recipe, or raise if it cannot be trained so or cannot serve a strategy."""
    model = recipe.apply(estimator)
    check_augmentations(model, X, recipe.name)
    try:
        check_strategies(named, model, kind)
    except ValueError as error:
        if recipe.description is None:
            raise
        raise ValueError(f"{error} So it is under the recipe {recipe.name}.") from error
    return model


def _run(arms: list[Arm], recipe: Recipe, store: Store, n_jobs: int | None, progress: Progress | None) -> None:
    """Run what is left of every arm, and commit round by round."""
    n_workers = effective_n_jobs(n_jobs)
    if n_workers == 1:
        for arm in arms:
            for row in rounds_of_arm(arm, recipe):
                _commit(row, store, progress)
        return
    backend, _ = parallel.get_active_backend()
    local = type(backend).__name__ in _LOCAL
    streams = getattr(backend, "supports_return_generator", False)
    where = (store.path, store.id) if local and store.path is not None else (None, "")
    # Rows that come back only when all is done, and from elsewhere (Ray), are lost by a kill: few at a time.
    size = len(arms) if streams or local else _BATCH * n_workers
    with Parallel(n_jobs=n_jobs, return_as="generator_unordered" if streams else "list") as pool:
        for first in range(0, len(arms), size):
            for rows in pool(delayed(run_arm)(arm, recipe, *where) for arm in arms[first : first + size]):
                for row in rows:
                    _commit(row, store, progress)


def _commit(row: Row, store: Store, progress: Progress | None) -> None:
    store.write(row)
    if progress is not None:
        progress(row.strategy, row.trial, row.round)


def _arms(named: Mapping[str, Callable[..., Any]], trials: list[Trial], rows: list[Row]) -> list[Arm]:
    """All arms, trial by trial, each with the rounds that are done."""
    done: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        done.setdefault((row.strategy, row.trial), []).append(row)
    return [
        Arm(name, strategy, number, *trial[:4], tuple(done.get((name, number), ())), trial.noise_seed)
        for number, trial in enumerate(trials)
        for name, strategy in named.items()
    ]


def _check_regions(named: Mapping[str, Any], targets: Targets, oracle: Any) -> None:
    """Refuse regions where there are no masks, and wrong labels where there are regions."""
    of_regions = [name for name, strategy in named.items() if isinstance(strategy, RegionSampling)]
    if of_regions:
        targets.refuse("regions", f"compare: {', '.join(of_regions)} ")
    if of_regions and oracle is not None:
        raise ValueError(f"compare: {', '.join(of_regions)} asks for regions, whose labels are right: oracle=None.")


def _budget(per_round: float | None, policy: Policy) -> Budget | None:
    return None if per_round is None else Budget(per_round, policy)


def _check_budget(budget: int, n_pool: int) -> None:
    if budget > n_pool:
        raise ValueError(
            f"compare: n_initial + n_rounds * n_instances must be at most {n_pool}, the rows that are not tested on, "
            f"got {budget}."
        )
