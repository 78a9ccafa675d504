"""Published protocols: written down whole, valid, and run at a tiny size."""

import dataclasses
import json
import warnings

import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from typer.testing import CliRunner

from skal import cli
from skal.datasets.sources import FETCHED, at, load_source
from skal.estimators import presets
from skal.query import strategies
from skal.study import PROTOCOLS, RECIPES, RecipeComparison, make_estimator, read_recipe
from skal.study import request as request_module
from skal.study.conditions import conditions
from skal.study.request import DEFAULTS, Request
from skal.study.strategies import parse_strategy

TINY = {"n_initial": 20, "n_instances": 5, "n_rounds": 1, "n_trials": 1}


def call(*arguments):
    return CliRunner().invoke(cli.app, [*map(str, arguments)])


def flat(result):
    return " ".join(result.output.split())


@pytest.mark.parametrize("scale", ["full", "small"])
@pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
def test_each_names_only_what_there_is(protocol, scale):
    chosen = protocol.choices(scale)
    assert set(chosen) <= set(DEFAULTS) | {"strategies"}
    assert make_estimator(chosen["estimator"]) is not None
    assert chosen["estimator"].partition(":")[0] in (
        presets.ESTIMATORS if scale == "small" else presets.PUBLISHED_ESTIMATORS
    )
    assert chosen["strategies"] and all(parse_strategy(text)[0].partition(":")[0] in strategies() for text in
                                        chosen["strategies"])  # fmt: skip
    for text in chosen.get("recipes", []):
        recipe = read_recipe(text)
        assert text.partition(":")[0] in RECIPES
        assert recipe.apply(make_estimator(chosen["estimator"])) is not None
    of_masks = "round_budget" in chosen or "iou" in chosen["metrics"]
    assert chosen["metrics"] == (["miou", "pixel_accuracy", "iou"] if of_masks else ["accuracy"])
    assert chosen["initial"] in ("random", "class_balanced")
    assert protocol.summary and protocol.source and protocol.needs and protocol.unverified
    assert make_estimator(chosen["estimator"]) is not make_estimator(chosen["estimator"])


@pytest.mark.parametrize(
    ("name", "last", "share", "of"),
    [
        ("vaal_cifar10", 20_000, 0.4, 50_000),
        ("vaal_cifar100", 20_000, 0.4, 50_000),
        ("vaal_caltech256", 12_240, 0.4, 30_607),
        ("vaal_imagenet", 384_360, 0.3, 1_281_167),
        ("sraal_cifar10", 20_000, 0.4, 50_000),
        ("sraal_caltech101", 2776, 0.4, 6941),
        ("mittal_cifar10_large", 20_000, 0.4, 50_000),
        ("mittal_cifar10_low", 2000, 0.04, 50_000),
        ("mittal_cifar100_low", 4000, 0.08, 50_000),
        ("vae_augmented_mnist", 24_000, 0.96, 25_000),
        ("vae_augmented_chestmnist", 30_000, 1.0, 30_000),
        ("vaal_cityscapes", 1200, 0.4034, 2975),
        ("vaal_bdd100k", 3200, 0.4, 8000),
        ("sraal_cityscapes", 1192, 0.4, 2975),
    ],
)
def test_label_counts_are_those_of_the_papers(name, last, share, of):
    """Initial labels, labels a round and rounds come to the last count, and that to the paper's share."""
    chosen = PROTOCOLS[name].choices()
    assert chosen["n_initial"] + chosen["n_rounds"] * chosen["n_instances"] == last
    assert last / of == pytest.approx(share, abs=0.001)
    assert chosen["n_trials"] == (3 if name.startswith("mittal") else 2 if name == "vaal_imagenet" else 5)


def test_a_small_one_keeps_the_proportions_of_the_large_budgets():
    for name in ("vaal_cifar10", "sraal_cifar100", "mittal_cifar10_large"):
        full, small = (PROTOCOLS[name].choices(scale) for scale in ("full", "small"))
        for key in ("n_initial", "n_instances"):
            assert small[key] / 1347 == pytest.approx(full[key] / 50_000, abs=0.001)
        assert small["n_rounds"] == full["n_rounds"] and small["n_trials"] == full["n_trials"]


def test_a_changed_copy_leaves_the_protocol_as_it_was():
    PROTOCOLS["vaal_cifar10"].choices()["strategies"].append("badge")
    assert PROTOCOLS["vaal_cifar10"].choices()["strategies"] == ["vaal_query", "core_set", "mc_dropout_entropy"]
    with pytest.raises(ValueError, match="scale must be one of full, small"):
        PROTOCOLS["vaal_cifar10"].choices("tiny")


# Of those that differ by label counts alone, one is run.
DISTINCT = list(
    {
        str((p.small["data"], p.small["strategies"], p.small.get("recipes"))): name for name, p in PROTOCOLS.items()
    }.values()
)
SHORT = {"vaal_query": "vaal_query:max_steps=2,judge_steps=2", "sraal_query": "sraal_query:max_steps=2,judge_steps=2"}


