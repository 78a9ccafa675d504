"""Masks in a comparison: metrics of pixels, money on the axis, pictures of rounds."""

import io
from functools import partial

import numpy as np
import pytest
from made_segmentation import PixelClassifier, scenes
from PIL import Image

import skal
from skal.annotation import Budget, ClickCost, Oracle, PricedOracle, UniformCost, UnknownPrice, superpixel_regions
from skal.loop import rounds
from skal.masks import Confusion
from skal.metrics import make_metrics, measure, metric_in_words
from skal.neural import NeuralSegmenter
from skal.query import entropy_sampling, random_sampling
from skal.report import write_report
from skal.study import load_comparison
from skal.study.pictures import round_picture
from skal.targets import targets_of

X, MASKS = scenes(30)
SETTINGS = {"n_initial": 3, "n_instances": 2, "n_rounds": 3, "n_trials": 2, "test_size": 0.3}


def compared(**settings):
    return skal.compare(X, MASKS, PixelClassifier(), ["entropy_sampling"], **{**SETTINGS, **settings})


def test_masks_are_measured_by_mean_iou():
    found = compared(scoring=("miou", "pixel_accuracy", "iou"))
    assert list(found.metrics) == ["miou", "pixel_accuracy", "iou:0", "iou:1", "iou:2"]
    each = np.array([found.metrics[f"iou:{label}"]["random_sampling"] for label in range(3)])
    assert np.allclose(each.mean(axis=0), found.scores["random_sampling"])
    assert found.unit == "images" and found.n_labels.tolist() == [3, 5, 7, 9]
    assert compared().metric == "miou"  # without scoring=


def test_metrics_of_masks_leave_void_out_and_share_one_pass():
    class Counting(PixelClassifier):
        calls = 0

        def predict(self, X):
            type(self).calls += len(X)
            return super().predict(X)

    masks = MASKS.copy()
    masks[:, :2] = 255
    model = Counting().fit(X[:20], masks[:20])
    metrics = make_metrics(("pixel_accuracy", "miou", "iou"), targets_of(masks, names=["sky", "road", "car"]))
    values = measure(metrics, model, X[20:], masks[20:])
    assert Counting.calls == 10
    known = masks[20:] != 255
    predicted = model.predict(X[20:])
    assert values["pixel_accuracy"] == pytest.approx((predicted == masks[20:])[known].mean())
    both = ((predicted == 1) & (masks[20:] == 1))[known].sum()
    assert values["iou:road"] == pytest.approx(both / ((predicted == 1) | (masks[20:] == 1))[known].sum())
    with pytest.raises(ValueError, match=r"no metric accuracy of masks: there are miou.*iou:sky"):
        make_metrics(("accuracy",), targets_of(masks, names=["sky", "road", "car"]))


def test_every_strategy_has_the_same_money_and_curves_are_over_it():
    cost = ClickCost(tolerance=1)
    found = compared(cost=cost, round_budget=20.0)
    assert found.unit == "clicks"
    first = np.mean([sum(map(cost, MASKS[trial[0]])) for trial in found.picks["random_sampling"]])
    assert found.axis.tolist() == [first + 20 * number for number in range(4)]
    for name, trials in found.picks.items():
        for number, trial in enumerate(trials):
            prices = [sum(map(cost, MASKS[picked])) for picked in trial]
            assert np.allclose(np.cumsum(prices), found.spent[name][number])
            spent = np.cumsum(prices[1:])
            assert (spent <= 20.0 * np.arange(1, 4)).all(), "more than there was"
            assert spent[-1] > 20.0 * 3 - 30, "unspent money is kept for the next round"
            assert [sum(map(len, trial[: end + 1])) for end in range(4)] == found.n_bought[name][number].tolist()


def test_the_price_of_a_label_is_recorded_where_rounds_are_of_labels():
    found = compared(cost="clicks:tolerance=1")
    assert found.unit == "images" and found.protocol["cost"]["cost"] == "clicks"
    picked = np.concatenate(found.picks["entropy_sampling"][0])
    assert found.spent["entropy_sampling"][0][-1] == sum(map(ClickCost(tolerance=1), MASKS[picked]))


