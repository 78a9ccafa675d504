"""Training recipes: the same net trained otherwise; gains split into the recipe's part and the strategy's."""

import dataclasses
import inspect
import json
import pickle
import warnings
from typing import ClassVar

import numpy as np
import pytest
import torch
from made_comparison import make_comparison
from scipy import stats
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from typer.testing import CliRunner

from skal import cli
from skal.augment import Chain, Strong, Weak
from skal.estimators.presets import told_classes
from skal.loop import fitted_to_pool
from skal.neural import (
    EnsembleClassifier,
    LossPredictionClassifier,
    LossPredictionSegmenter,
    NeuralClassifier,
    NeuralSegmenter,
)
from skal.recipes.pretrained import FrozenFeaturesClassifier, StartFrom
from skal.recipes.recipes import read_recipes
from skal.report import floor_sentence, write_recipe_report
from skal.semi_supervised import FixMatchClassifier, PseudoLabelClassifier, S4GANSegmenter, UDAClassifier
from skal.statistics import area_under_curve, holm
from skal.study import (
    RECIPES,
    RecipeComparison,
    StudyError,
    compare,
    compare_recipes,
    load_recipe_comparison,
    make_estimator,
    plot_recipes,
    read_recipe,
)

FEW = {"n_initial": 12, "n_instances": 6, "n_rounds": 2, "n_trials": 3, "seed": 2}
NET = {"module": "MLP", "module__hidden": (8,), "lr": 0.02, "batch_size": 16, "optimizer": torch.optim.SGD}
NET |= {"optimizer__momentum": 0.5, "random_state": 7, "classes": [0, 1, 2], "standardize": False}


def trained(recipe, model):
    return read_recipe(recipe).apply(model)


@pytest.fixture(scope="module")
def found(table, tmp_path_factory):
    X, y = table
    out = tmp_path_factory.mktemp("study") / "recipes"
    strategies = ["margin_sampling", "core_set"]
    return compare_recipes(
        X, y, LogisticRegression(), strategies, ["pseudo_label:threshold=0.7"], out=out, **FEW
    ), out


# The recipes


@pytest.mark.parametrize(("recipe", "kind"), [("uda", UDAClassifier), ("fixmatch", FixMatchClassifier)])
def test_the_net_and_its_options_stay(recipe, kind):
    net = NeuralClassifier(**NET)
    model = trained(f"{recipe}:max_steps=20,threshold=0.6", net)
    assert type(model) is kind and (model.max_steps, model.threshold) == (20, 0.6)
    parameters = model.get_params()
    assert {name: parameters[name] for name in NET} == NET
    assert (model.augment, model.strong) == ("weak", "strong")
    assert net.get_params() == NeuralClassifier(**NET).get_params()


def test_an_augmentation_of_the_net_stays_and_flips_can_be_left_out():
    own = Weak(padding=0.25)
    assert trained("uda", NeuralClassifier(augment=own)).augment is own
    model = trained("uda:flip=false", NeuralClassifier())
    assert model.augment.flip is False and isinstance(model.strong, Strong) and model.strong.flip is False
    assert isinstance(trained("augmented:augment=autoaugment,flip=false", NeuralClassifier()).augment, Chain)
    assert trained("augmented", NeuralClassifier()).augment == "strong"


def test_settings_of_a_paper_take_the_place_of_the_training_and_not_of_the_net():
    model = trained("uda:paper=mittal,max_steps=30", NeuralClassifier(**NET))
    published = UDAClassifier.published("mittal")
    for name in ("threshold", "temperature", "batch_size", "lr", "optimizer__momentum", "strong", "ema_decay"):
        assert getattr(model, name) == getattr(published, name)
    assert model.max_steps == 30 and model.module == "MLP" and model.module__hidden == (8,)
    assert model.random_state == 7 and model.standardize is False
    assert trained("fixmatch:paper=fixmatch", NeuralClassifier()).max_steps == 2**20
    with pytest.raises(ValueError, match="paper must be"):
        trained("fixmatch:paper=uda", NeuralClassifier())


