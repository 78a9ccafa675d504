import math
import warnings

import numpy as np
import pytest
from scipy import stats
from sklearn import config_context

from skal import scores
from skal.scores import multilabel
from skal.selection import top_k

SINGLE = ["least_confident", "margin", "entropy", "oui", "std"]
COMMITTEE = [
    "vote_entropy",
    "consensus_entropy",
    "max_disagreement",
    "variation_ratio",
    "bald",
    "mean_entropy",
    "mean_std",
    "mean_variance",
]
MULTILABEL = ["max_loss", "mean_max_loss", "min_confidence", "avg_confidence", "max_score", "avg_score"]


def by_hand(name, p):
    """The score of one row or pixel: p is (C,), or (T, C) for a committee. Entropies are SciPy's."""
    if name in SINGLE:
        second, first = sorted([0.0, *p])[-2:]
        return {
            "least_confident": 1 - first,
            "margin": 1 - (first - second),
            "entropy": stats.entropy(p),
            "oui": oui_by_hand(p),
            "std": 0.0 if len(p) == 1 else 1 - np.std(p) / np.std(np.eye(len(p))[0]),
        }[name]
    votes = np.bincount([int(np.argmax(member)) for member in p], minlength=p.shape[1])
    return {
        "vote_entropy": stats.entropy(votes / len(p)),
        "consensus_entropy": stats.entropy(p.mean(axis=0)),
        "max_disagreement": max(stats.entropy(member, p.mean(axis=0)) for member in p),
        "variation_ratio": 1 - votes.max() / len(p),
        "bald": stats.entropy(p.mean(axis=0)) - np.mean([stats.entropy(member) for member in p]),
        "mean_entropy": np.mean([stats.entropy(member) for member in p]),
        "mean_std": p.std(axis=0).mean(),
        "mean_variance": p.var(axis=0).mean(),
    }[name]


def oui_by_hand(p):
    """Equations 3 and 4 of SRAAL: the variance of V against that of V', in which all others share equally."""
    p = np.asarray(p, dtype=float)
    C, m = len(p), max(p)
    if C == 1:
        return 1 - m
    even = np.array([m] + [(1 - m) / (C - 1)] * (C - 1))
    ratio = 1.0 if np.var(p) < 1e-16 else np.var(even) / np.var(p)
    return 1 - ratio * m


def probabilities(name, n=30, C=4, spatial=(), T=5, seed=0, sharpness=0.5):
    """(n, C, *spatial) for a single model, (T, n, C, *spatial) for a committee."""
    members = (T,) if name in COMMITTEE else ()
    P = np.random.default_rng(seed).dirichlet(np.full(C, sharpness), size=(*members, n, *spatial))
    return np.ascontiguousarray(np.moveaxis(P, -1, len(members) + 1))


def row_of(name, P, i):
    return P[:, i] if name in COMMITTEE else P[i]


def put(name, P, i, value):
    """Set one entry of row i."""
    row_of(name, P, i)[..., 0] = value


@pytest.fixture(params=SINGLE + COMMITTEE)
def name(request):
    return request.param


