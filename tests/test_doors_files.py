"""Files of weights that are damaged say so in one sentence, and a refused load leaves the estimator as it was."""

import json
import struct
from typing import Any

import numpy as np
import pytest
from made_adversarial import undiagnosed  # noqa: F401
from sklearn.datasets import make_blobs

from skal.adversarial import VAAL
from skal.nets import MLPVAE
from skal.neural import NeuralClassifier, VariationalAutoencoder

X, y = make_blobs(60, 4, centers=3, random_state=0)
QUICK: dict[str, Any] = {"max_epochs": 1, "random_state": 0}
MAKERS = {
    "classifier": lambda: NeuralClassifier(**QUICK).fit(X, y),
    "autoencoder": lambda: VariationalAutoencoder(**QUICK).fit(X),
    "vaal": lambda: VAAL(MLPVAE, max_steps=2, judge_steps=2, random_state=0).fit(X[:30], y[:30], X_unlabeled=X[30:]),
}


def header_without(content, name):
    """The file with an entry of skal's header taken out; offsets of tensors are relative to its end."""
    size = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + size])
    facts = json.loads(header["__metadata__"]["skal"])
    facts.pop(name)
    header["__metadata__"]["skal"] = json.dumps(facts)
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + content[8 + size :]


DAMAGES = {
    "cut short": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "a changed byte": lambda content: content[:-5] + bytes([content[-5] ^ 0xFF]) + content[-4:],
    "no shape": lambda content: header_without(content, "shape"),
    "no columns": lambda content: header_without(content, "n_features_in"),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", MAKERS)
def test_a_damaged_file_is_refused_in_one_sentence_and_changes_nothing(kind, damage, tmp_path):
    path = tmp_path / "weights.safetensors"
    estimator = MAKERS[kind]()
    estimator.save(path)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    before = dict(vars(estimator))
    with pytest.raises(ValueError, match="damaged") as caught:
        estimator.load(path)
    assert "\n" not in str(caught.value) and "weights.safetensors" in str(caught.value)
    assert vars(estimator) == before


def test_weights_of_another_shape_leave_a_classifier_as_it_was(tmp_path):
    path = tmp_path / "net.safetensors"
    NeuralClassifier(**QUICK, module__hidden=(8,)).fit(X, np.where(y == 2, 7, y)).save(path)
    estimator = MAKERS["classifier"]()
    expected = estimator.predict_proba(X)
    with pytest.raises(ValueError, match="do not fit"):
        estimator.load(path)
    assert estimator.classes_.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(estimator.predict_proba(X), expected)