SEGMENTER = {"module": "UNet", "size": (16, 24), "flip": False, "class_weight": "sqrt", "ignore_label": 9, "lr": 0.02}


def test_s4gan_keeps_the_net_the_windows_and_the_masks_of_a_segmenter():
    segmenter = NeuralSegmenter(
        module__width=4, max_epochs=3, schedule="poly", zoom=(0.9, 1.2), augment="weak", **SEGMENTER
    )
    model = trained("s4gan:max_steps=20,threshold=0.7", segmenter)
    assert type(model) is S4GANSegmenter and (model.max_steps, model.threshold) == (20, 0.7)
    parameters = model.get_params()
    kept = {**SEGMENTER, "module__width": 4, "zoom": (0.9, 1.2), "augment": "weak"}
    assert {name: parameters[name] for name in kept} == kept
    assert type(trained("s4gan", EnsembleClassifier(NeuralSegmenter())).estimator) is S4GANSegmenter
    model = trained("s4gan:paper=mittal,max_steps=5", segmenter)
    assert (model.crop_size, model.zoom, model.max_steps, model.lr) == (321, (0.5, 1.5), 5, 2.5e-4)
    assert (model.module, model.size, model.flip, model.ignore_label) == ("UNet", (16, 24), False, 9)


def test_recipes_reach_the_last_step_of_a_pipeline_and_the_members_of_an_ensemble():
    pipeline = make_estimator("mlp")
    assert type(trained("uda", pipeline).steps[-1][1]) is UDAClassifier
    assert type(pipeline.steps[-1][1]) is NeuralClassifier
    assert type(trained("pseudo_label", make_estimator("logistic")).steps[-1][1]) is PseudoLabelClassifier
    for ensemble in (EnsembleClassifier(NeuralClassifier(lr=0.5)), EnsembleClassifier()):
        members = trained("augmented:augment=weak", ensemble).estimator
        assert members.augment == "weak" and members.lr == (0.5 if ensemble.estimator else 1e-3)
        assert type(trained("uda:max_steps=9", ensemble).estimator) is UDAClassifier
    assert trained("augmented", LossPredictionClassifier()).augment == "strong"


@pytest.mark.parametrize(
    ("recipe", "model", "message"),
    [
        ("uda", LogisticRegression(), "must be a skal.neural.NeuralClassifier.*got LogisticRegression"),
        ("uda", BaggingClassifier(NeuralClassifier()), "got BaggingClassifier.*EnsembleClassifier alone"),
        ("uda", EnsembleClassifier(LogisticRegression()), "uda: the task model must be.*got LogisticRegression"),
        ("fixmatch", LossPredictionClassifier(), "got LossPredictionClassifier"),
        (
            "s4gan",
            NeuralClassifier(),
            "s4gan: the task model must be a skal.neural.NeuralSegmenter.*NeuralClassifier",
        ),
        ("s4gan", LossPredictionSegmenter(), "got LossPredictionSegmenter"),
        ("s4gan:steps=3", NeuralSegmenter(), "s4gan has no option steps; it has .*max_steps"),
        ("s4gan:paper=uda", NeuralSegmenter(), "paper must be one of voc"),
        ("uda", NeuralSegmenter(), "uda: the task model must be.*got NeuralSegmenter"),
        ("augmented", RandomForestClassifier(), "augmented: the task model must be"),
        ("uda:treshold=0.5", NeuralClassifier(), "uda has no option treshold; it has .*threshold"),
        ("augmented:strength=2", NeuralClassifier(), "augmented has no option strength"),
        ("pseudo_label:steps=2", LogisticRegression(), "pseudo_label has no option steps; it has threshold"),
        ("pretrained:dim=2", LogisticRegression(), "pretrained has no option dim"),
        ("pretrained:weights=nowhere.pt", NeuralClassifier(), "no file of weights 'nowhere.pt'"),
        ("supervised:lr=1", NeuralClassifier(), "supervised has no option lr; it has none"),
        ("udaa", NeuralClassifier(), "no recipe 'udaa'; there are supervised.*Did you mean uda"),
    ],
)
def test_what_a_recipe_cannot_train_is_refused_in_a_sentence(recipe, model, message):
    with pytest.raises(ValueError, match=message):
        trained(recipe, model)