@pytest.mark.parametrize(
    ("name", "P", "expected"),
    [
        ("least_confident", [[0.7, 0.2, 0.1], [1.0, 0.0, 0.0], [0.25, 0.5, 0.25]], [0.3, 0.0, 0.5]),
        ("margin", [[0.7, 0.2, 0.1], [1.0, 0.0, 0.0], [0.4, 0.2, 0.4]], [0.5, 0.0, 1.0]),
        (
            "entropy",
            [[0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [0.5, 0.5, 0.0]],
            [1.5 * math.log(2), 0.0, math.log(2)],
        ),
        # Four members; votes: 2 to 2, 4 to 0, 3 to 1.
        (
            "vote_entropy",
            [[[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]] * 2
            + [[[0.1, 0.9], [0.9, 0.1], [0.2, 0.8]], [[0, 1], [1, 0], [1, 0]]],
            [math.log(2), 0.0, 0.75 * math.log(4 / 3) + 0.25 * math.log(4)],
        ),
        (
            "variation_ratio",
            [[[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]] * 2
            + [[[0.1, 0.9], [0.9, 0.1], [0.2, 0.8]], [[0, 1], [1, 0], [1, 0]]],
            [0.5, 0.0, 0.25],
        ),
        ("consensus_entropy", [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]], [math.log(2), 0.0]),
        # Members (1, 0) and (0, 1) tell everything about the label; equal members nothing.
        ("bald", [[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]], [math.log(2), 0.0]),
        ("mean_entropy", [[[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]], [0.5 * math.log(2), math.log(2)]),
        ("mean_std", [[[1.0, 0.0], [0.6, 0.4]], [[0.0, 1.0], [0.8, 0.2]]], [0.5, 0.1]),
        ("mean_variance", [[[1.0, 0.0], [0.6, 0.4]], [[0.0, 1.0], [0.8, 0.2]]], [0.25, 0.01]),
        ("std", [[1.0, 0.0, 0.0, 0.0], [0.25] * 4, [0.5, 0.5, 0.0, 0.0]], [0.0, 1.0, 1 - 1 / math.sqrt(3)]),
        # Consensus (1/2, 1/2): each member is log 2 away; then (3/4, 1/4): log 4/3 and 1/2 log 2/3 + 1/2 log 2.
        (
            "max_disagreement",
            [[[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.5, 0.5]]],
            [math.log(2), max(math.log(4 / 3), 0.5 * math.log(2 / 3) + 0.5 * math.log(2))],
        ),
    ],
)
def test_values_worked_out_on_paper(name, P, expected):
    np.testing.assert_allclose(getattr(scores, name)(P), expected, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("C", [1, 2, 5, 100])
def test_scores_equal_an_independent_reference_row_by_row(name, C):
    P = probabilities(name, C=C)
    some = range(0, 30, 1 if C < 100 else 5)
    score = getattr(scores, name)(P)
    assert score.shape == (30,)
    expected = [by_hand(name, row_of(name, P, i)) for i in some]
    np.testing.assert_allclose(score[some], expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("spatial", [(2, 3), (5,), (2, 2, 2)])
def test_pixels_are_scored_one_by_one_and_reduced(name, spatial):
    P = probabilities(name, n=3, spatial=spatial)
    rows = [row_of(name, P, i) for i in range(3)]  # (C, *spatial) or (T, C, *spatial)
    pixels = [[by_hand(name, row[(..., *pixel)]) for pixel in np.ndindex(*spatial)] for row in rows]
    for reduce, reduction in (
        (np.mean, "mean"),
        (np.max, "max"),
        (np.median, lambda found: np.median(found, axis=1)),
    ):
        score = getattr(scores, name)(P, reduction=reduction)
        assert score.shape == (3,)
        np.testing.assert_allclose(score, reduce(pixels, axis=1), rtol=1e-12, atol=1e-14)


def test_the_default_reduction_is_the_mean(name):
    P = probabilities(name, spatial=(2, 3))
    score = getattr(scores, name)
    np.testing.assert_array_equal(score(P), score(P, reduction="mean"))
    assert not np.allclose(score(P), score(P, reduction="max"))


def test_an_unknown_reduction_is_refused(name):
    with pytest.raises(ValueError, match="'mean', 'max', .* or a callable, got 'median'"):
        getattr(scores, name)(probabilities(name, spatial=(2, 2)), reduction="median")


def test_exact_zeros_and_ones_are_safe(name):
    # Every member is certain, of one class or of another: all logarithms meet a zero.
    rng = np.random.default_rng(0)
    P = np.eye(3)[rng.integers(0, 3, size=(5, 20) if name in COMMITTEE else 20)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        score = getattr(scores, name)(P)
    np.testing.assert_allclose(score, [by_hand(name, row_of(name, P, i)) for i in range(20)], atol=1e-14)
    assert (score.max() > 1e-12) == (name in COMMITTEE and name != "mean_entropy")


def test_probabilities_too_small_to_average_give_finite_scores(name):
    # The smallest float32: half of it is rounded to zero, so the consensus must be taken in float64.
    P = np.array([[[1.0, 1e-45]], [[1.0, 0.0]]], dtype=np.float32)
    assert P[0, 0, 1] > 0
    score = getattr(scores, name)(P if name in COMMITTEE else P[:, 0])
    assert np.isfinite(score).all()
    np.testing.assert_allclose(score, 0.0, atol=1e-40)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("spatial", [(), (2, 2)])
def test_non_finite_probabilities_raise_with_count_and_first_row(name, value, spatial):
    P = probabilities(name, n=9, spatial=spatial)
    put(name, P, 4, np.nan)
    put(name, P, 7, value)
    with pytest.raises(ValueError, match=rf"{name}: .* 2 of 9 rows, first row 4"):
        getattr(scores, name)(P)


@pytest.mark.parametrize(("shape", "why"), [((5,), "few axes"), ((5, 0), "no class")])
def test_a_wrong_shape_is_refused(name, shape, why):
    shape = (3, *shape) if name in COMMITTEE else shape
    with pytest.raises(ValueError, match=rf"{name}: P must have shape"):
        getattr(scores, name)(np.ones(shape))


@pytest.mark.parametrize("name", COMMITTEE)
def test_a_committee_without_members_is_refused(name):
    with pytest.raises(ValueError, match=name):
        getattr(scores, name)(np.empty((0, 4, 3)))


def test_the_order_of_classes_does_not_matter(name):
    P = probabilities(name, C=6)
    shuffled = P[..., np.random.default_rng(1).permutation(6)]
    score = getattr(scores, name)
    np.testing.assert_allclose(score(shuffled), score(P), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", COMMITTEE)
def test_the_order_of_members_does_not_matter(name):
    P = probabilities(name, T=7)
    shuffled = P[np.random.default_rng(1).permutation(7)]
    score = getattr(scores, name)
    np.testing.assert_allclose(score(shuffled), score(P), rtol=1e-12, atol=1e-14)


def test_a_row_scores_the_same_whatever_stands_beside_it(name):
    P = probabilities(name)
    rows = np.random.default_rng(1).permutation(30)[:11]
    score = getattr(scores, name)
    np.testing.assert_allclose(score(P.take(rows, axis=P.ndim - 2)), score(P)[rows], rtol=1e-14)


@pytest.mark.parametrize("sharpness", [0.01, 0.5, 1.0, 100.0])
@pytest.mark.parametrize(("T", "C"), [(2, 2), (2, 7), (9, 3), (5, 5)])
def test_scores_stay_in_their_range(name, sharpness, T, C):
    most = {
        "least_confident": 1 - 1 / C,
        "margin": 1.0,
        "entropy": math.log(C),
        "vote_entropy": math.log(min(T, C)),
        "consensus_entropy": math.log(C),
        "max_disagreement": math.log(T),
        "variation_ratio": 1 - 1 / min(T, C),
        "oui": 0.5 if C == 2 else 1 - 1 / (C * (C - 1) ** 2),
        "std": 1.0,
        "bald": math.log(min(T, C)),
        "mean_entropy": math.log(C),
        "mean_std": 0.5,
        "mean_variance": 0.25,
    }[name]
    score = getattr(scores, name)(probabilities(name, n=200, C=C, T=T, sharpness=sharpness))
    assert score.min() >= -1e-12
    assert score.max() <= most + 1e-12


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("C", [2, 3, 10, 1000])
def test_the_ends_of_the_range_are_reached(dtype, C):
    uniform, certain = np.full((1, C), 1 / C, dtype=dtype), np.eye(C, dtype=dtype)[:1]
    apart, together = np.eye(C, dtype=dtype)[:, None], np.stack([certain] * C)  # C members
    for name, best, worst, most in [
        ("least_confident", uniform, certain, 1 - 1 / C),
        ("margin", uniform, certain, 1.0),
        ("entropy", uniform, certain, math.log(C)),
        ("vote_entropy", apart, together, math.log(C)),
        ("consensus_entropy", apart, together, math.log(C)),
        ("max_disagreement", apart, together, math.log(C)),
        ("variation_ratio", apart, together, 1 - 1 / C),
        ("oui", uniform, certain, 1 - 1 / C),
        ("std", uniform, certain, 1.0),
        ("bald", apart, together, math.log(C)),
        ("mean_std", apart, together, math.sqrt(C - 1) / C),
        ("mean_variance", apart, together, (C - 1) / C**2),
    ]:
        np.testing.assert_allclose(getattr(scores, name)(best), most, rtol=1e-5)
        np.testing.assert_allclose(getattr(scores, name)(worst), 0.0, atol=1e-12)


def test_members_that_agree_do_not_disagree():
    P = np.stack([probabilities("entropy")] * 5)
    for name in ("vote_entropy", "variation_ratio"):
        assert getattr(scores, name)(P).tolist() == [0.0] * 30
    for name in ("max_disagreement", "bald", "mean_std", "mean_variance"):
        np.testing.assert_allclose(getattr(scores, name)(P), 0.0, atol=1e-14)
    np.testing.assert_allclose(scores.consensus_entropy(P), scores.entropy(P[0]), rtol=1e-12)


def test_the_variation_ratio_of_five_members_has_five_levels():
    P = probabilities("variation_ratio", n=2000, C=8, T=5)
    levels = np.unique(scores.variation_ratio(P).round(12))
    np.testing.assert_allclose(levels, [0.0, 0.2, 0.4, 0.6, 0.8])


def test_members_vote_for_the_first_of_equal_classes():
    P = [[[0.5, 0.5]], [[0.9, 0.1]]]
    assert scores.vote_entropy(P).tolist() == scores.variation_ratio(P).tolist() == [0.0]


def test_a_single_class_leaves_nothing_to_ask(name):
    P = np.ones((3, 5, 1) if name in COMMITTEE else (5, 1))
    assert getattr(scores, name)(P).tolist() == [0.0] * 5


def test_a_single_member_has_the_entropy_of_its_model():
    P = probabilities("entropy")
    np.testing.assert_array_equal(scores.consensus_entropy(P[None]), scores.entropy(P))


def test_float32_gives_the_scores_of_float64(name):
    P = probabilities(name).astype(np.float32)
    score = getattr(scores, name)
    np.testing.assert_allclose(score(P), score(P.astype(np.float64)), rtol=1e-5, atol=1e-6)


def test_integers_and_lists_are_read_as_probabilities(name):
    P = np.eye(3, dtype=int)[np.random.default_rng(0).integers(0, 3, size=(4, 6) if name in COMMITTEE else 6)]
    score = getattr(scores, name)
    np.testing.assert_array_equal(score(P.tolist()), score(P.astype(float)))


@pytest.mark.parametrize("spatial", [(), (2, 2)])
def test_an_empty_pool_has_no_scores(name, spatial):
    for reduction in ("mean", "max"):
        assert getattr(scores, name)(probabilities(name, n=0, spatial=spatial), reduction=reduction).shape == (0,)


@pytest.mark.parametrize("name", SINGLE + COMMITTEE + MULTILABEL + ["density"])
def test_the_input_is_left_as_it_was(name):
    P = probabilities(name)
    P.setflags(write=False)
    before = P.copy()
    getattr(multilabel if name in MULTILABEL else scores, name)(P)
    np.testing.assert_array_equal(P, before)


# SRAAL's indicators.


def even_rest(m, C):
    return [m] + [(1 - m) / (C - 1)] * (C - 1)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        ([1.0, 0.0, 0.0], 0.0),
        ([0.5, 0.5], 0.5),
        ([0.8, 0.2], 0.2),
        ([0.5, 0.5, 0.0], 0.875),
        ([0.5, 0.5] + [0.0] * 8, 7 / 9),
        ([0.4, 0.4, 0.2] + [0.0] * 7, 0.846153846),
        (even_rest(0.4, 10), 0.6),
        (even_rest(0.6, 10), 0.4),
        (even_rest(0.34, 3), 0.66),
        ([1 / 3] * 3, 2 / 3),
        ([0.1] * 10, 0.9),
        ([1.0], 0.0),
    ],
)
def test_values_of_the_online_uncertainty_indicator(p, expected):
    np.testing.assert_allclose(scores.oui([p]), [expected], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(scores.oui([p[::-1]]), [expected], rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(("k", "C"), [(1, 4), (2, 3), (2, 50), (3, 10), (9, 10)])
def test_a_tie_of_k_classes_scores_by_its_closed_form(k, C):
    p = [1 / k] * k + [0.0] * (C - k)
    np.testing.assert_allclose(scores.oui([p]), [1 - (C - k) / (k**2 * (C - 1))], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("C", [3, 7, 10, 1000])
def test_a_uniform_row_is_safe_at_every_precision(dtype, C):
    """Rounding errors are not taken for a variance: the ratio of two of them is a random number."""
    rng = np.random.default_rng(0)
    P = np.full((50, C), 1 / C) * (1 + 2 * np.finfo(dtype).eps * rng.uniform(-1, 1, (50, C)))
    score = scores.oui(P.astype(dtype))
    np.testing.assert_allclose(score, 1 - 1 / C, rtol=5 * np.finfo(dtype).eps * C)


def test_rows_near_the_uniform_one_are_still_told_apart():
    """The limit depends on the way: one class raised, two classes moved apart, all but one raised."""
    C, e = 10, 1e-5
    P = np.full((3, C), 1 / C)
    P[0] = even_rest(1 / C + e, C)
    P[1, :2] += [e, -e]
    P[2] += e / 9
    P[2, 0] -= e + e / 9
    np.testing.assert_allclose(
        scores.oui(P), [1 - 1 / C, 1 - 1 / (2 * (C - 1)), 1 - 1 / (C * (C - 1) ** 2)], atol=1e-4
    )


def test_the_indicator_rescaled_reaches_one_at_a_uniform_row():
    assert scores.oui([[0.5, 0.5], [0.8, 0.2]], rescale=True).tolist() == pytest.approx([1.0, 0.4])
    assert scores.oui([[0.1] * 10], rescale=True).tolist() == pytest.approx([1.0])
    assert scores.oui(probabilities("oui", n=500, C=4), rescale=True).max() <= 1.0


def test_the_entropy_normalised_is_a_share_of_the_largest():
    P = probabilities("entropy", C=7)
    np.testing.assert_allclose(scores.entropy(P, normalized=True), scores.entropy(P) / math.log(7), rtol=1e-12)
    assert scores.entropy(np.full((1, 3), 1 / 3), normalized=True).max() <= 1.0
    assert scores.entropy(np.ones((2, 1)), normalized=True).tolist() == [0.0, 0.0]


# Ties of the variation ratio.


@pytest.mark.parametrize(("T", "C"), [(5, 10), (2, 2), (10, 3)])
def test_entropy_orders_equal_votes_and_nothing_else(T, C):
    P = probabilities("variation_ratio", n=400, C=C, T=T)
    votes, both = scores.variation_ratio(P), scores.variation_ratio(P, entropy_ties=True)
    mean_entropy = np.mean([scores.entropy(member) for member in P], axis=0)
    assert (both[:, None] > both)[votes[:, None] > votes + 1e-9].all()
    equal = np.isclose(votes[:, None], votes)
    higher = mean_entropy[:, None] > mean_entropy + 1e-9
    assert (both[:, None] > both)[equal & higher].all()
    assert (both - votes >= 0).all() and (both - votes <= 1 / (2 * T) + 1e-12).all()


def test_entropy_ties_of_a_single_class():
    assert scores.variation_ratio(np.ones((3, 4, 1)), entropy_ties=True).tolist() == [0.0] * 4


# Multilabel: modAL 0.4.1's formulas, written out row by row.


def predicted(p):
    return [1 if value > 0.5 else 0 for value in p]


def hinge(signs, target):
    return sum(max(1 - sign * wanted, 0) for sign, wanted in zip(signs, target, strict=True))


def max_loss_of(p):
    signs = [2 * label - 1 for label in predicted(p)]
    best = int(np.argmax(p))
    return hinge(signs, [1 if k == best else -1 for k in range(len(p))])


def mean_max_loss_of(p):
    signs = [2 * label - 1 for label in predicted(p)]
    losses = []
    for k in range(len(p)):
        only_k = [1 if j == k else -1 for j in range(len(p))]
        losses.append(max(1 - sum(s * t for s, t in zip(signs, only_k, strict=True)), 0))  # modAL: hinge of the sum
    return sum(losses) / len(p)


def signed(p):
    return [value * (label - 0.5) for value, label in zip(p, predicted(p), strict=True)]


MODAL = {
    "max_loss": max_loss_of,
    "mean_max_loss": mean_max_loss_of,
    "min_confidence": lambda p: -min(p),
    "avg_confidence": lambda p: sum(p) / len(p),
    "max_score": lambda p: max(signed(p)),
    "avg_score": lambda p: sum(signed(p)) / len(p),
}


def label_probabilities(n=80, L=5, seed=0):
    P = np.random.default_rng(seed).random((n, L))
    P[:4] = [[0.0] * L, [1.0] * L, [0.5] * L, [0.5, 1.0, 0.0, 0.5, 1.0][:L]]  # the edge of "predicted", and the ends
    return P


class Oracle:
    """A classifier whose probabilities are its input."""

    def __init__(self, n_labels):
        self.classes_ = np.arange(n_labels)

    def predict_proba(self, X):
        return X

    def predict(self, X):
        return (X > 0.5).astype(int)


@pytest.mark.parametrize("name", MULTILABEL)
@pytest.mark.parametrize("L", [1, 2, 5])
def test_multilabel_scores_follow_the_formulas(name, L):
    P = label_probabilities(L=L)
    np.testing.assert_allclose(getattr(multilabel, name)(P), [MODAL[name](p) for p in P.tolist()], rtol=1e-13)


@pytest.mark.parametrize("name", MULTILABEL)
@pytest.mark.parametrize("n", [1, 2, 7, 80])
def test_multilabel_picks_are_those_of_modal(name, n):
    modal = pytest.importorskip("modAL.multilabel")
    P = label_probabilities()
    picks = getattr(modal, name)(Oracle(5), P, n_instances=n, random_tie_break=False)
    score = getattr(multilabel, name)(P)
    # Rows of equal score are equally good picks, so the scores are compared.
    np.testing.assert_allclose(np.sort(score[picks])[::-1], top_k(score, n, random_state=0)[1], rtol=1e-13)


@pytest.mark.parametrize("name", ["min_confidence", "avg_confidence", "max_score", "avg_score"])
def test_multilabel_picks_without_ties_are_the_very_rows_of_modal(name):
    modal = pytest.importorskip("modAL.multilabel")
    P = label_probabilities()[4:]
    picks = getattr(modal, name)(Oracle(5), P, n_instances=9, random_tie_break=False)
    assert set(picks) == set(top_k(getattr(multilabel, name)(P), 9, random_state=0)[0])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("max_loss", [0.0, 2.0, 2.0]),
        ("mean_max_loss", [4 / 3, 4 / 3, 0.0]),
        ("min_confidence", [-0.1, -0.1, -0.2]),
        ("avg_confidence", [0.4, 0.5, 0.3]),
        ("max_score", [0.45, 0.4, -0.1]),
        ("avg_score", [0.1, 1.3 / 6, -0.15]),
    ],
)
def test_multilabel_values_worked_out_on_paper(name, expected):
    # Predicted: the first label; the first two; none.
    P = [[0.9, 0.2, 0.1], [0.8, 0.6, 0.1], [0.4, 0.3, 0.2]]
    np.testing.assert_allclose(getattr(multilabel, name)(P), expected, rtol=1e-12)


@pytest.mark.parametrize("name", MULTILABEL)
def test_multilabel_scores_stay_in_their_range(name):
    L = 6
    P = np.concatenate([label_probabilities(500, 5), np.random.default_rng(1).integers(0, 2, (50, 5))])
    P = np.column_stack([P, P[:, ::-1][:, :1]])
    least, most = {
        "max_loss": (0, 2 * L),
        "mean_max_loss": (0, np.inf),
        "min_confidence": (-1, 0),
        "avg_confidence": (0, 1),
        "max_score": (-0.25, 0.5),
        "avg_score": (-0.25, 0.5),
    }[name]
    score = getattr(multilabel, name)(P)
    assert score.shape == (len(P),)
    assert least <= score.min() < score.max() <= most
    if name == "max_loss":
        assert (score % 2 == 0).all()


@pytest.mark.parametrize("name", MULTILABEL)
def test_the_order_of_labels_does_not_matter(name):
    P = label_probabilities()[4:]  # without ties, of which max_loss takes the first label
    score = getattr(multilabel, name)
    np.testing.assert_allclose(score(P[:, [3, 0, 4, 1, 2]]), score(P), rtol=1e-13)


@pytest.mark.parametrize("name", MULTILABEL)
def test_multilabel_float32_gives_the_scores_of_float64(name):
    P = label_probabilities().astype(np.float32)
    score = getattr(multilabel, name)
    np.testing.assert_allclose(score(P), score(P.astype(np.float64)), rtol=1e-6)


@pytest.mark.parametrize("name", MULTILABEL)
def test_multilabel_refuses_non_finite_probabilities(name):
    P = label_probabilities()
    P[[9, 11], [0, 2]] = np.nan, np.inf
    with pytest.raises(ValueError, match=rf"{name}: .* 2 of 80 rows, first row 9"):
        getattr(multilabel, name)(P)


@pytest.mark.parametrize("name", [*MULTILABEL, "density"])
@pytest.mark.parametrize("shape", [(5,), (5, 0), (5, 3, 2)])
def test_scores_of_a_table_refuse_another_shape(name, shape):
    with pytest.raises(ValueError, match=name):
        getattr(multilabel if name in MULTILABEL else scores, name)(np.zeros(shape))


# Density.


def density_by_hand(Z, metric):
    def similarity(a, b):
        if metric == "euclidean":
            return 1 / (1 + math.sqrt(sum((s - t) ** 2 for s, t in zip(a, b, strict=True))))
        lengths = math.sqrt(sum(s * s for s in a)) * math.sqrt(sum(t * t for t in b))
        cosine = sum(s * t for s, t in zip(a, b, strict=True)) / lengths if lengths else 0.0
        return (1 + cosine) / 2

    return [sum(similarity(a, b) for b in Z.tolist()) / len(Z) for a in Z.tolist()]


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("n", [1, 2, 40])
def test_density_is_the_mean_similarity_of_all_pairs(metric, n):
    Z = np.random.default_rng(0).normal(size=(n, 3)) * 5
    Z[n // 2] = 0.0  # orthogonal to all, itself too
    Z[-1] = Z[0]
    np.testing.assert_allclose(scores.density(Z, metric=metric), density_by_hand(Z, metric), rtol=1e-6)


def test_density_by_distances_does_not_depend_on_the_blocks():
    Z = np.random.default_rng(0).normal(size=(300, 4))
    with config_context(working_memory=0.05):  # MB: about twenty rows of distances at a time
        blockwise = scores.density(Z, metric="euclidean")
    np.testing.assert_allclose(blockwise, density_by_hand(Z, "euclidean"), rtol=1e-6)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_density_is_between_zero_and_one_and_highest_in_the_crowd(metric):
    rng = np.random.default_rng(0)
    Z = np.concatenate([rng.normal([10, 0], 0.1, (30, 2)), [[-10.0, 0.0]]])
    density = scores.density(Z, metric=metric)
    assert (density >= 0).all() and (density <= 1).all()
    assert density.argmin() == 30


def test_density_by_cosine_is_cosine_by_default_and_ignores_lengths():
    Z = np.random.default_rng(0).normal(size=(20, 3))
    lengths = np.random.default_rng(1).uniform(0.1, 9, (20, 1))
    np.testing.assert_allclose(scores.density(Z * lengths), scores.density(Z, metric="cosine"), rtol=1e-12)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_density_of_float32_and_of_lists(metric):
    Z = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    expected = density_by_hand(Z.astype(float), metric)
    np.testing.assert_allclose(scores.density(Z, metric=metric), expected, rtol=1e-5)
    np.testing.assert_allclose(scores.density(Z.tolist(), metric=metric), expected, rtol=1e-5)


def test_density_refuses_what_it_cannot_rank():
    Z = np.zeros((5, 2))
    with pytest.raises(ValueError, match="'cosine', .*'euclidean', .* or a function of two rows, got 'nonsense'"):
        scores.density(Z, metric="nonsense")
    Z[3, 1] = np.nan
    with pytest.raises(ValueError, match="density: .* 1 of 5 rows, first row 3"):
        scores.density(Z)


def test_decision_values_by_hand():
    D = np.array([[2.0, -1.0, 0.5], [0.5, 0.25, -3.0]])
    np.testing.assert_allclose(scores.decision_margin(D), [-1.5, -0.25])  # minus the gap of the two largest
    np.testing.assert_allclose(scores.least_decided(D), [-2.0, -0.5])  # minus the largest


def test_every_public_score_is_tested_here():
    elsewhere = {"epig", "count_above", "decision_margin", "least_decided"}  # test_epig.py, test_reductions.py
    of_numbers = {"expected_change", "prediction_variance"}  # test_regression_strategies.py
    of_optimizers = {"expected_improvement", "probability_of_improvement", "upper_confidence_bound"}
    elsewhere |= of_numbers | of_optimizers  # the latter in test_learner_numbers.py
    elsewhere |= {"cost_margin", "least_expected_cost", "cost_embedding"}  # test_error_costs.py
    elsewhere |= {"epistemic_of_counts", "epistemic_of_logistic", "probabilistic_gain"}  # test_evidence.py
    assert set(scores.__all__) == {*SINGLE, *COMMITTEE, "density", "multilabel", *elsewhere}
    of_sets = {"cardinality_inconsistency", "loss_reduction", "margin_ranking", "separation_margin"}
    of_sets |= {"set_inconsistency"}  # test_multilabel_strategies.py
    assert set(multilabel.__all__) == {*MULTILABEL, *of_sets, "binary_minimum"}  # the latter: test_learner_numbers.py
