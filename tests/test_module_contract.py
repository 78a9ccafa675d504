"""Nets that people write: what an estimator takes of them, what it says of the others, and that nothing is lost."""

import copy

import numpy as np
import pytest
import torch
from skorch.callbacks import EarlyStopping
from skorch.dataset import ValidSplit
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

from skal import ActiveLearner
from skal.adversarial import SRAAL, VAAL
from skal.data import concatenate, pixel_kind
from skal.neural import NeuralClassifier, NeuralRegressor, NeuralSegmenter, VariationalAutoencoder
from skal.query import entropy_sampling
from skal.semi_supervised import UDAClassifier
from skal.testing import MODULE_CHECKS, CheckFailed, check_module

RNG = np.random.default_rng(0)
Y = np.arange(24) % 3
TABLE = (RNG.normal(size=(24, 6)) + Y[:, None]).astype(np.float32)
IMAGES = (RNG.integers(0, 40, (24, 3, 8, 8)) + 60 * Y[:, None, None, None]).astype(np.uint8)
TOKENS = RNG.integers(0, 50, (24, 5))
MASKS = np.repeat(np.repeat(Y[:, None, None] % 2, 8, 1), 8, 2).astype(np.uint8)
QUICK = {"max_epochs": 1, "batch_size": 8, "random_state": 0, "device": "cpu"}


class Net(nn.Module):
    """Layers, and what is done with what they give."""

    def __init__(self, layers, then=lambda out: out):
        super().__init__()
        self.layers, self.then = layers, then

    def forward(self, x):
        return self.then(self.layers(x))


def linear(n_outputs=3, then=lambda out: out, n_inputs=6):
    return Net(nn.Linear(n_inputs, n_outputs), then)


class Recurrent(nn.Module):
    def __init__(self, kind, **options):
        super().__init__()
        self.cells, self.head = kind(2, 4, batch_first=True, **options), nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.cells(x.reshape(len(x), 3, 2))[0][:, -1])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.inside = nn.TransformerEncoderLayer(2, 1, 4, dropout=0.1, batch_first=True)
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.inside(x.reshape(len(x), 3, 2)).flatten(1))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(6, 6), nn.Linear(6, 3)

    def forward(self, x):
        return self.two(x + F.relu(self.one(x)))


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.head = nn.Embedding(50, 4), nn.Linear(4, 3)

    def forward(self, tokens):
        return self.head(self.words(tokens).mean(dim=1))


class Sized(nn.Module):
    """A net that is sized by the names of its parameters."""

    def __init__(self, input_shape, n_outputs, width=4):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Flatten(), nn.Linear(int(np.prod(input_shape)), width), nn.Linear(width, n_outputs)
        )

    def forward(self, x):
        return self.layers(x)


def conv(*more):
    return nn.Sequential(nn.Conv2d(3, 4, 3), *more, nn.Flatten(), nn.Linear(144, 3))


