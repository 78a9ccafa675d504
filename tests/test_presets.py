"""Task models by name: what each takes, and what strategies can read of it."""

import numpy as np
import pandas as pd
import pytest

from skal import ActiveLearner, outputs
from skal.datasets import load_dataset
from skal.query import select, strategies
from skal.study import ESTIMATORS, make_estimator
from skal.study.strategies import check_strategies as _check

NETS = {
    "mlp": "MLP",
    "loss_net": "MLP",
    "cnn": "SmallCNN",
    "loss_cnn": "SmallCNN",
    "cnn_ensemble": "SmallCNN",
}
READING = {  # of the strategies for nets: what a preset serves
    "mlp": {"bald", "core_set", "vaal_query", "sraal_query", "adversarial_deepfool"},
    "cnn": {"bald", "core_set", "vaal_query", "sraal_query", "adversarial_deepfool"},
    "loss_net": {"bald", "core_set", "vaal_query", "learning_loss_sampling", "adversarial_deepfool"},
    "loss_cnn": {"bald", "core_set", "vaal_query", "learning_loss_sampling", "adversarial_deepfool"},
    "cnn_ensemble": {"ensemble_variation_ratio", "vaal_query", "consensus_entropy_sampling"},
}


def quick(name):
    """The preset, trained briefly."""
    model = make_estimator(name)
    short = [key for key in model.get_params() if key.split("__")[-1] == "max_epochs"]
    seeds = [key for key in model.get_params() if key.split("__")[-1] == "random_state"]
    members = {"n_members": 2} if name == "cnn_ensemble" else {}
    return model.set_params(**dict.fromkeys(short, 3), **dict.fromkeys(seeds, 0), **members)


def test_options_are_those_of_the_last_step():
    assert make_estimator("logistic:C=0.5").steps[-1][1].C == 0.5
    assert make_estimator("cnn:module__width=4,lr=0.01").get_params()["module__width"] == 4
    assert make_estimator("cnn_ensemble:n_members=3,estimator__lr=0.01").estimator.lr == 0.01
    with pytest.raises(ValueError, match="The estimator logistic has no option c; it has C.*Did you mean C"):
        make_estimator("logistic:c=1")
    with pytest.raises(ValueError, match="no estimator 'net'"):
        make_estimator("net:lr=1")


@pytest.fixture(scope="module")
def images():
    found = load_dataset("digits_images")
    return found.X[:120], found.y[:120]


@pytest.mark.parametrize("name", NETS)
def test_nets_are_trained_on_images_and_read(name, images):
    X, y = images
    model = quick(name).fit(X[:40], y[:40])
    assert outputs.proba(model, X[40:]).shape == (80, 10)
    assert outputs.is_committee(model) == (name == "cnn_ensemble")
    if name != "cnn_ensemble":
        sampled = outputs.sampled_proba(model, X[40:], 3, random_state=0)
        assert sampled.shape == (3, 80, 10) and (sampled[0] != sampled[1]).any()  # dropout is there
    if name.startswith("loss"):
        assert outputs.predicted_loss(model, X[40:]).shape == (80,)


@pytest.mark.parametrize("name", NETS)
def test_nets_serve_the_strategies_that_read_them(name, images):
    for strategy in READING[name]:
        _check({strategy: strategies()[strategy]}, make_estimator(name))
    if name in ("mlp", "cnn"):
        with pytest.raises(ValueError, match="learning_loss_sampling needs predict_loss"):
            _check({"learning_loss_sampling": strategies()["learning_loss_sampling"]}, make_estimator(name))


@pytest.mark.parametrize("name", ["loss_net", "loss_cnn"])
def test_one_model_answers_every_strategy_of_the_comparison(name, images):
    X, y = images
    learner = ActiveLearner(quick(name), random_state=0).fit(X[:40], y[:40])
    for asked in ("entropy_sampling", "core_set", "bald", "learning_loss_sampling"):
        picks, _ = select(strategies()[asked], learner, X[40:], 5, random_state=0)
        assert len(set(picks.tolist())) == 5


@pytest.mark.parametrize("name", ["mlp", "loss_net"])
def test_nets_for_tables_take_mixed_frames(name):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(size=60), "colour": rng.choice(["red", "blue", "green"], 60)})
    y = np.where(frame["colour"] == "red", "stop", "go")
    frame.loc[3, "size"] = np.nan
    frame.loc[4, "colour"] = None
    model = make_estimator(name)
    model.set_params(**{f"{model.steps[-1][0]}__random_state": 0}).fit(frame, y)
    assert model.score(frame, y) > 0.9
    unseen = pd.DataFrame({"size": [0.0], "colour": ["violet"]})
    assert np.isfinite(model.predict_proba(unseen)).all()


@pytest.mark.parametrize("name", ["cnn", "loss_cnn", "cnn_ensemble"])
def test_convolutional_nets_refuse_tables_in_a_sentence(name):
    X = np.random.default_rng(0).normal(size=(20, 5))
    with pytest.raises(ValueError, match=r"SmallCNN: input_shape must be \(C, H, W\).*For a table use a net such as"):
        quick(name).fit(X, np.arange(20) % 2)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_preset_is_new_each_time_and_tells_what_it_is(name):
    first, again = make_estimator(name), make_estimator(name)
    assert first is not again and repr(first) == repr(again)
    assert NETS.get(name, "") in repr(first)
