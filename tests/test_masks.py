"""Masks: what they are, what is missing and what is void, and the confusion matrix against scikit-learn's."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, jaccard_score

from skal.labels import LabeledKFold, labeled_part, partly_labeled, unlabeled_mask
from skal.masks import Confusion, checked_mask, is_masks, labeled_masks, mask_classes, resized_mask, unlabeled_images

A, B = np.array([[0, 1], [1, 255]], dtype=np.uint8), np.array([[3, 3, 0]])


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.zeros((3, 2, 2), dtype=int), True),
        ([None, A], True),
        ([[[0, 1], [1, 0]], None], True),
        (partly_labeled(np.stack([A, A]), 2), True),
        (np.zeros((3, 2)), False),
        ([0, 1, None], False),
        (["a", "b"], False),
        ([[0, 1], [1, 0]], False),
        (np.array(["a", None], dtype=object), False),
        ([None, None], False),
        (None, False),
        ("text", False),
    ],
)
def test_masks_are_told_from_labels(y, expected):
    assert is_masks(y) is expected


def test_missing_is_the_absence_of_a_mask_and_void_is_a_value_in_one():
    void = np.full((2, 2), 255)
    y = [A, None, void, np.full((2, 2), np.nan), float("nan"), B]
    assert unlabeled_images(y).tolist() == [False, True, False, True, True, False]
    planes = np.stack([np.zeros((2, 2)), np.full((2, 2), np.nan), [[np.nan, 0.0], [1.0, 1.0]]])
    assert unlabeled_images(planes).tolist() == [False, True, False]  # the last is a mask with a bad pixel
    assert unlabeled_images(np.full((2, 3, 3), 255, dtype=np.uint8)).tolist() == [False, False]


def test_labels_delegate_to_masks():
    y = [A, None, B]
    assert unlabeled_mask(y).tolist() == [False, True, False]
    rows, masks = labeled_part(y)
    assert rows.tolist() == [0, 2]
    assert masks[0] is A and masks[1] is B
    stacked = np.stack([A, A, A])
    rows, same = labeled_part(stacked)
    assert same is stacked and rows.tolist() == [0, 1, 2]
    longer = partly_labeled(stacked, 2)
    assert unlabeled_mask(longer).tolist() == [False] * 3 + [True] * 2
    np.testing.assert_array_equal(longer[2], A)
    with pytest.raises(ValueError, match="at least one image must have a mask"):
        labeled_masks(np.full((2, 2, 2), np.nan))


def test_folds_test_on_labelled_images_alone():
    y = partly_labeled(np.stack([A] * 6), 3)
    folds = list(LabeledKFold(3).split(np.zeros((9, 1)), y))
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(6))
    for train, test in folds:
        assert set(range(6, 9)) <= set(train.tolist()) and not set(train) & set(test)


def test_classes_are_found_in_memory_maps_without_void(tmp_path):
    path = tmp_path / "masks.npy"
    np.save(path, np.stack([A, [[5, 255], [255, 255]]]).astype(np.uint8))
    assert mask_classes(np.load(path, mmap_mode="r")).tolist() == [0, 1, 5]
    assert mask_classes([B, None, A], ignore_label=3).tolist() == [0, 1, 255]
    assert mask_classes([None]).tolist() == []


@pytest.mark.parametrize(
    ("mask", "options", "message"),
    [
        (np.zeros(4), {}, r"must have shape \(H, W\)"),
        (A, {"shape": (4, 2), "row": 7}, r"mask 7 must have the size of its image, \(4, 2\), got \(2, 2\)"),
        ([[0.5, 1.0]], {}, "must be whole numbers"),
        ([[np.nan, 1.0]], {}, "must be whole numbers"),
        ([["a", "b"]], {}, "must be whole numbers"),
        (B, {"classes": [0, 1]}, r"among classes=\[0, 1\] or ignore_label=255, got \[3\]"),
        (np.full((2, 2), 255), {}, "is void throughout"),
    ],
)
def test_bad_masks_are_named(mask, options, message):
    with pytest.raises(ValueError, match=message):
        checked_mask(mask, who="me", **options)


def test_good_masks_pass():
    assert checked_mask(A, (2, 2), [0, 1]) is A
    assert checked_mask([[True, False]]).tolist() == [[1, 0]]
    assert checked_mask(np.full((2, 2), 255), allow_void=True).shape == (2, 2)
    assert checked_mask(np.full((2, 2), 2.0)).dtype == np.int64


def test_confusion_adds_up_to_scikit_learns():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, 5, (7, 6, 9)), rng.integers(0, 4, (7, 6, 9))
    truth[rng.random(truth.shape) < 0.2] = 255
    confusion = Confusion(6)
    for t, p in zip(truth, predicted, strict=True):
        confusion.add(t, p)
    seen = truth != 255
    expected = confusion_matrix(truth[seen], predicted[seen], labels=range(6))
    np.testing.assert_array_equal(confusion.matrix, expected)
    iou = jaccard_score(truth[seen], predicted[seen], average=None, labels=range(5))
    np.testing.assert_allclose(confusion.iou()[:5], iou)
    assert np.isnan(confusion.iou()[5])  # occurs nowhere: it counts for nothing
    assert confusion.mean_iou() == pytest.approx(iou.mean())
    assert confusion.pixel_accuracy() == pytest.approx((truth == predicted)[seen].mean())
    np.testing.assert_array_equal(Confusion(6).add(truth, predicted).matrix, confusion.matrix)


def test_confusion_by_hand_and_with_labels_of_ones_own():
    confusion = Confusion(classes=[3, 7]).add([[3, 3, 7, 255]], [[3, 7, 7, 3]])
    assert confusion.matrix.tolist() == [[1, 1], [0, 1]]
    assert confusion.iou().tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match=r"labels of prediction must be among \[3, 7\], got \[4\]"):
        confusion.add([[3]], [[4]])
    with pytest.raises(ValueError, match="one shape"):
        confusion.add([[3]], [[3, 3]])
    with pytest.raises(ValueError, match=r"labels of truth must be among \[0, 1\], got \[2\]"):
        Confusion(2).add([[2]], [[1]])
    with pytest.raises(ValueError, match="must not be among the classes"):
        Confusion(256)
    assert np.isnan(Confusion(2).mean_iou()) and np.isnan(Confusion(2).pixel_accuracy())


def test_masks_are_resized_to_the_nearest_label():
    mask = np.arange(6).reshape(2, 3)
    assert resized_mask(mask, (2, 3)) is mask
    np.testing.assert_array_equal(resized_mask(resized_mask(mask, (8, 9)), (2, 3)), mask)
    np.testing.assert_array_equal(resized_mask(np.stack([mask, mask + 1]), (1, 3))[1], resized_mask(mask + 1, (1, 3)))
    torch = pytest.importorskip("torch")
    big = np.random.default_rng(0).integers(0, 9, (37, 23))
    theirs = torch.nn.functional.interpolate(
        torch.from_numpy(big)[None, None].float(), (11, 50), mode="nearest-exact"
    )
    np.testing.assert_array_equal(resized_mask(big, (11, 50)), theirs[0, 0].long().numpy())
