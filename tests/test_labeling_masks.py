"""Masks as answers: what is drawn, what is kept, what is learned from it, and what it cost."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skal.annotation import Polygon, draw_polygons
from skal.labeling import ProjectError
from skal.labeling.masks import VOID, MaskStore, checked_shapes, draw_shapes, joint_label

CLASSES = ["road", "car", "tree"]
SIZE = (30, 44)

places = st.integers(-20, 70).map(lambda n: n / 2)  # centres and corners of pixels among them, and places outside
rings = st.lists(st.tuples(places, places).map(list), min_size=3, max_size=8)
polygons = st.fixed_dictionaries(
    {"kind": st.just("polygon"), "class": st.sampled_from([*CLASSES, None]), "points": rings},
    optional={"holes": st.lists(rings, max_size=2)},
)
strokes = st.fixed_dictionaries(
    {
        "kind": st.just("stroke"),
        "class": st.sampled_from([*CLASSES, None]),
        "size": st.integers(1, 40).map(lambda n: n / 4),
        "points": st.lists(st.tuples(places, places).map(list), min_size=1, max_size=5),
    }
)


def rings_of(shape):
    return [np.array(ring)[:, ::-1] for ring in (shape["points"], *shape.get("holes", ()))]


@given(st.lists(polygons, max_size=5))
def test_polygons_are_drawn_as_the_library_draws_them(shapes):
    drawn = [
        Polygon(VOID if shape["class"] is None else CLASSES.index(shape["class"]), outer, tuple(holes))
        for shape in shapes
        for outer, *holes in [rings_of(shape)]
    ]
    shapes = checked_shapes(shapes, CLASSES, SIZE)
    assert (draw_shapes(shapes, SIZE, CLASSES) == draw_polygons(drawn, SIZE)).all()


def near(x, y, points, radius):
    """Whether a place is within a distance of a line through points, by the distance to each of its parts."""
    for (ax, ay), (bx, by) in zip(points, points[1:] or points, strict=False):
        length = np.hypot(bx - ax, by - ay)
        along = 0 if length == 0 else ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
        along = min(max(along, 0), length)
        u, v = (ax, ay) if length == 0 else (ax + along * (bx - ax) / length, ay + along * (by - ay) / length)
        if np.hypot(x - u, y - v) <= radius + 1e-9:
            return True
    return False


@given(strokes)
def test_a_stroke_is_every_pixel_whose_centre_is_near_its_line(stroke):
    mask = draw_shapes(checked_shapes([{**stroke, "class": "car"}], CLASSES, SIZE), SIZE, CLASSES)
    for radius, wanted in ((stroke["size"] / 2, mask == 1), (stroke["size"] / 2 - 1e-6, None)):
        found = np.array(
            [[near(c + 0.5, r + 0.5, stroke["points"], radius) for c in range(SIZE[1])] for r in range(SIZE[0])]
        )
        if wanted is not None:
            assert not (wanted & ~found).any()  # nothing that is too far
        else:
            assert not (found & ~(mask == 1)).any()  # all that is near, but for a distance equal to the radius


def test_later_shapes_lie_over_earlier_ones_and_the_rest_is_filled_last():
    square = {"kind": "polygon", "class": "car", "points": [[0, 0], [4, 0], [4, 4], [0, 4]]}
    erased = {"kind": "stroke", "class": None, "size": 1, "points": [[0.5, 0.5]]}
    drawn = draw_shapes([square, erased], (4, 5), CLASSES)
    assert drawn.tolist() == [[255, 1, 1, 1, 255], *[[1, 1, 1, 1, 255]] * 3]
    rest = {"kind": "rest", "class": "road"}
    assert draw_shapes([square, erased, rest], (4, 5), CLASSES)[0].tolist() == [0, 1, 1, 1, 0]
    assert draw_shapes([rest, square], (4, 5), CLASSES)[0].tolist() == [1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ("circle", "must be a list"),
        ([{"kind": "circle"}], "shape 1 must be one of start, polygon, stroke, rest"),
        ([{"kind": "rest", "class": "bus"}], "class must be one of road, car, tree"),
        ([{"kind": "rest"}], "class must be"),
        ([{"kind": "rest", "class": "road", "colour": 1}], "no entry 'colour'"),
        ([{"kind": "polygon", "class": "car", "points": [[0, 0], [1, 1]]}], "at least 3 pairs"),
        ([{"kind": "polygon", "class": "car", "points": [[0, 0], [1, 1], [1, "2"]]}], "finite number"),
        ([{"kind": "polygon", "class": "car", "points": [[0, 0], [1, 1], [1, float("nan")]]}], "finite number"),
        ([{"kind": "polygon", "class": "car", "points": [[0, 0], [1, 1], [1e9, 2]]}], r"x must be in \[-45, 89\]"),
        ([{"kind": "stroke", "class": "car", "points": [[0, 0]], "size": 0}], "size must be in"),
        ([{"kind": "stroke", "class": "car", "points": [], "size": 3}], "at least 1 pairs"),
        ([{"kind": "rest", "class": "car"}, {"kind": "start", "mask": "ab"}], "must be the first shape"),
        ([{"kind": "stroke", "class": "car", "size": 80, "points": [[0, 0]] * 200_001}], "points in a mask"),
    ],
)
def test_shapes_that_cannot_be_drawn_are_refused_with_the_reason(shapes, words):
    with pytest.raises(ValueError, match=words):
        checked_shapes(shapes, CLASSES, SIZE)


def test_a_small_request_cannot_ask_for_hours_of_painting():
    stroke = {"kind": "stroke", "class": "car", "size": 4000, "points": [[0, 0], [5000, 5000]] * 50}
    with pytest.raises(ValueError, match="too many and too thick"):
        checked_shapes([stroke], CLASSES, (5000, 5000))


@given(st.lists(st.one_of(polygons, strokes), max_size=4), st.integers(0, 99))
def test_what_is_stored_comes_back_bit_by_bit(tmp_path_factory, shapes, clicks):
    store = MaskStore(tmp_path_factory.mktemp("project"))
    label = store.write({"shapes": shapes, "clicks": clicks, "size": [SIZE[1], SIZE[0]]}, SIZE, CLASSES)
    stored = store.read(label)
    drawn = draw_shapes(checked_shapes(shapes, CLASSES, SIZE), SIZE, CLASSES)
    assert (stored.mask == drawn).all()
    assert stored.clicks == clicks
    assert draw_shapes(stored.shapes, SIZE, CLASSES).tobytes() == drawn.tobytes()
    assert store.write({"shapes": stored.shapes, "clicks": clicks}, SIZE, CLASSES) == label


def test_a_mask_of_every_class_there_can_be_is_stored_without_loss(tmp_path):
    mask = np.arange(256, dtype=np.uint8).reshape(16, 16)
    names = [f"c{k}" for k in range(255)]
    store = MaskStore(tmp_path)
    assert (store.read(store.write(mask, (16, 16), names)).mask == mask).all()


def test_a_mask_may_start_from_a_stored_one_of_another_size(tmp_path):
    store = MaskStore(tmp_path)
    label = store.write(np.array([[0, 1], [2, VOID]]), (2, 2), CLASSES)
    start = {"kind": "start", "mask": label.removeprefix("mask:")}
    label = store.write({"shapes": [start, {"kind": "rest", "class": "tree"}]}, (4, 4), CLASSES)
    assert store.read(label).mask.tolist() == [[0, 0, 1, 1]] * 2 + [[2, 2, 2, 2]] * 2
    with pytest.raises(ValueError, match="no stored mask"):
        store.write({"shapes": [{"kind": "start", "mask": "../../etc/passwd"}]}, (4, 4), CLASSES)


def test_classes_are_kept_by_name_so_that_their_order_may_change(tmp_path):
    store = MaskStore(tmp_path)
    label = store.write(np.array([[0, 1, 2, VOID]]), (1, 4), CLASSES)
    assert store.in_classes(label, ["tree", "road"]).tolist() == [[1, VOID, 0, VOID]]


def test_of_several_masks_each_pixel_has_the_class_that_most_give_it(tmp_path):
    store = MaskStore(tmp_path)
    given = [np.array([[0, 0, 1, VOID, 2]]), np.array([[0, 1, 1, VOID, 1]]), np.array([[1, 2, 1, 0, 1]])]
    labels = [store.write(mask, (1, 5), CLASSES) for mask in given]
    joint = joint_label(labels)
    assert joint == joint_label(labels[::-1]) != joint_label(labels[:2])
    assert store.read(joint).mask.tolist() == [[0, VOID, 1, VOID, 1]]
    assert store.read(joint_label(labels[:2])).mask.tolist() == [[0, VOID, 1, VOID, VOID]]
    assert joint_label([labels[0]] * 2) == labels[0]


def test_a_damaged_mask_is_noticed(tmp_path):
    store = MaskStore(tmp_path)
    label = store.write(np.zeros((3, 4)), (3, 4), CLASSES)
    other = store.write(np.ones((3, 4)), (3, 4), CLASSES)
    store.folder.joinpath(f"{label[5:]}.png").write_bytes(store.png(other))
    with pytest.raises(ProjectError, match="not what was written"):
        store.read(label)
    about = store.about(other)
    store.folder.joinpath(f"{other[5:]}.json").write_text(json.dumps({**about, "clicks": 7}))
    with pytest.raises(ProjectError, match="not what was written"):
        store.read(other)
    store.folder.joinpath(f"{other[5:]}.json").unlink()
    assert not store.holds(other)
    with pytest.raises(ProjectError, match="is missing"):
        store.read(other)


@pytest.mark.parametrize("label", ["mask:../journal", "mask:", "mask:a/b", "car", "mask:" + "a" * 65])
def test_a_label_never_leads_out_of_the_folder(tmp_path, label):
    assert not MaskStore(tmp_path).holds(label)
    with pytest.raises(ProjectError, match="not the label of a mask"):
        MaskStore(tmp_path).png(label)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"shapes": [], "size": [30, 44]}, "drawn on"),
        ({"shapes": [], "size": 3}, "drawn on"),
        ({"shapes": [], "html": "<b>"}, "got 'html'"),
        ({"clicks": 3}, "needs its shapes"),
        ({"shapes": [], "clicks": -1}, "clicks must be"),
        ({"shapes": [], "clicks": True}, "clicks must be"),
        (np.zeros((3, 3)), "size of its image"),
        (np.full(SIZE, 7), "must be among classes"),
    ],
)
def test_an_answer_that_is_no_mask_is_refused_and_leaves_no_file(tmp_path, answer, words):
    store = MaskStore(tmp_path)
    with pytest.raises(ValueError, match=words):
        store.write(answer, SIZE, CLASSES)
    assert not store.folder.exists()