def test_a_strategy_cannot_ask_for_a_price_before_it_is_paid():
    shop = PricedOracle(Oracle(MASKS), ClickCost(tolerance=1))

    def cheapest(learner, X_pool, n_instances=1, *, random_state=None):
        return np.argsort([shop.price(row) for row in X_pool.rows])[:n_instances]

    loop = rounds(PixelClassifier(), X, shop, cheapest, [0, 1, 2], budget=Budget(20.0), n_rounds=2)
    assert next(loop).cost == shop.price(0) + shop.price(1) + shop.price(2)
    with pytest.raises(UnknownPrice, match="price of row 3 is known once its label is bought"):
        next(loop)


def test_what_a_strategy_is_handed_holds_no_mask_of_an_unlabelled_image():
    found = []

    def nosy(learner, X_pool, n_instances=1, *, random_state=None):
        found.append([learner.X_training, learner.y_training, *vars(learner).values(), *vars(X_pool).values()])
        return np.arange(n_instances)

    shop = PricedOracle(Oracle(MASKS), UniformCost())
    runs = list(rounds(PixelClassifier(), X, shop, nosy, [4, 5], budget=Budget(3.0), n_rounds=2))
    assert len(found) == 2 and [len(run.labeled) for run in runs] == [2, 5, 8]
    for seen, run in zip(found, runs[:2], strict=True):
        assert len(seen[1]) == len(run.labeled)
        arrays = [part for part in seen if isinstance(part, np.ndarray) and part.shape[1:] == MASKS.shape[1:]]
        assert [len(part) for part in arrays] == [len(run.labeled)] * len(arrays)
        assert any(part is seen[1] for part in arrays), "the labels that it may see are among what was looked at"


def test_a_stop_before_the_dear_label_keeps_the_money_and_goes_on():
    values = np.array([1.0, 1.0, 5.0, 2.0, 9.0, 1.0])
    rows = np.arange(12.0).reshape(6, 2)

    class Model(PixelClassifier):
        def fit(self, X, y):
            return self

    def in_order(learner, X_pool, n_instances=1, *, random_state=None):
        return np.arange(n_instances)

    shop = PricedOracle(Oracle(values), float)
    runs = list(rounds(Model(), rows, shop, in_order, [0], budget=Budget(3.0), n_rounds=4))
    assert [run.picked.tolist() for run in runs] == [[0], [1], [2], [3], []]
    # 3 allowed, 1 spent; 6 allowed, 5 more spent; 9, 8 spent; 12 allowed, 4 left, 9 is too dear.
    assert [run.cost for run in runs] == [1.0, 2.0, 7.0, 9.0, 9.0]
    again = list(
        rounds(Model(), rows, PricedOracle(Oracle(values), float), in_order, [0, 1, 2], number=2, n_rounds=4,
               spent=6.0, budget=Budget(3.0))
    )  # fmt: skip
    assert [run.picked.tolist() for run in again[1:]] == [[3], []]
    assert [run.cost for run in again] == [7.0, 9.0, 9.0]