@pytest.mark.slow
# Of the three that compare segmenters on the same scenes one is run each time.
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.nightly] * (name in ("vaal_bdd100k", "sraal_cityscapes")))
        for name in DISTINCT
    ],
)
def test_each_small_one_runs_for_a_round(name, monkeypatch):
    """Its own models, strategies and recipes, on some of its data, with as few labels and steps as there can be."""
    own = PROTOCOLS[name].choices("small")
    whole = load_source(own["data"])
    X, y = whole.X[:90], whole.y[:90]
    if y.ndim == 3:  # masks: every other pixel
        X, y = X[:, :, ::2, ::2], y[:, ::2, ::2]
    few = dataclasses.replace(whole, X=X, y=y)
    monkeypatch.setattr(request_module, "load_source", lambda spec, target=None, numbers=None: few)
    model = own["estimator"].partition(":")[0]
    make = presets.ESTIMATORS[model]
    narrow = {"module__width": 4} if model == "unet" else {}
    monkeypatch.setitem(presets.ESTIMATORS, model, lambda: make().set_params(max_epochs=1, **narrow))
    # An autoencoder has no short form by a text of the protocol: core_set stands for vae_core_set here.
    asked = [SHORT.get(text, text) for text in own["strategies"] if text != "vae_core_set"]
    steps = {"uda": "uda:flip=false,max_steps=2,threshold=0.2"}
    recipes = [steps.get(text.partition(":")[0], text) for text in own.get("recipes", [])]
    given = {**TINY, "strategies": asked, **({"recipes": recipes} if recipes else {})}
    request = Request.of(None, given, name, "small")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = request.run()
    assert own.get("round_budget") or found.n_labels.tolist() == [20, 25]
    assert isinstance(found, RecipeComparison) == bool(recipes)
    said = found.conditions[0]
    assert f"Published setup: {name}, scaled down, except for" in said
    assert f"n_instances = 5 instead of {own['n_instances']}" in said


# Choices beside a protocol, and files


def test_what_is_given_beside_a_protocol_comes_first_and_is_said():
    request = Request.of(None, {"n_trials": 2, "seed": 3}, "vaal_cifar10", "small")
    assert request.settings["n_trials"] == 2 and request.settings["n_rounds"] == 6 and request.settings["seed"] == 3
    assert request.settings["follows"] == {
        "name": "vaal_cifar10",
        "scale": "small",
        "changed": ["n_trials = 2 instead of 5"],
    }
    untouched = Request.of(None, {"n_trials": 5}, "vaal_cifar10", "small")
    assert untouched.settings["follows"] == {"name": "vaal_cifar10", "scale": "small"}
    more = Request.of(None, {"oracle": "noisy:rate=0.2", "strategies": ["badge"]}, "mittal_cifar10_low", "small")
    changed = more.settings["follows"]["changed"]
    assert len(changed) == 2 and "strategies = badge instead of core_set and entropy_sampling" in changed


def test_class_balanced_initial_labels_are_said_to_look_at_labels():
    for protocol in PROTOCOLS.values():
        looks = protocol.choices()["initial"] == "class_balanced"
        assert any("looks at labels that nobody has paid for" in note for note in protocol.notes) == looks
    settings = PROTOCOLS["mittal_cifar10_low"].choices("small")
    assert any("looks at labels that nobody has paid for" in said for said in conditions(settings))


def test_a_printed_protocol_is_the_protocol_and_a_change_in_the_file_is_said_too(tmp_path):
    for name in {*DISTINCT, "vaal_cifar10"}:
        printed = call("protocol", name, "--scale", "small")
        assert printed.exit_code == 0, printed.output
        path = tmp_path / f"{name}.toml"
        path.write_text(printed.output)
        by_file, by_name = Request.of(path, {}), Request.of(None, {}, name, "small")
        assert by_file.settings == by_name.settings and list(by_file.strategies) == list(by_name.strategies)
        assert "changed" not in by_file.settings["follows"]
    path = tmp_path / "vaal_cifar10.toml"
    path.write_text(path.read_text().replace("n_trials = 5", "n_trials = 4"))
    assert Request.of(path, {}).settings["follows"]["changed"] == ["n_trials = 4 instead of 5"]
    with pytest.raises(ValueError, match="not both"):
        Request.of(path, {}, "vaal_cifar10")


