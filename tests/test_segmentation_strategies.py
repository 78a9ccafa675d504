"""Strategies on a small segmenter: every one that can, by hand where there is a formula, one block at a time."""

import weakref
from functools import partial

import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from made_learners import FROM_NETS
from made_streets import streets
from scipy import stats

from skal import ActiveLearner, Committee
from skal.adversarial import SRAAL
from skal.data import block_rows
from skal.nets import TwoHeadedVAE
from skal.neural import EnsembleClassifier, LossPredictionSegmenter, NeuralSegmenter
from skal.outputs import InvalidOutput, MissingOutput, committee_proba, embedding, proba
from skal.query import (
    discriminator_score_sampling,
    entropy_sampling,
    learning_loss_sampling,
    pool_scores,
    qbc,
    select,
    sraal_query,
    strategies,
    suggestive_annotation,
    vaal_query,
)
from skal.scores import oui
from skal.semi_supervised import S4GANSegmenter
from skal.testing._pixels import PixelModel, segmentation

X, y = streets(20)
LABELED, POOL = slice(0, 6), slice(6, 20)
SETTINGS = {"module__width": 4, "module__depth": 1, "max_epochs": 3, "batch_size": 4, "device": "cpu"}
FEW = {"max_steps": 2, "judge_steps": 2, "device": "cpu"}
REFUSED = {
    *("badge", "bait", "batch_bald", "clue", "contrastive_active_learning", "drop_query", "epig"),
    *("expected_error_reduction", "expected_gradient_length", "falcun", "galaxy"),
    *("albl", "auto_sampling", "cost_embedding_sampling", "epistemic_sampling", "find_sampling", "mcpal"),
    *("most_likely_sampling", "quire"),
}
TRAINED_ELSEWHERE = {"vaal_query", "sraal_query", "vae_core_set", "discriminative_active_learning"}
ON_PASSES = {name for name, strategy in strategies().items() if "sampled_proba" in strategy.info.reads}
ON_COMMITTEES = {name for name, strategy in strategies().items() if "committee" in strategy.info.reads}
OTHERS = {
    name
    for name, strategy in strategies().items()
    if not {"multilabel", "committee", *FROM_NETS} & set(strategy.info.reads) and name not in TRAINED_ELSEWHERE
}


def segmenter(kind=NeuralSegmenter, **options):
    return kind(**{**SETTINGS, "random_state": 0, **options})


@pytest.fixture(scope="module")
def learner():
    return ActiveLearner(segmenter(module__dropout=0.25), entropy_sampling, X[LABELED], y[LABELED], random_state=0)


@pytest.fixture(scope="module")
def ensemble():
    return EnsembleClassifier(segmenter(), n_members=2, bootstrap=True, random_state=0).fit(X[LABELED], y[LABELED])


def check_batch(strategy, model, n=3, **options):
    picks, scores = select(strategy, model, X[POOL], n, random_state=0, **options)
    assert len(set(picks.tolist())) == n and picks.max() < 14 and np.isfinite(scores).all()
    return picks, scores


@pytest.mark.parametrize("name", sorted((OTHERS | ON_PASSES) - REFUSED))
def test_strategies_ask_for_images(name, learner):
    check_batch(strategies()[name], learner)
    with block_rows(1):
        few = select(strategies()[name], learner, X[POOL], 3, random_state=0)[0]
    assert few.tolist() == check_batch(strategies()[name], learner)[0].tolist()


@pytest.mark.parametrize("name", sorted(ON_COMMITTEES))
def test_committees_ask_for_images(name, ensemble):
    check_batch(strategies()[name], ensemble)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_strategies_of_one_distribution_a_row_say_so(name, learner):
    with pytest.raises((InvalidOutput, ValueError), match=f"^{name}: .*one (distribution|class) a row"):
        strategies()[name](learner, X[POOL], 2, random_state=0)


def test_entropies_of_pixels_are_reduced(learner):
    H = stats.entropy(proba(learner, X[POOL]).astype(np.float64), axis=1).reshape(14, -1)
    score = partial(pool_scores, entropy_sampling, learner, X[POOL])
    np.testing.assert_allclose(score(), H.mean(axis=1), rtol=1e-4)
    np.testing.assert_allclose(score(reduction="max"), H.max(axis=1), rtol=1e-4)
    levels = np.sort(H.ravel())
    gap = 2000 + np.diff(levels[2000:3000]).argmax()  # a threshold that rounding does not reach
    threshold = levels[gap : gap + 2].mean()
    counts = np.floor(score(reduction=f"count_above:{threshold}"))
    assert counts.tolist() == (H > threshold).sum(axis=1).tolist() and len(set(counts)) > 1


