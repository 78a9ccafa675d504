"""Regions: who may ask for them, what they cost, and masks that fill up as they are paid."""

import functools
import pickle

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from skal.annotation import (
    Budget,
    ClickCost,
    RegionOracle,
    UniformCost,
    polygon_regions,
    polygons,
    superpixel_regions,
)
from skal.data import block_rows
from skal.loop import region_rounds
from skal.outputs import MissingOutput
from skal.query import entropy_sampling, pick_regions, random_sampling, region_query, strategies

VOID = 255


class PixelModel(BaseEstimator):
    """Classes of pixels by the nearest mean value; masks may be labelled in part."""

    def __init__(self, n_classes=3, random_state=None):
        self.n_classes = n_classes
        self.random_state = random_state

    def fit(self, X, y):
        pixels, labels = np.ravel(X), np.ravel(np.asarray(y))
        self.seen_ = np.asarray(y).copy()
        known = labels != VOID
        assert known.any() and labels[known].max() < self.n_classes
        overall = pixels[known].mean()
        self.means_ = np.array([pixels[labels == c].mean() if (labels == c).any() else overall
                                for c in range(self.n_classes)])  # fmt: skip
        return self

    def predict_proba(self, X):
        if not hasattr(self, "means_"):
            raise NotFittedError("not fitted")
        distances = (np.asarray(X)[:, 0][:, None] - self.means_[:, None, None]) ** 2
        P = np.exp(-distances * 4)
        return P / P.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def scenes():
    """Twelve images of three classes; a pixel's value is its class and noise; void along one edge."""
    rng = np.random.RandomState(0)
    masks = gaussian_filter(rng.normal(size=(12, 3, 24, 32)), (0, 0, 3, 3)).argmax(axis=1).astype(np.uint8)
    X = (masks + 0.4 * gaussian_filter(rng.normal(size=masks.shape), (0, 1, 1)) * 3)[:, None]
    masks[:, :2] = VOID
    return X.astype(np.float32), masks


@pytest.fixture(scope="module")
def maps(scenes):
    return [superpixel_regions(image, 12) for image in scenes[0]]


@pytest.fixture
def model(scenes):
    return PixelModel().fit(scenes[0][:2], scenes[1][:2])


class TestMaps:
    def test_polygon_regions_are_the_pieces_of_the_truth(self, scenes):
        for mask in scenes[1]:
            regions = polygon_regions(mask)
            assert ((regions == -1) == (mask == VOID)).all()
            assert regions.max() + 1 == len(polygons(mask))
            assert all(len(np.unique(mask[regions == number])) == 1 for number in range(regions.max() + 1))

    def test_polygon_regions_by_hand(self):
        mask = np.array([[0, 0, 1, 0], [VOID, 1, 1, 0], [0, 0, 0, 1]])
        assert polygon_regions(mask).tolist() == [[0, 0, 1, 2], [-1, 1, 1, 2], [2, 2, 2, 1]]
        assert polygon_regions(mask, connectivity=1)[2].tolist() == [3, 3, 3, 4]
        assert polygon_regions(mask, background=0).tolist() == [[-1, -1, 0, -1], [-1, 0, 0, -1], [-1, -1, -1, 0]]
        assert (polygon_regions(np.full((3, 4), VOID)) == -1).all()

    def test_superpixels_see_the_image_alone_and_cover_it(self, scenes):
        image = scenes[0][0]
        regions = superpixel_regions(image, 12)
        assert regions.shape == (24, 32) and regions.min() == 0 and 4 <= len(np.unique(regions)) <= 30
        assert (superpixel_regions(image, 12) == regions).all()
        assert len(polygons(regions, ignore_label=-1)) == len(np.unique(regions))  # each is in one piece
        assert superpixel_regions(image[0], 12).shape == (24, 32)
        edge = np.zeros((3, 20, 20), dtype=np.uint8)
        edge[:, :, 10:] = 200
        assert all(len(np.unique(edge[0][superpixel_regions(edge, 8) == n])) == 1 for n in range(4))

    @pytest.mark.parametrize(
        ("image", "options", "says"),
        [
            (np.zeros((2, 3, 4, 4)), {}, r"shape \(C, H, W\) or \(H, W\) is needed, got .* \(2, 3, 4, 4\)"),
            (np.full((3, 4, 4), np.nan), {}, "must be finite"),
            (np.zeros((3, 4, 4)), {"n_segments": 0}, "n_segments must be an int >= 1, got 0"),
            (np.zeros((3, 4, 4)), {"compactness": 0}, "compactness must be"),
        ],
    )
    def test_what_is_no_image(self, image, options, says):
        with pytest.raises(ValueError, match=says):
            superpixel_regions(image, **options)