@pytest.mark.parametrize(
    ("recipe", "net", "kind"),
    [
        ("uda", NeuralClassifier, UDAClassifier),
        ("fixmatch", NeuralClassifier, FixMatchClassifier),
        ("s4gan", NeuralSegmenter, S4GANSegmenter),
    ],
)
def test_a_net_that_learns_from_unlabelled_rows_has_every_setting_of_the_one_it_was(recipe, net, kind):
    """But for those that go by epochs of labelled rows, and for callbacks, which watch them."""
    shared = set(inspect.signature(net).parameters) & set(inspect.signature(kind).parameters) - {"options"}
    shared -= {"callbacks", "schedule"}
    assert len(shared) > 12
    values = {name: object() for name in shared}
    of_parts = {"module__hidden": (3, 5), "optimizer__momentum": 0.25}
    made = trained(recipe, net(**values, **of_parts))
    assert type(made) is kind
    carried = made.get_params(deep=False)
    assert [name for name, value in values.items() if carried[name] is not value] == []
    assert {name: carried[name] for name in of_parts} == of_parts


def test_a_function_is_a_recipe_and_what_it_makes_is_written_down(table):
    def stronger(model):
        return LogisticRegression(C=100.0)

    assert list(read_recipes({"mine": stronger, "uda": "uda:max_steps=5"})) == ["supervised", "mine", "uda"]
    entry = compare(*table, LogisticRegression(), [], recipe=stronger, **FEW).protocol["recipe"]
    assert entry["recipe"].endswith("stronger") and entry["model"] == "LogisticRegression(C=100.0)"
    with pytest.raises(ValueError, match="Two recipes are called 'stronger'"):
        read_recipes([stronger, named_like(stronger)])
    with pytest.raises(TypeError, match="must be a name"):
        read_recipe(3)


def named_like(function):
    def other(model):
        return model

    other.__name__ = function.__name__
    return other


def test_recipes_pickle_for_workers():
    for name in RECIPES:
        recipe = pickle.loads(pickle.dumps(read_recipe(name)))
        model = make_estimator("unet" if name == "s4gan" else "mlp")
        assert recipe.name == name and recipe.apply(model) is not None


def test_classes_are_not_told_to_a_model_whose_labels_are_numbered_anew():
    model = PseudoLabelClassifier(NeuralClassifier())
    assert told_classes(model, np.arange(3)) is model
    assert told_classes(trained("uda", NeuralClassifier()), np.arange(3)).classes == [0, 1, 2]
    assert trained("pseudo_label", NeuralClassifier(classes=[0, 1])).estimator.classes is None


# Pretraining


def test_frozen_features_are_fitted_to_all_rows_and_no_label():
    X = np.arange(12.0).reshape(6, 2)
    y = np.array([0, 1, 0, None, None, None], dtype=object)
    model = FrozenFeaturesClassifier(StandardScaler()).fit(X, y)
    assert model.encoder_.mean_.tolist() == X.mean(axis=0).tolist()  # of all six
    assert model.classes_.tolist() == [0, 1] and model.predict_proba(X).shape == (6, 2)
    inside = StandardScaler().fit(X).transform(X)
    assert np.allclose(model.transform(X), StandardScaler().fit(inside[:3]).transform(inside))
    assert FrozenFeaturesClassifier.learns_from_unlabeled