def test_a_committee_by_its_divergence(ensemble):
    P = committee_proba(ensemble, X[POOL]).astype(np.float64)
    divergence = stats.entropy(P.mean(axis=0), axis=1) - stats.entropy(P, axis=2).mean(axis=0)
    np.testing.assert_allclose(pool_scores(qbc, ensemble, X[POOL]), divergence.mean(axis=(1, 2)), atol=1e-6)
    members = Committee([ActiveLearner(segmenter(random_state=seed)) for seed in range(2)])
    members.fit(X[LABELED], y[LABELED], bootstrap=True)
    check_batch(qbc, members)


def test_suggestive_annotation_by_brute_force(ensemble):
    """Two candidates a pick by the mean variance of pixels; then the cosine of all images to their nearest pick."""
    variance = committee_proba(ensemble, X[POOL]).astype(np.float64).var(axis=0).mean(axis=(1, 2, 3))
    candidates = np.argsort(-variance)[:6]
    Z = np.hstack([member.transform(X[POOL]) for member in ensemble.members_]).astype(np.float64)
    np.testing.assert_allclose(embedding(ensemble, X[POOL]), Z, rtol=1e-5)
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    picks = check_batch(suggestive_annotation, ensemble)[0].tolist()
    for number, pick in enumerate(picks):
        before = picks[:number]
        gains = {c: (Z @ Z[[*before, c]].T).max(axis=1).sum() for c in candidates if c not in before}
        assert gains[pick] == pytest.approx(max(gains.values()), abs=1e-9)  # two images may gain alike


def test_the_loss_that_a_segmenter_predicts():
    model = segmenter(LossPredictionSegmenter).fit(X[LABELED], y[LABELED])
    picks, scores = check_batch(learning_loss_sampling, model)
    losses = model.predict_loss(X[POOL])
    assert picks[0] == losses.argmax()
    np.testing.assert_allclose(scores, np.sort(losses)[::-1][:3], rtol=1e-5)


class Judged(PixelModel):
    """A model that is judged by its images' brightness."""

    def discriminator_score(self, X):
        return np.asarray(X).mean(axis=(1, 2, 3))


def test_the_lowest_score_of_the_discriminator_is_asked_for():
    model = Judged().fit(X[LABELED], y[LABELED])
    brightness = X[POOL].mean(axis=(1, 2, 3))
    picks, scores = check_batch(discriminator_score_sampling, model)
    assert picks.tolist() == np.argsort(brightness)[:3].tolist()
    np.testing.assert_allclose(scores, -np.sort(brightness)[:3])
    with pytest.raises(MissingOutput, match=r"^discriminator_score_sampling: needs discriminator_score: NeuralSegm"):
        discriminator_score_sampling(segmenter().fit(X[LABELED], y[LABELED]), X[POOL])


def test_s4gan_is_asked_by_its_discriminator():
    net = {"module__width": 4, "module__depth": 1, "device": "cpu"}
    model = S4GANSegmenter(max_steps=3, batch_size=4, discriminator_width=4, random_state=0, **net)
    model.fit(X, [*y[LABELED], *[None] * 14])
    learner = ActiveLearner.fitted(model, X[LABELED], y[LABELED])
    expected = model.discriminator_score(X[POOL])
    picks, scores = check_batch(discriminator_score_sampling, learner)
    assert picks[0] == expected.argmin()
    np.testing.assert_allclose(scores, -np.sort(expected)[:3], rtol=1e-5)
    with block_rows(1):
        assert (check_batch(discriminator_score_sampling, learner)[0] == picks).all()


@pytest.mark.filterwarnings("ignore:(VAAL|SRAAL)")
def test_adversarial_strategies_read_images_as_they_are(learner):
    check_batch(vaal_query, learner, **FEW)
    check_batch(sraal_query, learner, **FEW)
    check_batch(sraal_query, learner, per_pixel=True, indicator="entropy", **FEW)
    check_batch(strategies()["vae_core_set"], learner, vae=learner.estimator)