class TestOracle:
    def test_masks_fill_up_and_the_bill_grows(self):
        truth = np.array([[[0, 0, 1, 1], [0, 2, 2, VOID]], [[1, 1, 1, 1], [1, 1, 1, 1]]])
        regions = np.array([[[0, 0, 0, 1], [2, 2, 1, 1]], [[0, 0, 0, 0], [1, 1, 1, -1]]])
        oracle = RegionOracle(truth, regions, cost=ClickCost(0))
        assert oracle.price(0, 1) == 8 and oracle.spent == 0  # two squares of one pixel and void
        assert oracle.label([(0, 1), (1, 0)]) == 12 == oracle.spent
        images, masks = oracle.labeled_masks()
        assert images.tolist() == [0, 1] and masks[0].tolist() == [[VOID, VOID, VOID, 1], [VOID, VOID, 2, VOID]]
        assert oracle.open_regions[0].tolist() == [[0, 0, 0, -1], [2, 2, -1, -1]] and oracle.open_regions.n_open == 3
        rest = oracle.price(0)
        assert oracle.label_images([0]) == rest == ClickCost(0)(np.where(regions[0] == 1, VOID, truth[0]))
        assert (oracle.labeled_masks()[1][0] == truth[0]).all() and (oracle.open_regions[0] == -1).all()
        assert oracle.open_regions.n_open == 1 and oracle.labeled_images.tolist() == [0, 1]
        assert (oracle.n_regions, oracle.n_images, oracle.spent) == (2, 1, 12 + rest)
        assert masks[0].tolist()[0] == [VOID, VOID, VOID, 1]  # what was given away stays
        assert (
            repr(oracle)
            == f"RegionOracle(2 images, 2 regions and 1 whole ones asked for, {12 + rest:g} clicks spent)"
        )

    def test_pieces_cost_together_what_the_image_costs(self, scenes):
        for tolerance in (0, 3, 10):
            cost = ClickCost(tolerance)
            for mask in scenes[1][:4]:
                regions = polygon_regions(mask)
                oracle = RegionOracle([mask], [regions], cost=cost)
                assert oracle.label([(0, number) for number in range(regions.max() + 1)]) == cost(mask)
                assert (oracle.labeled_masks()[1][0] == mask).all()

    def test_a_superpixel_costs_the_clicks_of_its_pieces(self, scenes, maps):
        mask, cost = scenes[1][0], ClickCost(2)
        oracle = RegionOracle([mask], maps[:1], cost=cost)
        for number in np.unique(maps[0]):
            inside = np.where(maps[0] == number, mask, VOID)
            assert oracle.price(0, number) == cost(inside) == sum(p.n_clicks for p in polygons(inside, 2))
        several = [n for n in np.unique(maps[0]) if len(set(mask[maps[0] == n]) - {VOID}) > 1]
        assert several and all(oracle.price(0, n) > 4 for n in several)

    def test_without_a_cost_all_cost_one(self, scenes, maps):
        oracle = RegionOracle(scenes[1], maps)
        assert oracle.cost == UniformCost() and oracle.label([(0, 0), (0, 1), (3, 0)]) == 3
        assert oracle.label_images([0, 5]) == 2 and oracle.label([]) == 0

    def test_void_is_answered_and_costs_nothing(self):
        oracle = RegionOracle([np.full((2, 4), VOID)], [[[0, 0, 1, 1]] * 2], cost=ClickCost())
        assert oracle.label([(0, 0)]) == 0 and oracle.labeled_images.tolist() == [0]
        assert oracle.labeled_masks()[0].tolist() == [] and oracle.open_regions.n_open == 1

    @pytest.mark.parametrize(
        ("pairs", "error", "says"),
        [
            ([(1, 0), (0, 99)], IndexError, "no region 99 of image 0; its regions are among 0 to"),
            ([(1, 0), (0, -1)], IndexError, "no region -1 of image 0"),
            ([(1, 0), (12, 0)], IndexError, "images are 0 to 11, got 12"),
            ([(1, 0), (-1, 0)], IndexError, "images are 0 to 11, got -1"),
            ([(1, 0), (1, 1), (1, 0)], ValueError, "region 0 of image 1 was asked for before"),
            ([(1, 0), (2, 0)], ValueError, "region 0 of image 2 was asked for before"),
            ([(1, 0), (3, 0)], ValueError, "region 0 of image 3 was asked for before"),
            ([1, 0], TypeError, r"\(image, region\) of shape \(m, 2\)"),
            ([(1.0, 0.0)], TypeError, "got float64"),
        ],
    )
    def test_a_question_that_is_refused_changes_nothing(self, scenes, maps, pairs, error, says):
        oracle = RegionOracle(scenes[1], maps)
        oracle.label([(2, 0)])
        oracle.label_images([3])
        before = pickle.dumps((oracle.spent, oracle.n_regions, oracle._filled, oracle.open_regions._closed))
        with pytest.raises(error, match=says):
            oracle.label(pairs)
        with pytest.raises((ValueError, IndexError)):
            oracle.label_images([4, 3])
        assert pickle.dumps((oracle.spent, oracle.n_regions, oracle._filled, oracle.open_regions._closed)) == before

    def test_sizes(self, scenes, maps):
        with pytest.raises(ValueError, match="one map a mask is needed, got 11 for 12"):
            RegionOracle(scenes[1], maps[:11])
        with pytest.raises(ValueError, match=r"one shape \(H, W\), got \(24, 32\) and \(24, 31\) of image 3"):
            RegionOracle(scenes[1], [*maps[:3], maps[3][:, 1:], *maps[4:]])