def test_the_classifier_on_frozen_features_is_as_it_was_asked_for():
    X, y = np.random.RandomState(0).normal(size=(30, 2)), np.array([0, 1, -1] * 10)
    models = [FrozenFeaturesClassifier(StandardScaler(), C=C, missing_label=-1).fit(X, y) for C in (0.01, 100.0)]
    for model in models:
        assert model.classes_.tolist() == [0, 1]
        inside = model.transform(X)[y >= 0]
        plain = LogisticRegression(C=model.C, max_iter=2000).fit(inside, y[y >= 0])
        np.testing.assert_allclose(model.predict_proba(X[y >= 0]), plain.predict_proba(inside), atol=1e-9)
    assert not np.allclose(models[0].predict_proba(X), models[1].predict_proba(X), atol=0.01)


class Counted(StandardScaler):
    """A scaler that counts its fits, and remembers the rows of each."""

    fits: ClassVar[list] = []

    def __init__(self, random_state=None):
        super().__init__()
        self.random_state = random_state

    def fit(self, X, y=None):
        self.fits.append((np.asarray(X), self.random_state))
        return super().fit(X)


@pytest.mark.parametrize("piped", [False, True])
def test_features_of_the_pool_are_learnt_once_a_trial(piped, table):
    X, y = table
    Counted.fits.clear()

    def frozen(model):
        made = FrozenFeaturesClassifier(Counted())
        return make_pipeline(StandardScaler(), made) if piped else made

    found = compare(X, y, LogisticRegression(), ["margin_sampling", "core_set"], recipe=frozen, **FEW)
    assert len(Counted.fits) == FEW["n_trials"], "three strategies and three rounds share one fit"
    assert all(len(rows) == 225 for rows, _ in Counted.fits), "labelled rows and all that may be asked for"
    assert len({seed for _, seed in Counted.fits}) == 3 and None not in {seed for _, seed in Counted.fits}
    assert found.scores["core_set"].shape == (3, 3)
    assert frozen(None).get_params()["memory" if piped else "C"] in (None, 1.0)
    model = LogisticRegression()
    assert fitted_to_pool(model, X, np.arange(9), 0) is model


def test_a_study_on_features_of_the_pool_goes_on(table, tmp_path):
    X, y = table
    seen = []

    def stop(strategy, trial, round_):
        seen.append(strategy)
        if len(seen) == 5:
            raise KeyboardInterrupt

    def study(**more):
        few = {**FEW, "n_trials": 2}
        return compare(X, y, LogisticRegression(), ["core_set"], recipe="pretrained:max_epochs=1", **few, **more)

    with pytest.raises(KeyboardInterrupt):
        study(out=tmp_path / "s", progress=stop)
    whole, again = study(), study(out=tmp_path / "s")
    for name, picks in whole.picks.items():
        assert all(
            np.array_equal(a, b)
            for ours, theirs in zip(picks, again.picks[name], strict=True)
            for a, b in zip(ours, theirs, strict=True)
        )


def test_weights_of_a_file_are_where_training_starts(tmp_path, table):
    X, y = table
    first = NeuralClassifier("MLP", module__hidden=(8,), max_epochs=2, random_state=0).fit(X, y)
    state = first.net_.module_.state_dict()
    first.save(tmp_path / "net.safetensors")
    torch.save(state, tmp_path / "net.pt")
    for name in ("net.safetensors", "net.pt"):
        model = trained(f"pretrained:weights={tmp_path / name}", NeuralClassifier("MLP", module__hidden=(8,)))
        assert isinstance(model.module, StartFrom) and model.module.digest in repr(model)
        net = model.module(input_shape=X.shape[1:], n_outputs=3, hidden=(8,))
        head = [key for key in state if key.startswith("head")]
        same = {key: torch.equal(value, state[key]) for key, value in net.state_dict().items()}
        assert all(same[key] for key in same if key not in head) and not all(same[key] for key in head)
        assert model.set_params(max_epochs=1).fit(X, y).predict(X).shape == y.shape
    with pytest.raises(ValueError, match="tensors differ, the first is .* of shape"):
        model.module(input_shape=X.shape[1:], n_outputs=3, hidden=(9,))
    (tmp_path / "bad.pt").write_bytes(b"no weights")
    with pytest.raises(ValueError, match="holds no plain weights"):
        StartFrom.of("MLP", tmp_path / "bad.pt")(X.shape[1:], 3)