def test_a_round_goes_on_asking_while_there_is_money_and_the_new_rows_are_among_the_labelled():
    prices = np.array([8.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    known = []

    def in_order(learner, X_pool, n_instances=1, *, random_state=None):
        known.append(len(learner.y_training))
        return np.arange(n_instances)

    class Model(PixelClassifier):
        def fit(self, X, y):
            return self

    shop = PricedOracle(Oracle(prices), float)
    runs = list(rounds(Model(), np.zeros((8, 1)), shop, in_order, [0], budget=Budget(5.0), n_rounds=1))
    assert runs[-1].picked.tolist() == [1, 2, 3, 4, 5] and runs[-1].cost == 13.0
    assert known[:2] == [1, 2] and (np.diff(known) > 0).all()


def test_a_study_of_masks_goes_on_and_ends_the_same(tmp_path):
    settings = {"cost": "clicks:tolerance=1", "round_budget": 15.0, "out": tmp_path}
    whole = compared(cost="clicks:tolerance=1", round_budget=15.0)

    class Stopped(Exception):
        pass

    def stop(name, trial, number):
        if (name, trial, number) == ("entropy_sampling", 0, 2):
            raise Stopped

    with pytest.raises(Stopped):
        compared(**settings, progress=stop)
    found = compared(**settings)
    for name, trials in whole.picks.items():
        assert [[p.tolist() for p in trial] for trial in trials] == [
            [p.tolist() for p in trial] for trial in found.picks[name]
        ]
        assert np.allclose(whole.spent[name], found.spent[name])


def test_pictures_of_the_first_trial_are_kept_and_reported(tmp_path):
    compared(out=tmp_path, class_names=["wall", "door", "lamp"], scoring=("miou", "iou"), cost="clicks:tolerance=1")
    found = load_comparison(tmp_path)
    assert {name: sorted(own) for name, own in found.pictures.items()} == {
        name: [0, 1, 2, 3] for name in ("random_sampling", "entropy_sampling")
    }
    picture = np.asarray(Image.open(io.BytesIO(found.pictures["entropy_sampling"][3])))
    assert picture.ndim == 3 and picture.shape[1] > 4 * 160
    page = write_report(found, tmp_path).read_text()
    assert page.count("data:image/png;base64,") == 8 and "lamp" in page
    assert "What the labels cost" in page and "clicks a label" in page and ">images<" in page


def test_partial_of_a_strategy_and_masks_of_other_sizes():
    images = [X[0], X[1, :, :8], *X[2:]]
    masks = [MASKS[0], MASKS[1, :8], *MASKS[2:]]
    targets = targets_of(masks)
    assert targets.classes.tolist() == [0, 1, 2] and targets.y.dtype == object
    assert sum(targets.counts(np.array([0, 1]))) == masks[0].size + masks[1].size
    assert len(images) == len(targets.y)
    assert Confusion(classes=targets.classes).add(masks[1], masks[1]).mean_iou() == 1.0
    found = skal.compare(X, MASKS, PixelClassifier(), {"e": partial(entropy_sampling)}, **SETTINGS)
    assert list(found.scores) == ["random_sampling", "e"] and random_sampling.__name__ in found.scores


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"initial": "stratified"}, "an image holds many classes"),
        ({"initial_left_out": 1}, "initial_left_out is for labels"),
        ({"scoring": "accuracy"}, "no metric accuracy of masks"),
        ({"class_names": ["a"]}, "class_names must name the 3 classes"),
        ({"cost": "hours"}, "hours"),
        ({"round_budget": -1.0}, "-1"),
    ],
)
def test_what_cannot_be_done_with_masks_is_said_before_any_work(settings, said):
    with pytest.raises((ValueError, TypeError), match=said):
        compared(**settings)


REGIONS = {"cost": "clicks:tolerance=1", "round_budget": 25.0}


def test_regions_and_images_are_compared_for_the_same_money():
    names = [
        "region_sampling:regions=superpixels,n_segments=12",
        "region_sampling:region_strategy=random,background=0",
    ]
    found = skal.compare(X, MASKS, PixelClassifier(), names, **{**SETTINGS, **REGIONS})
    assert list(found.scores) == ["random_sampling", *names] and found.unit == "clicks"
    assert found.protocol["strategies"][names[0]] == {
        "strategy": "region_sampling", "regions": "superpixels", "n_segments": 12,
    }  # fmt: skip
    for name in names:
        assert [trial[0].tolist() for trial in found.picks[name]] == [
            trial[0].tolist() for trial in found.picks["random_sampling"]
        ]
        spent = found.spent[name] - found.spent[name][:, :1]
        assert (spent <= 25.0 * np.arange(4)).all() and (spent[:, -1] > 40).all()
        pairs = found.picks[name][0][1].reshape(-1, 2)
        assert set(pairs[:, 0]) <= set(range(len(X))) and len(np.unique(pairs, axis=0)) == len(pairs)
        assert (found.picked_classes[name][:, 1:].sum(axis=2) > 0).all()
    for number in range(1, 4):
        pairs = found.picks[names[0]][0][number].reshape(-1, 2)
        pixels = sum((superpixel_regions(X[image], 12) == region).sum() for image, region in pairs)
        assert found.picked_classes[names[0]][0, number].sum() == pixels