@pytest.mark.filterwarnings("ignore:SRAAL")
def test_the_states_of_sraal_are_of_the_mean_or_of_every_pixel(learner):
    P = proba(learner, X[POOL]).astype(np.float64)
    expected = {False: oui(P.mean(axis=(2, 3))), True: oui(P, reduction="mean")}
    partly = [*y[LABELED], *[None] * 14]
    for per_pixel, states in expected.items():
        model = SRAAL(TwoHeadedVAE, module__trunk="mlp", estimator=learner.estimator, per_pixel=per_pixel, **FEW)
        model.set_params(random_state=0).fit(X, partly)
        np.testing.assert_allclose(model.states_, states, atol=1e-5)
        assert model.classes_.tolist() == [0, 1, 2] and model.predict(X[:2]).shape == (2, 16, 24)
    assert np.abs(expected[False] - expected[True]).max() > 0.01


@pytest.mark.filterwarnings("ignore:SRAAL")
def test_sraal_fits_a_segmenter_where_it_is_given_none():
    model = SRAAL(TwoHeadedVAE, module__trunk="mlp", estimator=segmenter(), random_state=0, **FEW)
    model.fit(X[LABELED], y[LABELED], X_unlabeled=X[POOL])
    assert isinstance(model.estimator_, NeuralSegmenter) and model.score_samples(X[POOL]).shape == (14,)


# Memory ------------------------------------------------------------------------------------------------------------


class Recording(PixelModel):
    """Keeps count of its answers (n, C, H, W) that somebody still holds when the next one is asked for."""

    answers: list = []  # noqa: RUF012 of all copies
    most_held = 0
    most_rows = 0

    def predict_proba(self, X):
        Recording.most_held = max(Recording.most_held, sum(answer() is not None for answer in self.answers))
        Recording.most_rows = max(Recording.most_rows, len(X))
        P = super().predict_proba(X)
        self.answers.append(weakref.ref(P))
        return P


HOLD_NOTHING = sorted((OTHERS | ON_COMMITTEES | {"bald", "mc_dropout_entropy"}) - {"random_sampling"})


@pytest.mark.parametrize("name", HOLD_NOTHING)
def test_no_strategy_holds_the_probabilities_of_more_than_a_block(name):
    problem = segmentation(strategies()[name])
    n_members = 3 if name in ON_COMMITTEES else 1
    models = [Recording().fit(problem.X_labeled, problem.y_labeled) for _ in range(n_members)]
    model = models if name in ON_COMMITTEES else models[0]
    Recording.answers, Recording.most_held, Recording.most_rows = [], 0, 0
    known = {"X_labeled": problem.X_labeled, "y_labeled": problem.y_labeled}
    options = {key: value for key, value in known.items() if key in strategies()[name].info.options}
    with block_rows(2):
        if name in REFUSED:
            with pytest.raises((InvalidOutput, ValueError)):
                strategies()[name](model, problem.X_pool, 3, random_state=0, **options)
            first = len(Recording.answers) <= 1
            assert first or name == "albl", "it is refused at the first block, or by the labels; albl asks its parts"
        else:
            strategies()[name](model, problem.X_pool, 3, random_state=0, **options)
    assert Recording.most_rows <= 2 and Recording.most_held <= n_members


def test_a_strategy_that_holds_all_is_seen():
    """The recorder itself: probabilities kept block after block are counted."""
    problem = segmentation(entropy_sampling)
    model = Recording().fit(problem.X_labeled, problem.y_labeled)
    Recording.answers, Recording.most_held = [], 0
    kept = []
    with block_rows(2):
        proba(model, problem.X_pool, then=lambda P: kept.append(P) or np.zeros(len(P)))
    assert Recording.most_held == 7


# The learner's surface ----------------------------------------------------------------------------------------------