class TestQuery:
    def test_regions_by_area_of_high_entropy_and_by_the_mean(self, scenes, model):
        """A map of three columns, whose entropies are known from the model itself."""
        X = scenes[0][2:5]
        regions = np.tile(np.repeat([0, 1, 2, 5], 8), (3, 24, 1))
        P = model.predict_proba(X)
        entropies = -(P * np.log(np.clip(P, 1e-12, 1))).sum(axis=1)
        areas = np.stack([(entropies[:, :, 8 * k : 8 * k + 8] > 0.6).sum(axis=(1, 2)) for k in range(4)], axis=1)
        means = np.stack([entropies[:, :, 8 * k : 8 * k + 8].mean(axis=(1, 2)) for k in range(4)], axis=1)
        for how, values in (("entropy_area", areas), ("mean_entropy", means)):
            pairs, scores = region_query(region_strategy=how)(model, X, regions, 3, random_state=0)
            assert sorted(pairs[:, 0]) == [0, 1, 2]
            best = values[pairs[:, 0]].argmax(axis=1)
            assert pairs[:, 1].tolist() == np.array([0, 1, 2, 5])[best].tolist()
            more = scores - values[pairs[:, 0], best]  # an area has a part of a pixel for its mean
            assert (0 < more).all() and (more < 1).all() if how == "entropy_area" else np.abs(more).max() < 1e-6

    def test_equal_areas_go_by_the_mean_and_equals_by_chance(self):
        class Flat:
            classes_ = np.arange(2)

            def predict_proba(self, X):
                return np.stack([X[:, 0], 1 - X[:, 0]], axis=1)

        sure = np.full((1, 1, 2, 6), 0.01)
        sure[..., 2:4] = 0.02  # no pixel above 0.6 nats; the second region is less sure
        regions = [np.repeat([[0, 1, 2]], 2, axis=1).repeat(2, axis=0)]
        pick = functools.partial(region_query(), Flat(), sure, regions)
        assert pick(2, random_state=0)[0][0].tolist() == [0, 1]
        seconds = {int(pick(2, random_state=seed)[0][1, 1]) for seed in range(20)}
        assert seconds == {0, 2}
        assert {int(pick(2, False, random_state=seed)[0][1, 1]) for seed in range(9)} == {0}

    def test_images_come_from_the_image_strategy(self, scenes, maps, model):
        images = entropy_sampling(model, scenes[0], 5, random_state=0)
        pairs, _ = region_query(entropy_sampling, "random")(model, scenes[0], maps, 5, random_state=0)
        assert pairs[:, 0].tolist() == images.tolist()
        pairs, _ = region_query(entropy_sampling, "random", per_image=2)(model, scenes[0], maps, 5, random_state=0)
        assert pairs[:, 0].tolist() == np.repeat(images[:3], 2)[:5].tolist()

    def test_more_images_are_asked_for_where_the_first_ones_have_too_few_regions(self, scenes, model):
        """One region an image, or five: of images that give one, four are needed, and one more for the fifth pick."""
        maps = [np.zeros((24, 32), int) if i % 2 else np.arange(768).reshape(24, 32) % 5 for i in range(12)]
        for seed in range(6):
            pairs, _ = region_query(region_strategy="random", per_image=4)(
                model, scenes[0], maps, 5, random_state=seed
            )
            assert len(np.unique(pairs, axis=0)) == 5 and np.bincount(pairs[:, 0]).max() <= 4
            order = list(dict.fromkeys(pairs[:, 0].tolist()))
            assert all((pairs[:, 0] == i).sum() == (1 if i % 2 else 4) for i in order[:-1])

    def test_closed_regions_are_passed_over_and_all_others_can_be_had(self, scenes, maps, model):
        oracle = RegionOracle(scenes[1], maps)
        oracle.label_images(range(8))
        oracle.label([(8, n) for n in np.unique(maps[8])] + [(9, 0), (10, 1)])
        n_open = oracle.open_regions.n_open
        assert n_open == sum(len(np.unique(m)) for m in maps[9:]) - 2
        for query in (region_query(), region_query(entropy_sampling, "random", per_image=3)):
            pairs, _ = query(model, scenes[0], oracle.open_regions, n_open, random_state=0)
            expected = {(i, n) for i in (9, 10, 11) for n in np.unique(maps[i])} - {(9, 0), (10, 1)}
            assert set(map(tuple, pairs.tolist())) == expected and len(pairs) == n_open
        with pytest.raises(ValueError, match=rf"in \[1, {n_open}\] \(regions left\), got {n_open + 1}"):
            query(model, scenes[0], oracle.open_regions, n_open + 1)

    def test_picks_depend_on_the_seed_alone(self, scenes, maps, model):
        for query in (region_query(), region_query(region_strategy="random"), region_query(entropy_sampling)):
            state = np.random.get_state()[1].copy()
            first = query(model, scenes[0], maps, 7, random_state=3)[0].tolist()
            again = pickle.loads(pickle.dumps(query))
            with block_rows(2):
                assert again(model, scenes[0], list(maps), 7, random_state=3)[0].tolist() == first
            assert (np.random.get_state()[1] == state).all()
        assert query.func is pick_regions and "region_query" not in strategies()
        found = {str(region_query()(model, scenes[0], maps, 3, random_state=seed)[0].tolist()) for seed in range(5)}
        assert len(found) == 5

    def test_random_needs_no_model_and_an_unfitted_one_is_a_cold_start(self, scenes, maps):
        pairs, scores = region_query(region_strategy="random")(None, scenes[0], maps, 4, random_state=0)
        assert len(set(map(tuple, pairs.tolist()))) == 4 and (scores == 0).all()
        with pytest.warns(UserWarning, match="not fitted.*cold start"):
            pairs, _ = region_query()(PixelModel(), scenes[0], maps, 4, random_state=0)
        assert len(set(map(tuple, pairs.tolist()))) == 4

    def test_only_the_blocks_of_the_chosen_images_are_read(self, scenes, maps, model):
        read = []

        class Watched:
            def predict_proba(self, X):
                read.append(len(X))
                return model.predict_proba(X)

        with block_rows(2):
            region_query()(Watched(), scenes[0], maps, 3, random_state=0)
        assert sum(read) == 3 and max(read) <= 2

    def test_maps_of_another_size_are_read_where_the_model_predicts(self, scenes, maps, model):
        """A net may see images at another size than their masks have; a region that is lost there comes last."""
        query = region_query(per_image=100)
        pairs, scores = query(model, scenes[0], maps, 20, random_state=0)
        wide = [np.kron(m, np.ones((2, 2), dtype=m.dtype)) for m in maps]
        again, scores_again = query(model, scenes[0], wide, 20, random_state=0)
        assert np.array_equal(pairs, again) and np.allclose(scores, scores_again)
        lost = [m.copy() for m in wide]
        lost[0][0, 0] = lost[0].max() + 1  # one pixel, between those that are read
        n_all = sum(len(np.unique(m[m >= 0])) for m in lost)
        everything, scored = query(model, scenes[0], lost, n_all, random_state=0)
        (place,) = np.flatnonzero((everything == [0, lost[0].max()]).all(axis=1))
        assert scored[place] == 0

    def test_bad_input_is_named(self, scenes, maps, model):
        X = scenes[0]
        query = region_query()
        with pytest.raises(ValueError, match="one map of regions an image is needed, got 11 for 12"):
            query(model, X, maps[:11], 1)
        with pytest.raises(ValueError, match=r"-1 for none, got float64 of shape \(24, 32\) of image 2"):
            query(model, X, [*maps[:2], maps[2] * 1.0, *maps[3:]], 1)
        with pytest.raises(MissingOutput, match="region_query: needs predict_proba"):
            query(object(), X, maps, 1)
        with pytest.raises(TypeError, match="n_instances must be an int, got 1.0"):
            query(model, X, maps, 1.0)
        for options, says in (
            ({"region_strategy": "area"}, "must be one of .* got 'area'"),
            ({"threshold": -1}, "threshold must be .* got -1"),
            ({"per_image": 0}, "per_image must be an int >= 1, got 0"),
        ):
            with pytest.raises(ValueError, match=says):
                region_query(**options)
        with pytest.raises(TypeError):
            region_query(3)