# Modules that people write, with the rows that they are for.
TAKEN = {
    "one linear layer": (linear(), TABLE),
    "a Sequential": (nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3)), TABLE),
    "a class sized by name": (Sized, IMAGES),
    "a function": (lambda n_outputs: nn.Linear(6, n_outputs), TABLE),
    "a name of skal.nets": ("MLP", TABLE),
    "dropout": (nn.Sequential(nn.Dropout(0.2), nn.Linear(6, 3)), TABLE),
    "alpha dropout": (nn.Sequential(nn.Linear(6, 4), nn.SELU(), nn.AlphaDropout(0.2), nn.Linear(4, 3)), TABLE),
    "batch norm": (nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(4, 3)), TABLE),
    "layer norm": (nn.Sequential(nn.Linear(6, 4), nn.LayerNorm(4), nn.Linear(4, 3)), TABLE),
    "group norm": (conv(nn.GroupNorm(2, 4)), IMAGES),
    "residual": (Residual(), TABLE),
    "an LSTM": (Recurrent(nn.LSTM), TABLE),
    "a GRU in two layers": (Recurrent(nn.GRU, num_layers=2, dropout=0.1), TABLE),
    "a plain RNN": (Recurrent(nn.RNN), TABLE),
    "a transformer layer": (Attention(), TABLE),
    "convolutions": (conv(nn.ReLU()), IMAGES),
    "convolutions with batch norm": (conv(nn.BatchNorm2d(4), nn.ReLU()), IMAGES),
    "pooling": (nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)), IMAGES),
    "convolution as head": (nn.Sequential(nn.Conv2d(3, 3, 8), nn.Flatten()), IMAGES),
    "pixels of a table": (
        nn.Sequential(nn.Unflatten(1, (1, 6)), nn.Conv1d(1, 2, 3), nn.Flatten(), nn.Linear(8, 3)),
        TABLE,
    ),
    "an embedding": (Words(), TOKENS),
    "a bag of embeddings": (nn.EmbeddingBag(50, 3), TOKENS),
    "logits and features": (linear(then=lambda out: (out, out.detach())), TABLE),
    "a list": (linear(then=lambda out: [out]), TABLE),
    "a dict of transformers": (linear(then=lambda out: {"loss": None, "logits": out}), TABLE),
    "a dict of torchvision": (linear(then=lambda out: {"out": out, "aux": out}), TABLE),
    "log-probabilities": (linear(then=lambda out: out.log_softmax(-1)), TABLE),
    "float64": (linear().double(), TABLE),
    "more outputs than classes": (linear(10), TABLE),
    "a parametrised weight": (Net(nn.utils.parametrizations.weight_norm(nn.Linear(6, 3))), TABLE),
    "frozen layers": (nn.Sequential(nn.Linear(6, 4).requires_grad_(False), nn.Linear(4, 3)), TABLE),
    "a buffer": (nn.Sequential(nn.BatchNorm1d(6, affine=False), nn.Linear(6, 3)), TABLE),
}
ONE_LOGIT = {"of two classes": linear(1), "flat": linear(1, then=lambda out: out[:, 0])}


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.head, self.aux = nn.Linear(6, 3), nn.Linear(6, 3)

    def forward(self, x):
        return self.head(x), self.aux(x)


TAKEN["an auxiliary head"] = (TwoHeads(), TABLE)


@pytest.mark.parametrize("name", TAKEN)
def test_nets_that_people_write_are_trained_and_read(name):
    module, X = TAKEN[name]
    model = NeuralClassifier(module, **QUICK).fit(X, Y)
    P = model.predict_proba(X)
    assert P.shape == (24, 3) and np.allclose(P.sum(axis=1), 1)
    assert len(ActiveLearner(model, entropy_sampling).query(X, n_instances=2)[0]) == 2
    few = ["check_rows_alone", "check_saves", "check_features"]
    found = check_module(module, X, Y, estimator=NeuralClassifier(**QUICK), checks=few)
    assert {said.partition(":")[0] for said in found.values()} <= {"passed", "skipped"}  # without a linear layer


@pytest.mark.parametrize("name", ONE_LOGIT)
def test_one_logit_is_that_of_the_second_class(name):
    given = copy.deepcopy(ONE_LOGIT[name])
    model = NeuralClassifier(given, **QUICK).fit(TABLE, Y == 1)
    with torch.no_grad():
        logit = model.net_.module_(model.inputs_.tensor(TABLE)).flatten().double()
    np.testing.assert_allclose(model.predict_proba(TABLE)[:, 1], torch.sigmoid(logit), rtol=1e-6)