def test_regions_go_on_after_a_stop_and_a_protocol_names_them(tmp_path, monkeypatch):
    name = "region_sampling:regions=superpixels,n_segments=9"
    settings = {**SETTINGS, **REGIONS, "n_trials": 1}
    whole = skal.compare(X, MASKS, PixelClassifier(), [name], **settings)

    def stop(strategy, trial, number):
        if (strategy, number) == (name, 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        skal.compare(X, MASKS, PixelClassifier(), [name], **settings, out=tmp_path, progress=stop)
    fits, plain = [], skal.loop._round.fit_round  # another PixelClassifier.fit would be edited code
    monkeypatch.setattr(skal.loop._round, "fit_round", lambda *args: (fits.append(args), plain(*args))[1])
    found = skal.compare(X, MASKS, PixelClassifier(), [name], **settings, out=tmp_path)
    assert [p.tolist() for p in found.picks[name][0]] == [p.tolist() for p in whole.picks[name][0]]
    assert np.allclose(found.scores[name], whole.scores[name])
    assert (found.picked_classes[name] == whole.picked_classes[name]).all()
    assert len(fits) == whole.scores[name].shape[1] - 1, "of the round that was done last, and of those after it"


def test_regions_need_masks_and_right_labels():
    with pytest.raises(ValueError, match="asks for regions of images, and y holds no masks"):
        skal.compare(X[:, 0].reshape(30, -1), MASKS[:, 0, 0] * 0 + np.arange(30) % 2, PixelClassifier(),
                     ["region_sampling"], **SETTINGS)  # fmt: skip
    with pytest.raises(ValueError, match="regions must be one of"):
        skal.compare(X, MASKS, PixelClassifier(), ["region_sampling:regions=squares"], **SETTINGS)


def test_s4gan_learns_from_the_images_without_masks_and_its_discriminator_asks():
    model = NeuralSegmenter(module__width=4, module__depth=1, size=(8, 12), batch_size=2, flip=False)
    asked = ["discriminator_score_sampling", "entropy_sampling"]
    few = {**SETTINGS, "n_rounds": 1, "n_trials": 1}
    found = skal.compare(X, MASKS, model, asked, recipe="s4gan:max_steps=2,discriminator_width=4", **few)
    assert set(found.scores) == {"random_sampling", *asked} and found.protocol["recipe"]["recipe"] == "s4gan"
    with pytest.raises(ValueError, match="discriminator"):
        skal.compare(X, MASKS, model, asked, **few)  # nothing has a discriminator without the recipe


@pytest.mark.parametrize(
    ("name", "said"),
    [("miou", "mean IoU"), ("iou:car", "IoU of car"), ("pixel_accuracy", "pixel accuracy"), ("f1_macro", "f1_macro")],
)
def test_metrics_of_masks_have_names_in_words(name, said):
    assert metric_in_words(name) == said


def test_uncertainty_is_drawn_at_the_size_of_its_image():
    class Halved(PixelClassifier):
        def predict_proba(self, X):
            return super().predict_proba(X)[:, :, ::2, ::4]

        def predict(self, X):
            return np.zeros((len(X), *X.shape[2:]), dtype=int)

    model = Halved().fit(X[:20], MASKS[:20])
    drawn = round_picture(model, np.arange(3), X[20:], MASKS[20:], X[:0], MASKS[:0])
    plain = round_picture(
        PixelClassifier().fit(X[:20], MASKS[:20]), np.arange(3), X[20:], MASKS[20:], X[:0], MASKS[:0]
    )
    assert Image.open(io.BytesIO(drawn)).size == Image.open(io.BytesIO(plain)).size


class OfTheFirst(PixelClassifier):
    """Learns from the first image alone: as sensitive to the order of the images as a net."""

    def fit(self, X, y):
        return super().fit(X[:1], y[:1])


def test_arms_over_regions_begin_with_the_model_of_all_others():
    name = "region_sampling:regions=superpixels,n_segments=12"
    found = skal.compare(X, MASKS, OfTheFirst(range(3)), [name, "entropy_sampling"], **{**SETTINGS, **REGIONS})
    starts = {name: scores[:, 0].tolist() for name, scores in found.scores.items()}
    assert starts[name] == starts["entropy_sampling"] == starts["random_sampling"]