# The comparison


def test_supervised_and_random_are_always_there_and_first(found):
    comparison, _ = found
    assert comparison.recipes == ["supervised", "pseudo_label:threshold=0.7"]
    assert comparison.strategies[0] == "random_sampling"
    assert comparison.supervised.protocol.get("recipe") is None
    assert comparison.comparisons["pseudo_label:threshold=0.7"].protocol["recipe"] == {
        "recipe": "pseudo_label",
        "threshold": 0.7,
    }


def test_supervised_is_the_comparison_without_recipes(found, table):
    X, y = table
    plain = compare(X, y, LogisticRegression(), ["margin_sampling", "core_set"], **FEW)
    mine = found[0].supervised
    assert plain.protocol == mine.protocol
    assert all(np.array_equal(plain.scores[name], mine.scores[name]) for name in plain.scores)


def test_random_sampling_asks_for_the_same_rows_under_every_recipe(found):
    picks = [comparison.picks["random_sampling"] for comparison in found[0].comparisons.values()]
    for first, second in zip(*picks, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    scores = [comparison.scores["random_sampling"] for comparison in found[0].comparisons.values()]
    assert not np.array_equal(*scores)  # the same labels, another training


def test_gains_add_up_and_are_those_computed_by_hand(found):
    comparison, _ = found
    areas = comparison.areas()
    base = areas["supervised", "random_sampling"]
    for gain in comparison.gains():
        parts = [part.mean for part in (gain.of_recipe, gain.of_strategy) if part is not None]
        total = 0.0 if gain.total is None else gain.total.mean
        assert total == pytest.approx(sum(parts), abs=1e-12)
        assert total == pytest.approx((areas[gain.recipe, gain.strategy] - base).mean(), abs=1e-12)
    lines = {(gain.recipe, gain.strategy): gain for gain in comparison.gains()}
    assert lines["supervised", "random_sampling"].total is None
    assert lines["supervised", "core_set"].of_recipe is None
    assert lines["supervised", "core_set"].total.mean == lines["supervised", "core_set"].of_strategy.mean


def made_recipes(n_trials=6):
    base = make_comparison(n_trials=n_trials)
    lifted = {"accuracy": {name: values + 0.05 for name, values in base.scores.items()}, "ece": base.metrics["ece"]}
    flat = {
        name: base.scores["random_sampling"] + 0.08 + 0.001 * np.arange(n_trials)[:, None] for name in base.scores
    }
    return RecipeComparison(
        {
            "supervised": base,
            "lifted": dataclasses.replace(base, metrics=lifted),
            "flat": dataclasses.replace(base, metrics={"accuracy": flat, "ece": base.metrics["ece"]}),
        }
    )


def test_a_recipe_that_lifts_all_alike_takes_the_whole_gain_of_random_and_leaves_the_strategys():
    lines = {(gain.recipe, gain.strategy): gain for gain in made_recipes().gains()}
    for strategy in ("margin", "core_set", "side"):
        lifted, plain = lines["lifted", strategy], lines["supervised", strategy]
        assert lifted.of_recipe.mean == pytest.approx(0.05) and lifted.of_recipe.superiority == 1.0
        assert lifted.of_strategy.mean == pytest.approx(plain.of_strategy.mean, abs=1e-12)
        assert lines["flat", strategy].of_strategy.mean == 0.0
        assert lines["flat", strategy].of_strategy.verdict == "not distinguishable from random"
    assert lines["flat", "random_sampling"].of_recipe.mean == pytest.approx(0.08 + 0.0025)
    assert lines["flat", "random_sampling"].of_recipe.verdict == "better than random"


def test_each_column_is_a_family_of_its_own():
    made = made_recipes()
    areas = {key: area_under_curve(made.n_labels, made.comparisons[key[0]].scores[key[1]]) for key in made.areas()}
    base = areas["supervised", "random_sampling"]
    totals = {key: stats.ttest_rel(area, base).pvalue for key, area in areas.items() if np.ptp(area - base) > 1e-9}
    lines = {(gain.recipe, gain.strategy): gain for gain in made.gains()}
    judged = [gain for gain in made.gains() if gain.total is not None]
    assert len(judged) == 11 and sum(gain.of_strategy is not None for gain in judged) == 9
    adjusted = dict(
        zip([(g.recipe, g.strategy) for g in judged], holm([g.total.p_value for g in judged]), strict=True)
    )
    for key, p in totals.items():
        assert lines[key].total.p_value == pytest.approx(p, rel=1e-6)
        assert lines[key].total.p_adjusted == pytest.approx(adjusted[key])
    recipes = [lines[name, "random_sampling"].of_recipe for name in ("lifted", "flat")]
    assert [part.p_adjusted for part in recipes] == pytest.approx(holm([part.p_value for part in recipes]))


def test_comparisons_of_other_trials_are_not_paired():
    base = make_comparison()
    other = dataclasses.replace(base, picks={n: [[p + 1 for p in t] for t in ts] for n, ts in base.picks.items()})
    for second, message in (
        (other, "other trials"),
        (make_comparison(n_rounds=3), "label counts"),
        (make_comparison(("random_sampling", "a"), (0.0, 0.0)), "strategies random_sampling, a instead of"),
    ):
        with pytest.raises(ValueError, match=message):
            RecipeComparison({"supervised": base, "uda": second})
    with pytest.raises(ValueError, match="must come first"):
        RecipeComparison({"uda": base})


def test_all_that_is_wrong_is_said_before_the_first_fit(table, tmp_path):
    X, y = table

    def refused(model, recipes, strategies=(), error=ValueError, **more):
        with pytest.raises(error) as caught:
            compare_recipes(X, y, model, strategies, recipes, out=tmp_path / "out", **FEW, **more)
        assert not (tmp_path / "out").exists()
        return str(caught.value)

    said = refused(LogisticRegression(), ["udaa", "fixmatc"])
    assert "'udaa'" in said and "'fixmatc'" in said
    assert "NeuralClassifier" in refused(LogisticRegression(), ["pseudo_label", "uda"])
    assert "no supervised baseline" in refused(UDAClassifier(), ["fixmatch"])
    assert "is not for tables" in refused(NeuralClassifier(), ["augmented:augment=autoaugment"])
    assert "is not for tables" in refused(make_estimator("mlp"), ["uda:flip=false"])
    said = refused(NeuralClassifier(), ["pretrained"], ["bald"])
    assert "bald needs sampled_proba" in said and "recipe pretrained" in said
    said = refused(LossPredictionClassifier("MLP"), ["pseudo_label"], ["learning_loss_sampling"])
    assert "needs predict_loss" in said and "recipe pseudo_label" in said
    assert "recipe=" in refused(LogisticRegression(), ["pseudo_label"], recipe="uda", error=TypeError)


def test_a_study_that_was_stopped_goes_on(found, table, tmp_path, monkeypatch):
    X, y = table
    complete, _ = found
    seen = []

    def stop(name, trial, round_):
        seen.append(name)
        if len(seen) == 40:
            raise KeyboardInterrupt

    ask = {"strategies": ["margin_sampling", "core_set"], "recipes": ["pseudo_label:threshold=0.7"]}
    with pytest.raises(KeyboardInterrupt):
        compare_recipes(X, y, LogisticRegression(), **ask, out=tmp_path, progress=stop, **FEW)
    assert seen[0] == "supervised: random_sampling" and seen[-1].startswith("pseudo_label:threshold=0.7: ")
    half = load_recipe_comparison(tmp_path)
    assert half.recipes == complete.recipes and half.n_trials == 1  # of three; the first trial of both is complete
    again = compare_recipes(X, y, LogisticRegression(), **ask, out=tmp_path, **FEW)
    for name, comparison in again.comparisons.items():
        for strategy, values in comparison.scores.items():
            assert np.array_equal(values, complete.comparisons[name].scores[strategy])


def test_a_recipe_may_be_added_and_other_settings_are_refused(found, table, tmp_path):
    X, y = table
    few = {**FEW, "n_trials": 2, "n_rounds": 1}

    def run(recipes, out=tmp_path / "study", **changes):
        return compare_recipes(
            X, y, LogisticRegression(), ["margin_sampling"], recipes, out=out, **{**few, **changes}
        )

    run(["pseudo_label"])
    both = run(["pseudo_label", "pseudo_label:threshold=0.6"])
    assert both.recipes == ["supervised", "pseudo_label", "pseudo_label:threshold=0.6"]
    assert "run now: 8 rounds" in both.supervised.kept  # of the new recipe: two strategies, trials and rounds
    assert load_recipe_comparison(tmp_path / "study").recipes == both.recipes
    with pytest.raises(StudyError, match="seed: 2 there, 3 here"):
        run(["pseudo_label"], seed=3)
    plain = compare(X, y, LogisticRegression(), ["margin_sampling"], out=tmp_path / "study", **few)
    assert "nothing was left to run" in plain.kept
    compare(X, y, LogisticRegression(), ["margin_sampling"], out=tmp_path / "plain", **few)
    with pytest.raises(StudyError, match="no comparison of recipes"):
        load_recipe_comparison(tmp_path / "plain")
    grown = run(["pseudo_label"], out=tmp_path / "plain")
    assert "Kept: 8 rounds" in grown.supervised.kept and "run now: 8 rounds" in grown.supervised.kept


# Pages and pictures


def test_the_page_has_every_gain_and_the_words_of_its_baseline(tmp_path):
    made = made_recipes()
    page = write_recipe_report(made, tmp_path).read_text()
    assert "lifted: random sampling is better than supervised random_sampling (+5.00 points)" in page
    assert "flat: " in page and "no strategy can be told from random_sampling under it." in page
    assert page.count("<title>lifted, margin</title>") == 2  # its line and its name
    assert "+5.00" in page and 'href="flat/report.html"' in page
    for name in ("report.html", "curves.png", "curves.svg", "flat/report.html", "supervised/curves.png"):
        assert (tmp_path / name).exists()


@pytest.mark.pictures
def test_the_picture_tells_recipes_by_colour_and_strategies_by_line(tmp_path):
    made = made_recipes()
    figure = plot_recipes(made, tmp_path / "curves.svg")
    lines = figure.axes[0].get_lines()
    assert len(lines) == 12
    looks = [(line.get_color(), line.get_linestyle(), line.get_marker()) for line in lines]
    assert len(set(looks)) == 12 and len({colour for colour, _, _ in looks}) == 3
    assert len({(style, mark) for _, style, mark in looks}) == 4  # on grey paper too
    width, height = figure.get_size_inches() * figure.dpi
    boxes = [legend.get_window_extent() for legend in figure.legends]
    assert len(boxes) == 2 and not boxes[0].overlaps(boxes[1])
    below = figure.axes[0].get_tightbbox().y0
    assert all(0 <= box.x0 < box.x1 <= width and 0 <= box.y0 < box.y1 <= below for box in boxes)
    again = tmp_path / "again.svg"
    plot_recipes(made, again)
    assert again.read_bytes() == (tmp_path / "curves.svg").read_bytes()


def test_what_few_trials_cannot_show_is_said():
    assert "5 trials" in floor_sentence(5) and "p = 0.0625" in floor_sentence(5)
    assert floor_sentence(6) == "" and "p = 1" in floor_sentence(1)


# The command line

QUICK = ["--data", "iris", "--n-initial", "9", "--n-instances", "5", "--n-rounds", "1", "--n-trials", "3"]


def call(*arguments):
    return CliRunner().invoke(cli.app, [*map(str, arguments)])


def test_recipes_of_the_command_line_a_file_of_them_and_the_report(tmp_path):
    out = tmp_path / "study"
    asked = ["--strategy", "margin_sampling", "--recipe", "supervised", "--recipe", "pseudo_label:threshold=0.7"]
    result = call("compare", *QUICK, *asked, "--out", out)
    assert result.exit_code == 0, result.output
    for word in ("recipe's part", "strategy's part", "the baseline", "p = 0.25", "pseudo_label:threshold=0.7"):
        assert word in result.output.replace("\n", " ")
    assert max(len(line.rstrip()) for line in result.output.splitlines() if "/" not in line) <= 80
    content = json.loads((out / "comparison.json").read_text())
    assert [gain["recipe"] for gain in content["gains"]] == ["supervised"] * 2 + ["pseudo_label:threshold=0.7"] * 2
    (out / "report.html").unlink()
    assert call("report", out).exit_code == 0 and (out / "report.html").exists()
    assert "whose report is its own" in flat(call("report", out, out))

    (tmp_path / "study.toml").write_text(call("protocol", out).output)
    result = call("compare", "--config", tmp_path / "study.toml", "--out", tmp_path / "again")
    assert result.exit_code == 0, result.output
    again = json.loads((tmp_path / "again" / "comparison.json").read_text())
    assert again["scores"] == content["scores"] and again["protocols"] == content["protocols"]

    alone = [*QUICK, "--strategy", "margin_sampling", "--config"]
    (tmp_path / "one.toml").write_text('recipe = "pseudo_label:threshold=0.7"\n')
    result = call("compare", *alone, tmp_path / "one.toml", "--out", tmp_path / "one")
    assert result.exit_code == 0 and "Training: pseudo_label (threshold = 0.7)" in flat(result)


def flat(result):
    return " ".join(result.output.split())


def test_mistakes_with_recipes_are_answered_in_a_sentence(tmp_path):
    result = call("compare", *QUICK, "--recipe", "uda", "--out", tmp_path / "a")
    assert result.exit_code == 2 and "must be a skal.neural.NeuralClassifier" in flat(result)
    result = call("compare", *QUICK, "--recipe", "udaa", "--out", tmp_path / "a")
    assert result.exit_code == 2 and "no recipe 'udaa'" in flat(result)
    (tmp_path / "bad.toml").write_text('recipe = "uda"\nrecipes = ["uda"]\n')
    result = call("compare", "--config", tmp_path / "bad.toml", "--out", tmp_path / "a")
    assert result.exit_code == 2 and "Either recipes" in flat(result)


def test_a_net_is_compared_under_recipes_that_learn_from_unlabelled_rows(table):
    X, y = table
    net = NeuralClassifier("MLP", module__hidden=(8,), max_epochs=2, random_state=0)
    few = {**FEW, "n_rounds": 1, "n_trials": 2}
    recipes = ["uda:max_steps=4,threshold=0.4", "fixmatch:max_steps=4,threshold=0.4", "augmented"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # so few steps trust no guess
        comparison = compare_recipes(X, y, net, ["margin_sampling"], [*recipes, "pretrained:max_epochs=1"], **few)
    assert len(comparison.recipes) == 5 and len(comparison.gains()) == 10