class TestTeaching:
    def test_masks_are_taught_as_labels_are(self):
        learner = ActiveLearner(segmenter(), entropy_sampling, X[LABELED], y[LABELED], random_state=0)
        chosen, images = learner.query(X[POOL], n_instances=3)
        learner.teach(images, y[POOL][chosen])
        assert learner.estimator.n_labeled_ == 9 and learner.y_training.shape == (9, 16, 24)
        assert (learner.y_training[6:] == y[POOL][chosen]).all() and 0 <= learner.score(X, y) <= 1
        other = np.setdiff1d(np.arange(len(X[POOL])), chosen)[-1]
        learner.teach(X[POOL][other : other + 1], [y[POOL][other]])
        assert learner.estimator.n_labeled_ == 10 and len(learner.y_training) == 10
        assert learner.predict(X[:2]).shape == (2, 16, 24)

    @pytest.mark.parametrize(
        ("images", "masks", "options", "message"),
        [
            (X[6:8], y[6:8, :8], {}, r"mask 0 must have the size of its image, \(16, 24\), got \(8, 24\)"),
            (X[6:8], [None, None], {}, "at least one row needs a label, got 2 missing"),
            (X[6:8], y[6:9], {}, "as many rows, got 2 and 3"),
            (X[6:8], y[6:8] + 7, {"classes": [0, 1, 2]}, r"among classes=\[0, 1, 2\] or ignore_label=255, got \[7, "),
            (X[5:7], y[5:7], {}, "1 of 2 rows were taught before, first row 0"),
            (X[[6, 6]], y[[6, 6]], {}, "1 of 2 rows are repeated within the batch"),
            (X[6:8], y[6:8] + 0.5, {}, "must be whole numbers"),
            (X[6:8, :, :8], y[6:8, :8], {}, r"rows of shape \(3, 16, 24\) are needed"),
        ],
    )
    def test_what_cannot_be_taught_is_named_and_nothing_is_lost(self, images, masks, options, message):
        learner = ActiveLearner(PixelModel(), entropy_sampling, X[LABELED], y[LABELED], **options)
        before = (learner.estimator, learner.X_training, learner.y_training)
        with pytest.raises(ValueError, match=message):
            learner.teach(images, masks)
        assert before == (learner.estimator, learner.X_training, learner.y_training)

    def test_new_classes_are_told_and_void_is_none(self, recwarn):
        first = np.where(y[LABELED] == 2, 255, y[LABELED])
        learner = ActiveLearner(PixelModel(), entropy_sampling, X[LABELED], first)
        learner.teach(X[6:7], first[:1])
        assert list(recwarn) == []
        with pytest.warns(UserWarning, match=r"new classes \[2\] in masks"):
            learner.teach(X[7:8], y[7:8])

    def test_images_of_several_sizes(self):
        small, masks = streets(4, size=(16, 20), seed=1)
        images, labels = [*X[:4], *small], [*y[:4], *masks]
        model = segmenter(size=(16, 24))
        learner = ActiveLearner(model, entropy_sampling, images[:5], labels[:5], random_state=0)
        pool = images[5:]
        chosen, asked = learner.query(pool, n_instances=2)
        learner.teach(asked, [labels[5:][row] for row in chosen])
        assert learner.estimator.n_labeled_ == 7 and len(learner.y_training) == 7
        with pytest.raises(ValueError, match="were taught before"):
            learner.teach([images[4]], [labels[4]])
        with pytest.raises(ValueError, match=r"mask 0 must have the size of its image, \(16, 20\)"):
            learner.teach([small[0] // 2], [y[0]])
        # Rows are told apart by all of their pixels.
        other = small[1].copy()
        other[1, 8, 10] ^= 1
        learner.teach([other], [masks[1]])

    def test_arrays_of_other_sizes_join_in_a_list(self):
        small, masks = streets(2, size=(16, 20), seed=1)
        learner = ActiveLearner(segmenter(size=(16, 24)), entropy_sampling, list(X[LABELED]), y[LABELED])
        learner.teach(list(small), masks)
        assert [np.shape(mask) for mask in learner.y_training[5:7]] == [(16, 24), (16, 20)]

    def test_a_committee_is_taught_masks(self):
        committee = Committee([ActiveLearner(PixelModel()) for _ in range(2)], partial(qbc, reduction="max"))
        committee.fit(X[LABELED], y[LABELED], bootstrap=True)
        chosen, images = committee.query(X[POOL], n_instances=2)
        committee.teach(images, y[POOL][chosen])
        assert len(committee.y_training) == 8 and committee.predict(X[:2]).shape == (2, 16, 24)