def test_numbers_label_sets_and_semi_supervised_nets_keep_the_same_contract():
    numbers = NeuralRegressor(linear(1, then=lambda out: (out, None)), **QUICK).fit(TABLE, Y * 2.5).predict(TABLE)
    assert numbers.shape == (24,)
    sets = np.stack([Y == 0, Y != 2, Y == 1], axis=1).astype(int)
    assert NeuralClassifier(linear(then=lambda out: {"logits": out}), **QUICK).fit(TABLE, sets).predict(
        TABLE
    ).shape == (24, 3)
    partly = [int(label) if row < 12 else None for row, label in enumerate(Y)]
    two = UDAClassifier(linear(then=lambda out: (out, out)), max_steps=2, threshold=0.0, random_state=0, device="cpu")
    assert two.fit(TABLE, partly).predict_proba(TABLE).shape == (24, 3)


def test_tokens_stay_whole_numbers(tmp_path):
    rare = np.full((24, 5), 2**24)
    rare[Y == 1] += 1  # the same number in float32
    seen = []

    class Watching(Words):
        def forward(self, tokens):
            seen.append((tokens.dtype, set(tokens.unique().tolist())))
            return super().forward(tokens % 50)

    model = NeuralClassifier(Watching(), **QUICK).fit(rare, Y)
    assert {dtype for dtype, _ in seen} == {torch.int64} and {2**24, 2**24 + 1} in [numbers for _, numbers in seen]
    model.save(tmp_path / "w.safetensors")
    again = NeuralClassifier(Watching(), **QUICK).load(tmp_path / "w.safetensors")
    np.testing.assert_allclose(again.predict_proba(rare), model.predict_proba(rare), rtol=1e-6)
    with pytest.raises(ValueError, match=r"begins with an embedding, so rows must be whole numbers, got float32"):
        NeuralClassifier(Words(), **QUICK).fit(TABLE, Y)
    with pytest.raises(ValueError, match="rows must be whole numbers, as in fit"):
        model.predict(rare.astype(np.float32))