def test_the_study_says_which_protocol_it_follows(tmp_path):
    quick = [
        "--n-initial",
        "20",
        "--n-instances",
        "5",
        "--n-rounds",
        "1",
        "--n-trials",
        "2",
        "--estimator",
        "logistic",
    ]
    asked = ["compare", "--setup", "vae_augmented_mnist", "--scale", "small", "--strategy", "core_set"]
    result = call(*asked, *quick, "--out", tmp_path / "a")
    assert result.exit_code == 0, result.output
    assert "Published setup: vae_augmented_mnist, scaled down, except for" in flat(result)
    assert "estimator = logistic instead of cnn" in flat(result)
    content = json.loads((tmp_path / "a" / "comparison.json").read_text())
    assert content["protocol"]["follows"]["scale"] == "small"
    assert "vae_augmented_mnist" in (tmp_path / "a" / "report.html").read_text()
    (tmp_path / "again.toml").write_text(call("protocol", tmp_path / "a").output)
    result = call("compare", "--config", tmp_path / "again.toml", "--out", tmp_path / "b")
    assert result.exit_code == 0, result.output
    again = json.loads((tmp_path / "b" / "comparison.json").read_text())
    assert again["protocol"] == content["protocol"] and again["strategies"].keys() == content["strategies"].keys()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--setup", "vaal"], "no published setup 'vaal'; there are vaal_cifar10"),
        (["--setup", "vaal_cifar10"], "cifar10 is not in 'data', where cifar-10-batches-py is expected"),
        (["--setup", "mittal_cifar100_low"], "--data 'cifar100?root=FOLDER'"),
        (["--setup", "vaal_imagenet"], "needs ImageNet as a folder of images"),
        (["--setup", "vae_augmented_chestmnist"], "--scale small"),
        (["--setup", "vaal_cifar10", "--scale", "tiny"], "scale must be one of"),
        (["--setup", "vae_augmented_mnist", "--data", "nowhere.npz"], "no file or folder 'nowhere.npz'"),
    ],
)
def test_mistakes_are_answered_in_a_sentence(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("compare", *arguments, "--out", tmp_path / "out")
    assert result.exit_code == 2 and message in flat(result), result.output
    assert not (tmp_path / "out").exists()


def test_protocols_are_listed_with_what_is_not_verified():
    result = call("protocols")
    assert result.exit_code == 0
    for protocol in PROTOCOLS.values():
        assert protocol.name in result.output
        assert all(" ".join(said.split()) in flat(result) for said in (*protocol.notes, *protocol.unverified))
    assert "small, for CPUs: digits_images" in flat(result)


# Data by name


@pytest.fixture
def mnist(tmp_path):
    """A folder in torchvision's form: 50 images to learn from, 10 to test on."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    rng = np.random.RandomState(0)
    for part, n in (("train", 50), ("t10k", 10)):
        images = rng.randint(0, 256, (n, 28, 28), dtype=np.uint8)
        labels = (np.arange(n) % 10).astype(np.uint8)
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            head = bytes([0, 0, 8, array.ndim]) + b"".join(int(side).to_bytes(4, "big") for side in array.shape)
            (raw / f"{part}-{kind}-ubyte").write_bytes(head + array.tobytes())
    return tmp_path


def test_image_sets_are_read_from_their_folder(mnist):
    found = load_source(f"mnist?root={mnist}&rows=20")
    assert found.X.shape == (20, 1, 28, 28) and found.X_test.shape == (10, 1, 28, 28)
    whole = load_source(f"mnist?root={mnist}")
    assert len(whole.y) == 50
    rows = [int(np.flatnonzero((whole.X == image).all(axis=(1, 2, 3)))[0]) for image in found.X]
    assert rows == sorted(set(rows)) and rows[-1] > 20, "drawn, since files are often sorted by class"
    assert found.y.tolist() == whole.y[rows].tolist()
    again = load_source(f"mnist?root={mnist}&rows=20")
    assert np.array_equal(again.X, found.X) and again.fingerprint() == found.fingerprint() != whole.fingerprint()
    assert at("mnist?rows=25000", str(mnist)) == f"mnist?root={mnist}&rows=25000"
    assert at("cifar10", str(mnist)) is None and at("imagenet", str(mnist)) is None
    for spec, message in (
        (f"mnist?root={mnist}&rows=51", r"rows must be in \[1, 50\], got 51"),
        (f"mnist?root={mnist}&rows=few", "must be a whole number"),
        (f"mnist?root={mnist}&size=3", "no option size"),
        (f"mnist?root={mnist}&resize=8x8", "mnist.*resize"),
    ):
        with pytest.raises(ValueError, match=message):
            load_source(spec)
    assert set(FETCHED) >= {"cifar10", "cifar100", "mnist", "caltech101", "caltech256"}


def test_a_folder_given_beside_a_protocol_is_no_change(mnist):
    with pytest.raises(ValueError, match=r"rows must be in \[1, 50\], got 25000"):
        Request.of(None, {"data": str(mnist)}, "vae_augmented_mnist")
    few = {**TINY, "data": f"mnist?root={mnist}&rows=40", "estimator": "logistic", "strategies": ["core_set"]}
    changed = Request.of(None, few, "vae_augmented_mnist").settings["follows"]["changed"]
    assert "data = mnist?rows=40 instead of mnist?rows=25000" in changed
    assert not any("test_size" in said for said in changed)  # these data have a test part of their own