class TestLoop:
    def run(self, scenes, maps, query=None, masks=None, budget=None, n_rounds=4, **options):
        masks = scenes[1] if masks is None else masks
        oracle = RegionOracle(masks, maps, cost=ClickCost(2))
        start = region_rounds(
            PixelModel(),
            scenes[0],
            oracle,
            query or region_query(),
            [0, 1],
            budget or Budget(60),
            n_rounds,
            0,
            **options,
        )
        return oracle, list(start)

    @pytest.mark.parametrize("policy", ["stop_before", "overshoot"])
    def test_every_round_has_the_same_money_and_masks_flow_back(self, scenes, maps, policy):
        oracle, rounds = self.run(scenes, maps, budget=Budget(60, policy))
        assert [r.number for r in rounds] == [0, 1, 2, 3, 4] and len(rounds[0].picked) == 0
        assert rounds[0].spent == ClickCost(2).total(scenes[1][:2]) and rounds[0].labeled.tolist() == [0, 1]
        for r in rounds[1:]:
            assert r.total - rounds[0].total + r.left == 60 * r.number
            assert 0 <= r.left < 60 if policy == "stop_before" else -60 < r.left <= 0
            for image, mask in zip(r.labeled, r.learner.y_training, strict=True):
                asked = [n for q in rounds[1 : r.number + 1] for i, n in q.picked if i == image]
                inside = np.isin(maps[image], asked) if image > 1 else True
                assert (mask == np.where(inside, scenes[1][image], VOID)).all()
            assert (r.learner.estimator.seen_ == np.stack(list(r.learner.y_training))).all()
        pairs = np.concatenate([r.picked for r in rounds])
        assert len(np.unique(pairs, axis=0)) == len(pairs) == oracle.n_regions and oracle.spent == rounds[-1].total

    def test_a_round_gives_the_images_of_its_regions_and_what_is_known_of_them(self, scenes, maps):
        rounds = self.run(scenes, maps)[1]
        assert len(rounds) > 2 and any(len(r.picked) for r in rounds[1:])
        for r in rounds:
            touched = [0, 1] if r.number == 0 else [i for i in r.labeled if i in r.picked[:, 0]]
            X_known, y_known = r.known()
            assert r.rows.tolist() == touched and (X_known == scenes[0][touched]).all()
            places = [r.labeled.tolist().index(image) for image in touched]
            assert all((mask == r.learner.y_training[p]).all() for mask, p in zip(y_known, places, strict=True))
            assert r.n_labels == len(r.labeled) and r.cost == r.total

    def test_it_asks_again_while_money_is_left_and_ends_when_nothing_is(self, scenes, maps):
        few = self.run(scenes, maps, n_rounds=1, n_instances=2)[1][1]
        assert len(few.picked) > 2 and few.left < 60
        oracle, rounds = self.run(scenes, maps, budget=Budget(10000), n_rounds=9)
        assert len(rounds) == 2 and oracle.open_regions.n_open == 0
        assert (np.stack(list(rounds[1].learner.y_training))[np.argsort(rounds[1].labeled)] == scenes[1]).all()

    def test_money_adds_up_until_the_first_pick_can_be_paid(self, scenes, maps):
        rounds = self.run(scenes, maps, budget=Budget(1), n_rounds=12)[1]
        assert len(rounds) == 13 and len(rounds[1].picked) == 0 and rounds[1].learner is rounds[0].learner
        assert sum(len(r.picked) for r in rounds) > 0 and rounds[-1].total + rounds[-1].left == rounds[0].total + 12

    def test_a_cheat_that_reads_hidden_masks_or_prices_is_caught(self, scenes, maps):
        """Hidden truth is exchanged for another: picks of a round may not change. Those of a cheat do.

        With equal prices nothing else can change them, since the money ends every round at the same pick.
        """
        other = np.where(scenes[1] == VOID, VOID, np.roll(scenes[1], 5, axis=0))
        other[:2] = scenes[1][:2]

        def picks(query, masks):
            oracle = RegionOracle(masks, maps)
            run = region_rounds(PixelModel(), scenes[0], oracle, query, [0, 1], Budget(9), 1, 0)
            return list(run)[1].picked.tolist()

        def cheat(masks):
            def cheapest(learner, X, regions, n, random_state=None):
                prices = RegionOracle(masks, maps, cost=ClickCost(2))
                pairs = [(i, r) for i in range(2, 12) for r in np.unique(maps[i]) if regions[i].max() >= 0]
                pairs.sort(key=lambda pair: prices.price(*pair))
                return np.array(pairs[:n]), np.zeros(n)

            return cheapest

        for query in (region_query(), region_query(entropy_sampling, "mean_entropy"), region_query(random_sampling)):
            assert picks(query, scenes[1]) == picks(query, other)
        assert picks(cheat(scenes[1]), scenes[1]) != picks(cheat(other), other)

    def test_what_a_query_is_given_holds_no_price_and_no_hidden_mask(self, scenes, maps):
        given = []

        def looking(learner, X, regions, n, random_state=None):
            given.append((learner, regions))
            return region_query()(learner, X, regions, n, random_state=random_state)

        self.run(scenes, maps, looking, n_rounds=1)
        learner, regions = given[0]
        assert set(vars(regions)) == {"_maps", "_closed", "_counts"} and regions._maps is maps
        assert all((mask == scenes[1][i]).all() for i, mask in zip([0, 1], learner.y_training, strict=True))
        assert not any(hasattr(thing, name) for thing in given[0] for name in ("cost", "price", "masks", "oracle"))

    def test_the_same_seed_gives_the_same_rounds(self, scenes, maps):
        first, again = (self.run(scenes, maps, n_rounds=2)[1] for _ in range(2))
        assert any(len(r.picked) for r in first[1:])
        for one, other in zip(first, again, strict=True):
            assert one.picked.tolist() == other.picked.tolist() and one.total == other.total

    @pytest.mark.parametrize(
        "budget", [Budget(60), Budget(60, "overshoot"), Budget(1), Budget(7)], ids=["stop", "over", "poor", "saving"]
    )
    def test_it_goes_on_from_any_round_without_another_fit(self, scenes, maps, budget, monkeypatch):
        """Those that were poor among them: rounds that pay for nothing and are not fitted."""
        fits = []

        def fit(self, X, y):
            fits.append(self.random_state)
            return plain(self, X, y)

        plain = PixelModel.fit
        monkeypatch.setattr(PixelModel, "fit", fit)
        oracle, whole = self.run(scenes, maps, budget=budget, n_rounds=5)
        seeds, bought = list(fits), [bool(len(r.picked)) for r in whole]
        for k in range(6):
            fits.clear()
            later, rest = self.run(scenes, maps, budget=budget, n_rounds=5, done=[r.picked for r in whole[1 : k + 1]])
            assert [r.number for r in rest] == list(range(k, 6))
            for ours, theirs in zip(rest, whole[k:], strict=True):
                assert ours.picked.tolist() == theirs.picked.tolist()
                assert (ours.total, ours.left, ours.spent) == (theirs.total, theirs.left, theirs.spent)
                assert ours.labeled.tolist() == theirs.labeled.tolist()
            assert fits == seeds[sum(bought[1 : k + 1]) :] and later.spent == oracle.spent

    def test_a_net_learns_from_masks_that_are_labelled_in_part(self, scenes, maps):
        from skal.neural import NeuralSegmenter

        oracle = RegionOracle(scenes[1], maps, cost=ClickCost(2))
        net = NeuralSegmenter(module__width=4, module__depth=2, max_epochs=1, classes=np.arange(3), device="cpu")
        query = region_query(entropy_sampling, "mean_entropy")
        rounds = list(region_rounds(net, scenes[0], oracle, query, [0, 1], Budget(60), 1, 0))
        assert len(rounds[1].picked) > 0 and len(rounds[1].labeled) > 2
        assert rounds[1].learner.predict(scenes[0][:2]).shape == (2, 24, 32)

    def test_bad_input_is_named(self, scenes, maps):
        void = scenes[1].copy()
        void[:2] = VOID
        with pytest.raises(ValueError, match="2 first images are all void.*nothing to learn from"):
            self.run(scenes, maps, masks=void)
        with pytest.raises(ValueError, match="as many images, got 12 and 11"):
            next(
                region_rounds(PixelModel(), scenes[0][1:], RegionOracle(scenes[1], maps), None, [0], Budget(1), 1, 0)
            )