SPATIAL = nn.Sequential(nn.Conv2d(3, 2, 3, stride=2, padding=1))
REFUSED = {
    "too few outputs": (
        lambda: NeuralClassifier(linear(2)),
        TABLE,
        Y,
        r"gives 2 logits a row, and there are 3 classes",
    ),
    "a sequence": (
        lambda: NeuralClassifier(linear(then=lambda out: out[:, None])),
        TABLE,
        Y,
        r"\(8, 3\), got \(8, 1, 3\)",
    ),
    "another width": (
        lambda: NeuralClassifier(linear(n_inputs=7)),
        TABLE,
        Y,
        r"cannot read the rows. A batch of shape \(8, 6\)",
    ),
    "a dict of its own": (lambda: NeuralClassifier(linear(then=lambda out: {"y": out})), TABLE, Y, "a dict of 'y'"),
    "nothing": (lambda: NeuralClassifier(linear(then=lambda out: None)), TABLE, Y, "got NoneType"),
    "two numbers a row": (
        lambda: NeuralRegressor(linear(2)),
        TABLE,
        Y * 1.5,
        r"must give one number a row.*got \(8, 2\)",
    ),
    "too few label sets": (
        lambda: NeuralClassifier(linear(2)),
        TABLE,
        np.stack([Y == 0, Y == 1, Y == 2], axis=1).astype(int),
        r"a logit for each label of each row, \(8, 3\), got \(8, 2\)",
    ),
    "small maps": (lambda: NeuralSegmenter(SPATIAL), IMAGES, MASKS, r"at the size of the images.*got \(8, 2, 4, 4\)"),
    "batches of one": (
        lambda: NeuralClassifier(nn.Sequential(nn.BatchNorm1d(6), nn.Linear(6, 3)), batch_size=1),
        TABLE,
        Y,
        "batch_size must be at least 2 for Sequential, whose BatchNorm1d",
    ),
    "stopping by no split": (
        lambda: NeuralClassifier(linear(), callbacks=[("stop", EarlyStopping())]),
        TABLE,
        Y,
        "EarlyStopping watches 'valid_loss'.*train_split=skorch.dataset.ValidSplit",
    ),
    "stopping in steps": (
        lambda: UDAClassifier(linear(), max_steps=2, callbacks=[EarlyStopping()]),
        TABLE,
        [0, 1, 2, *[None] * 21],
        "none are: watch the training, by monitor='train_loss'",
    ),
    "a loss": (lambda: NeuralClassifier(linear(), criterion=nn.NLLLoss), TABLE, Y, "Its loss belongs to the method"),
    "an optimizer": (lambda: NeuralClassifier(linear(), optimizer="adamm"), TABLE, Y, "Did you mean 'Adam'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_module_may_not_be_is_said_before_the_first_step(name):
    make, X, y, message = REFUSED[name]
    model = make()
    quick = {key: value for key, value in QUICK.items() if key in model.get_params() and key != "batch_size"}
    with pytest.raises((ValueError, TypeError), match=message) as error:
        model.set_params(**quick).fit(X, y)
    assert str(error.value).startswith(type(model).__name__)
    assert not hasattr(model, "net_") and not hasattr(model, "n_features_in_")


def test_probabilities_are_warned_of_and_so_are_those_of_pixels():
    with pytest.warns(UserWarning, match="gives probabilities.*Leave the softmax out of forward"):
        NeuralClassifier(linear(then=lambda out: out.softmax(-1)), **QUICK).fit(TABLE, Y)
    pixels = Net(nn.Conv2d(3, 2, 1), lambda out: out.softmax(1))
    with pytest.warns(UserWarning, match="gives probabilities"):
        NeuralSegmenter(pixels, max_epochs=1, random_state=0, device="cpu").fit(IMAGES, MASKS)


def test_optimizers_have_names_and_a_split_lets_a_training_stop():
    module = linear()
    named, given = (
        NeuralClassifier(module, optimizer=one, **QUICK).fit(TABLE, Y).predict_proba(TABLE)
        for one in ("AdamW", torch.optim.AdamW)
    )
    assert (named == given).all()
    stopping = {"train_split": ValidSplit(3), "callbacks": [EarlyStopping(patience=1, threshold=1e9)]}
    assert NeuralClassifier(linear(), **{**QUICK, "max_epochs": 9}, **stopping).fit(TABLE, Y).n_iter_ < 9
    watching = [EarlyStopping(monitor="train_loss")]
    assert NeuralClassifier(linear(), callbacks=watching, **QUICK).fit(TABLE, Y).n_iter_ == 1


# --- A fit that fails.


class Rows(Dataset):
    """Rows of which one cannot be read, or is NaN."""

    def __init__(self, fails_at=None, nan_at=None):
        self.fails_at, self.nan_at = fails_at, nan_at

    def __len__(self):
        return len(TABLE)

    def __getitem__(self, row):
        if row == self.fails_at:
            raise KeyboardInterrupt
        return TABLE[row] * (np.nan if row == self.nan_at else 1)


@pytest.mark.parametrize("again", ["warm_start", "partial_fit", "anew"])
@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [(Rows(nan_at=17), ValueError, "NaN or infinity in row 17"), (Rows(fails_at=20), KeyboardInterrupt, None)],
    ids=["NaN", "Ctrl-C"],
)
def test_a_fit_that_fails_leaves_the_estimator_as_it_was(again, rows, error, message):
    how = {**QUICK, "batch_size": 4, "standardize": False, "warm_start": again == "warm_start"}
    model = NeuralClassifier(linear(), **how).fit(TABLE, Y)
    before, history = model.predict_proba(TABLE), len(model.net_.history)
    with pytest.raises(error, match=message):
        (model.partial_fit if again == "partial_fit" else model.fit)(rows, Y)
    assert (model.predict_proba(TABLE) == before).all() and len(model.net_.history) == history
    twin = NeuralClassifier(linear(), **how)
    twin.set_params(module=copy.deepcopy(model.module)).fit(TABLE, Y)
    for one in (model, twin):
        one.partial_fit(TABLE, Y)
    assert (model.predict_proba(TABLE) == twin.predict_proba(TABLE)).all(), "its optimizer too is as it was"


@pytest.mark.parametrize(
    "model",
    [
        VariationalAutoencoder(max_epochs=1),
        VAAL(max_steps=2, judge_steps=2, keep_on_device=False),
        SRAAL(estimator=NeuralClassifier(max_epochs=1), max_steps=2, judge_steps=2, keep_on_device=False),
    ],
)
def test_so_does_one_of_an_autoencoder_or_a_game(model):
    partly = [int(label) if row < 12 else None for row, label in enumerate(Y)]
    model.set_params(random_state=0, device="cpu", batch_size=4, standardize=False).fit(TABLE, partly)
    before, net = model.transform(TABLE), model.net_
    for broken in (Rows(fails_at=20), Rows(nan_at=17)):
        with pytest.raises((KeyboardInterrupt, ValueError)):
            model.fit(broken, partly)
        assert model.net_ is net and (model.transform(TABLE) == before).all()


# --- Rows in other forms.


class Dicts(Rows):
    def __getitem__(self, row):
        return {"image": TABLE[row], "label": 0}


NOT_ROWS = {
    "a loader": (DataLoader(TensorDataset(torch.from_numpy(TABLE))), TypeError, "DataLoader.*Pass its data set"),
    "dicts": (Dicts(), TypeError, r"dicts with 'image', 'label'.*data\[row\]\['image'\]"),
    "sizes": ([IMAGES[0], *[IMAGES[1][:, :7]] * 23], ValueError, r"must have one size, got \(3, 8, 8\), \(3, 7, 8\)"),
    "channels last": (np.moveaxis(IMAGES, 1, -1), ValueError, r"channels first, got \(8, 8, 3\).*moveaxis"),
}


@pytest.mark.parametrize(
    "model", [NeuralClassifier(), NeuralRegressor(), VariationalAutoencoder(), VAAL(), UDAClassifier()]
)
@pytest.mark.parametrize("name", NOT_ROWS)
def test_what_are_no_rows_is_said_by_every_estimator(name, model):
    X, error, message = NOT_ROWS[name]
    with pytest.raises(error, match=f"{type(model).__name__}: .*{message}"):
        model.fit(X, Y)


def test_segmenters_say_it_of_images_and_masks():
    segmenter = NeuralSegmenter(max_epochs=1, random_state=0, device="cpu")
    with pytest.raises(ValueError, match="channels first"):
        segmenter.fit(np.moveaxis(IMAGES, 1, -1), MASKS)
    with pytest.raises(ValueError, match=r"got \(8, 8\) as image 0. Add the axis of the one channel: X\[:, None\]"):
        segmenter.fit(IMAGES[:, 0], MASKS)
    tiny = NeuralSegmenter(Net(nn.Conv2d(3, 2, 1)), max_epochs=1, random_state=0, device="cpu")
    with pytest.warns(UserWarning, match="0 and 255 alone.*one class is left.*astype"):
        tiny.fit(IMAGES, MASKS * 255)
    assert tiny.set_params(ignore_label=-1).fit(IMAGES, (MASKS * 255).astype(np.int16)).classes_.tolist() == [0, 255]


def test_a_negative_number_in_masks_is_a_class_that_is_told():
    marked = MASKS.astype(np.int16)
    marked[:, :2] = -1
    three = NeuralSegmenter(Net(nn.Conv2d(3, 3, 1)), max_epochs=1, random_state=0, device="cpu")
    with pytest.warns(UserWarning, match="masks hold -1, which is taken for a class.*ignore_label=-1"):
        assert three.fit(IMAGES, marked).classes_.tolist() == [-1, 0, 1]
    assert three.set_params(ignore_label=-1).fit(IMAGES, marked).classes_.tolist() == [0, 1]


def test_a_pool_is_no_loader():
    learner = ActiveLearner(NeuralClassifier(linear(), **QUICK), entropy_sampling, TABLE, Y)
    with pytest.raises(TypeError, match="DataLoader.*loader.dataset"):
        learner.query(NOT_ROWS["a loader"][0])


# --- Bytes and floats.

SHARES = (IMAGES / 255).astype(np.float32)
AS_FLOATS = IMAGES.astype(np.float32)


@pytest.mark.parametrize("fitted", ["bytes", "shares", "bytes as floats"])
@pytest.mark.parametrize("read", ["bytes", "shares", "bytes as floats"])
def test_pixels_are_read_in_the_numbers_of_the_fit(fitted, read):
    kinds = {"bytes": IMAGES, "shares": SHARES, "bytes as floats": AS_FLOATS}
    assert {name: pixel_kind(X) for name, X in kinds.items()} == {name: name for name in kinds}
    model = NeuralClassifier(conv(), **QUICK).fit(kinds[fitted], Y)
    if (fitted, read) == ("bytes as floats", "shares"):
        with pytest.raises(ValueError, match="whole numbers of 0 to 255, got floats of 0 to 1"):
            model.predict_proba(kinds[read])
    else:
        np.testing.assert_allclose(model.predict_proba(kinds[read]), model.predict_proba(kinds[fitted]), atol=1e-6)


def test_both_pools_of_a_game_and_of_uda_are_in_the_same_numbers():
    module = conv()
    for make in (lambda: VAAL(max_steps=2, judge_steps=2), lambda: UDAClassifier(module, max_steps=2, threshold=0.0)):
        scores = []
        for others in (IMAGES[12:], AS_FLOATS[12:], SHARES[12:]):
            model = (
                make()
                .set_params(random_state=0, device="cpu", batch_size=4)
                .fit(IMAGES[:12], Y[:12], X_unlabeled=others)
            )
            scores.append(model.transform(IMAGES))
        for other in scores[1:]:
            np.testing.assert_allclose(other, scores[0], atol=1e-5)


def test_numbers_of_another_range_are_refused_and_files_know_theirs(tmp_path):
    model = NeuralClassifier(conv(), **QUICK).fit(IMAGES, Y)
    with pytest.raises(ValueError, match="bytes of 0 to 255, got numbers of another range"):
        model.predict(SHARES * 4 - 2)
    model.save(tmp_path / "w.safetensors")
    again = NeuralClassifier(conv(), **QUICK).load(tmp_path / "w.safetensors")
    np.testing.assert_allclose(again.predict_proba(AS_FLOATS), model.predict_proba(IMAGES), atol=1e-6)


def test_maps_of_features_are_read_one_by_one_whatever_their_size():
    """What goes up to twelve in one map and to one in another is of no other scale."""
    maps = np.abs(np.random.default_rng(1).normal(size=(24, 3, 8, 8))).astype(np.float32)
    maps[::3] *= 6
    assert pixel_kind(maps) == "bright" and pixel_kind(maps[1:2] / 4) == "shares"
    model = NeuralClassifier(conv(), **QUICK).fit(maps, Y)
    alone = np.concatenate([model.predict_proba(maps[row : row + 1]) for row in range(24)])
    np.testing.assert_allclose(alone, model.predict_proba(maps), atol=1e-5)
    assert model.predict_proba(maps / 4).shape == (24, 3)
    small = NeuralClassifier(conv(), **QUICK).fit(maps / 30, Y)
    assert small.predict_proba(maps / 12).shape == (24, 3), "a little larger than at the fit is no other scale"
    resized = NeuralClassifier(conv(), **QUICK).fit(IMAGES, Y)
    np.testing.assert_allclose(resized.predict_proba(AS_FLOATS + 0.25), resized.predict_proba(IMAGES), atol=0.1)
    with pytest.raises(ValueError, match="floats of 0 to 1, got floats of 0 to 255"):
        small.predict_proba(AS_FLOATS + 0.25)


def test_images_taught_later_come_in_the_numbers_of_those_before():
    assert (concatenate(IMAGES, AS_FLOATS) == np.concatenate([IMAGES, IMAGES])).all()
    assert concatenate(IMAGES, AS_FLOATS).dtype == np.uint8
    assert (concatenate(AS_FLOATS, IMAGES) == np.concatenate([AS_FLOATS, AS_FLOATS])).all()
    with pytest.raises(ValueError, match="bytes of 0 to 255, got floats of 0 to 1. Multiply by 255"):
        concatenate(IMAGES, SHARES)
    with pytest.raises(ValueError, match="floats of 0 to 1, got bytes of 0 to 255. Divide them by 255"):
        concatenate(SHARES, IMAGES)


# --- The suite for authors of nets: what is honest passes, and each check catches one that is not.


class Draws(nn.Linear):
    def forward(self, x):
        return super().forward(x) + float(np.random.default_rng().normal())


class OfTheBatch(nn.Linear):
    def forward(self, x):
        return super().forward(x - x.mean(dim=0))


class Unused(nn.Linear):
    def __init__(self):
        super().__init__(6, 3)
        self.lost = nn.Parameter(torch.ones(1))


class Forgets(nn.Linear):
    """What it has seen is in no state."""

    seen = None

    def forward(self, x):
        if self.training:
            self.seen = x.detach().mean()
        return super().forward(x) + (0.0 if self.seen is None else torch.arange(3) * 10 * (1 + self.seen.abs()))


class Given(nn.Linear):
    """A module whose copies share its weights."""

    def __deepcopy__(self, memo):
        return self


class Quiet(nn.Module):
    """Dropout that is drawn once and kept."""

    def __init__(self):
        super().__init__()
        self.head, self.drop = nn.Linear(6, 3), nn.Dropout(0.0001)

    def forward(self, x):
        return self.head(self.drop(x))


class Nowhere(nn.Linear):
    """Features that are not finite."""

    def forward(self, x):
        return F.linear(torch.full((len(x), 6), torch.inf) if not self.training else x, self.weight * 0).nan_to_num()


SABOTAGE = {
    "check_output": linear(2),
    "check_every_weight_learns": Unused(),
    "check_rows_alone": OfTheBatch(6, 3),
    "check_equal_reads": Draws(6, 3),
    "check_seeded": Draws(6, 3),
    "check_module_given_is_kept": Given(6, 3),
    "check_pickles": linear(then=lambda out: out),
    "check_saves": Forgets(6, 3),
    "check_features": Nowhere(6, 3),
    "check_dropout": Quiet(),
}


@pytest.mark.parametrize("check", MODULE_CHECKS)
def test_each_check_of_a_module_catches_its_sabotage(check):
    with pytest.raises(CheckFailed, match=check):
        check_module(SABOTAGE[check], TABLE, Y, checks=[check])


def test_honest_nets_pass_and_what_is_not_theirs_is_skipped():
    found = check_module(nn.Sequential(nn.Linear(6, 4), nn.Dropout(0.2), nn.Linear(4, 3)), TABLE, Y)
    assert set(found.values()) == {"passed"}
    found = check_module(Sized, TABLE, Y, checks=["check_module_given_is_kept", "check_dropout"])
    assert all(said.startswith("skipped: ") for said in found.values())
    steps = UDAClassifier(max_steps=2, threshold=0.0, random_state=0, device="cpu")
    partly = [int(label) if row < 12 else None for row, label in enumerate(Y)]
    assert check_module("MLP", TABLE, partly, estimator=steps, checks=["check_seeded"]) == {"check_seeded": "passed"}
    assert set(check_module(Net(nn.Conv2d(3, 2, 1)), IMAGES, MASKS, checks=["check_rows_alone"]).values()) == {
        "passed"
    }
    with pytest.raises(ValueError, match="check_module: checks must be of"):
        check_module("MLP", TABLE, Y, checks=["check_nothing"])
