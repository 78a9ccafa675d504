"""Masks as answers: what is drawn, what is kept, what is learned from it, and what it cost."""

import base64
import json
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_labeling import lines, skal
from made_streets import COLORS, streets
from PIL import Image

from skal.annotation import Budget, Polygon, RegionOracle, UnknownPrice, draw_polygons
from skal.estimators.pixel_forest import PixelForest
from skal.labeling import Project, ProjectError, RefusedAnswers
from skal.labeling.masks.drawing import draw_shapes
from skal.labeling.masks.shapes import VOID, checked_shapes
from skal.labeling.masks.store import MaskStore
from skal.labeling.masks.votes import joint_label
from skal.loop import region_rounds
from skal.masks import resized_mask
from skal.query import region_query
from skal.study import loop_seed

CLASSES = ["road", "car", "tree"]
SIZE = (30, 44)

places = st.integers(-40, 140).map(lambda n: n / 4)  # centres and corners of pixels among them, and places outside
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


# Projects of masks --------------------------------------------------------------------------------------------


NAMES = ["sky", "road", "box"]
_, TRUTH = streets(14, size=(24, 36))
STREETS = (COLORS[TRUTH].transpose(0, 3, 1, 2) + np.random.default_rng(0).integers(0, 9, (14, 3, 24, 36))).astype(
    np.uint8
)


@pytest.fixture
def photos(tmp_path):
    """A folder of images, of which one is stored lying on its side."""
    folder = tmp_path / "photos"
    (folder / "trip").mkdir(parents=True)
    for number, pixels in enumerate(STREETS):
        image = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
        place = folder / ("trip" if number % 2 else "") / f"{number:02}.png"
        if number == 0:
            exif = Image.Exif()
            exif[0x0112] = 6
            image.rotate(90, expand=True).save(place.with_suffix(".jpg"), exif=exif, quality=100, subsampling=0)
        else:
            image.save(place)
    return folder


@pytest.fixture
def project(photos):
    few = {"estimator": "pixel_forest:n_trees=5", "batch": 4}
    with Project.create(photos.with_suffix(".skal"), photos, answer="mask", classes=NAMES, **few) as made:
        yield made


def number_of(row):
    return int(row.partition(".")[0].rpartition("/")[2])


def answer(project, questions, annotator=""):
    """Give the true masks."""
    return project.tell(questions.ids, [TRUTH[number_of(row)] for row in questions.ids], annotator)


def test_folders_are_no_classes_and_a_model_learns_masks_and_proposes_them(project):
    assert project.status().by_class == {}
    first = project.ask()
    assert answer(project, first).new == 4
    second = project.ask()
    assert {event.round for event in second.events} == {0}
    page = project.on_page(second.ids[0])
    assert page["proposal"]["size"] == [96, 96]
    packed = {name: base64.b64decode(text) for name, text in page["proposal"]["runs"].items()}
    values, lengths = np.frombuffer(packed["values"], np.uint8), np.frombuffer(packed["lengths"], "<u4")
    assert len(values) == len(lengths) and lengths.sum() == 96 * 96 and (values[1:] != values[:-1]).all()
    guess = np.repeat(values, lengths).reshape(96, 96)
    truth = resized_mask(TRUTH[number_of(second.ids[0])], (96, 96))
    assert (guess == truth).mean() > 0.9
    answer(project, second)
    status = project.status()
    assert status.by_class == {"sky": 8, "road": 8, "box": 8}
    assert "mean overlap" in str(project.ask(3) and project.status()) or status.accuracy is None


def test_masks_come_back_at_the_size_of_the_image_as_it_is_shown(project):
    rows = {number_of(row): row for row in project.ids}
    project.tell([rows[0], rows[3]], [TRUTH[0], TRUTH[3]])
    found = {number_of(row): (mask, shapes) for row, mask, shapes in project.masks()}
    assert set(found) == {0, 3}
    for number, (mask, shapes) in found.items():
        assert mask.dtype == np.uint8 and (mask == TRUTH[number]).all() and shapes == []


def test_an_answer_of_shapes_is_one_event_and_undo_brings_back_the_mask_before(project):
    row = project.ids[1]
    square = {"kind": "polygon", "class": "box", "points": [[2, 3], [9, 3], [9, 9], [2, 9]]}
    drawn = {"shapes": [square, {"kind": "rest", "class": "sky"}], "clicks": 6, "size": [36, 24]}
    assert project.tell([row], [drawn], "first", seconds=4.5, request="one-request").new == 1
    assert project.tell([row], [drawn], "first", request="one-request").repeated == 1
    assert project.tell([row], [drawn], "first").repeated == 1
    project.correct(row, {"shapes": []}, "first")
    assert project.labels()["label"].tolist() == [project.history(row)[-1].label]
    ((_, mask, shapes),) = project.masks()
    assert (mask == VOID).all()
    project.undo("first")
    ((_, mask, shapes),) = project.masks()
    wanted = np.zeros((24, 36))
    wanted[3:9, 2:9] = 2
    assert (mask == wanted).all()
    assert shapes == checked_shapes([square, {"kind": "rest", "class": "sky"}], NAMES, (24, 36))
    opened = project.on_page(row, project.history(row)[0].label)
    assert opened["drawn"] == {"shapes": shapes, "starts": {}}
    assert project.paid()(mask) == 6.0
    assert project.paid("seconds")(mask) == 4.5
    with pytest.raises(UnknownPrice, match="nobody has drawn"):
        project.paid()(mask * 0)


def test_two_people_make_one_mask_and_no_conflict(project):
    row = project.ids[2]
    one, other = np.zeros((24, 36), dtype=int), np.zeros((24, 36), dtype=int)
    one[:, :10] = other[:, :12] = 1
    project.tell([row], [one], "first")
    project.tell([row], [other], "second")
    ((_, mask, _),) = project.masks()
    assert set(np.unique(mask[:, 10:12])) == {VOID}
    assert (mask == one)[:, :10].all() and (mask == one)[:, 12:].all()
    assert project.status().conflicts == {}
    assert project.labels()[["annotators", "n_votes"]].values.tolist() == [["first, second", 2]]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (np.zeros((36, 24)), "size of its image"),
        (np.full((24, 36), 3), "must be among classes"),
        ({"shapes": [{"kind": "rest", "class": "tree"}]}, "class must be one of sky, road, box"),
        ("mask:0123456789abcdef", "is not the label of a mask"),
        ("sky", "is not the label of a mask"),
    ],
)
def test_a_mask_that_cannot_be_taken_is_refused_with_the_reason(project, given, words):
    with pytest.raises(RefusedAnswers, match=words):
        project.tell([project.ids[1]], [given])
    assert project.status().n_labeled == 0


def test_a_mask_is_on_the_disk_before_the_journal_names_it(project, monkeypatch):
    """Whoever reads the journal at any moment finds all masks that it names."""
    flushed, seen = [], []
    fsync, append = os.fsync, type(project._journal).append

    def noted(handle):
        fsync(handle)
        flushed.append(handle)

    def checked(journal, events, **more):
        seen.extend(project.kind.store.holds(event.label) and len(flushed) >= 4 for event in events)
        return append(journal, events, **more)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(type(project._journal), "append", checked)
    project.tell([project.ids[1]], [np.zeros((24, 36))])
    assert seen == [True]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "name the classes"),
        ({"classes": ["car"]}, "2 to 255"),
        ({"classes": NAMES, "new_classes": True}, "cannot name new classes"),
        ({"classes": NAMES, "estimator": "logistic"}, "logistic does not label pixels"),
    ],
)
def test_a_project_that_cannot_work_is_refused_when_it_is_made(photos, settings, words):
    for kind in ("mask", "region"):
        with pytest.raises(ProjectError, match=words):
            Project.create(photos.with_suffix(".skal"), photos, answer=kind, **settings)
    assert not photos.with_suffix(".skal").exists()


def test_the_model_is_a_forest_of_pixels_where_nothing_is_said(photos):
    for kind in ("mask", "region"):
        with Project.create(photos.with_suffix(f".{kind}.skal"), photos, answer=kind, classes=NAMES) as project:
            assert (project.settings.estimator, project.settings.candidates) == ("pixel_forest", 300)


def test_sheets_do_not_ask_what_only_a_page_can_show(photos, monkeypatch):
    monkeypatch.chdir(photos.parent)
    for command in (
        ["next", photos, "--answer", "region"],
        ["next", photos, "--answer", "mask", "--project", "m.skal"],
    ):
        assert "on the page: skal label photos" in " ".join(skal(*command, "--classes", "sky,road", code=2).split())
    for more in ([], ["--project", "m.skal"]):
        assert "on the page: skal label" in " ".join(skal("explain", photos, *more, code=2).split())
    with Project.open("m.skal") as project:
        project.tell([project.ids[1]], [np.zeros((24, 36))])
        assert project.status().n_open == {}
    skal("export", photos, "--project", "m.skal", "--out", "m.csv")
    assert [line["label"][:5] for line in lines("m.csv")].count("mask:") == 1


def test_tables_have_no_masks(tmp_path):
    (tmp_path / "table.csv").write_text("a,b\n1,2\n3,4\n")
    for kind in ("mask", "region"):
        with pytest.raises(ProjectError, match="must be a folder of images"):
            Project.create(tmp_path / "table.skal", tmp_path / "table.csv", answer=kind, classes=NAMES)


# Regions of images --------------------------------------------------------------------------------------------


@pytest.fixture
def regions(photos):
    strategy = "region_sampling:regions=superpixels,n_segments=12"
    made = {"answer": "region", "classes": NAMES, "strategy": strategy, "random_share": 0.0}
    made |= {"estimator": "pixel_forest:n_trees=5"}
    with Project.create(photos.with_suffix(".skal"), photos, **made) as project:
        yield project


def class_of(project, row):
    """The class that most pixels of a region are of, by its outline alone."""
    page = project.on_page(row)["region"]
    rings = [{"kind": "polygon", "class": "a", "points": page["rings"][0], "holes": page["rings"][1:]}]
    width, height = page["size"]
    inside = draw_shapes(rings, (height, width), ["a"]) == 0
    return NAMES[np.bincount(TRUTH[number_of(row.partition("#")[0])][inside]).argmax()]


def test_regions_are_asked_as_a_rehearsal_asks_for_them(regions):
    """With the same labels, seed and settings `region_rounds` picks the same regions."""
    first = regions.ask(30)
    labels = {row: class_of(regions, row) for row in regions.ids}
    regions.tell(first.ids, [labels[row] for row in first.ids])
    second = regions.ask(10)
    assert {event.round for event in second.events} == {0}
    rows = regions.data_rows.rows
    maps = rows.small_maps()
    truth = np.zeros(maps.shape, dtype=np.uint8)
    for row, image, number in zip(rows.ids, rows.image_of, rows.number_of, strict=True):
        truth[image][maps[image] == number] = NAMES.index(labels[row])
    oracle = RegionOracle(truth, maps)
    oracle.label([(rows.image_of[place], rows.number_of[place]) for place in map(rows.ids.index, first.ids)])
    nothing = np.empty(0, dtype=int)
    settings = {"n_rounds": 1, "random_state": loop_seed(0), "n_instances": 10}
    played = list(region_rounds(PixelForest(5), rows.images, oracle, region_query(), nothing, Budget(10), **settings))
    assert second.ids == [f"{rows.image_ids[image]}#{region}" for image, region in played[1].picked]
    assert sum(event.why["guess"] == labels[event.row] for event in second.events) >= 8


def test_answers_to_regions_are_masks_in_part_and_void_ones_are_void(regions):
    questions = regions.ask(12)
    labels = [class_of(regions, row) if place else "(void)" for place, row in enumerate(questions.ids)]
    regions.tell(questions.ids, labels)
    with pytest.raises(RefusedAnswers, match="is not a class"):
        regions.tell([regions.ids[0]], ["tree"])
    found = {row: mask for row, mask, _ in regions.masks()}
    right = known = 0
    for row, mask in found.items():
        assert mask.shape == (24, 36)
        truth = TRUTH[number_of(row)]
        right += ((mask == truth) & (mask != VOID)).sum()
        known += (mask != VOID).sum()
    assert right / known > 0.85
    assert regions.status().by_class["(void)"] == 1
    answered = {row.partition("#")[0] for row in questions.ids}
    assert set(found) == answered


def test_regions_stay_what_they_were_when_images_come_and_the_algorithm_changes(regions, photos, monkeypatch):
    before = set(regions.ids)
    row = regions.ids[0]
    rings = regions.on_page(row)
    regions.tell([row], ["sky"])
    pixels = np.ascontiguousarray(STREETS[1].transpose(1, 2, 0)) // 2
    Image.fromarray(pixels).save(photos / "99.png")
    monkeypatch.setattr(
        "skal.labeling.masks.regions.superpixel_regions", lambda image, n: np.zeros(image.shape[1:], int)
    )
    with Project.open(regions.folder) as again:
        assert set(again.ids) - before == {"99.png#0"}
        assert before <= set(again.ids)
        assert again.on_page(row) == rings
        assert again.labels()["id"].tolist() == [row]
        assert again.status().changed == []


def test_a_project_of_regions_asks_for_superpixels_alone(photos):
    for strategy in ("entropy_sampling", "region_sampling", "region_sampling:regions=polygons"):
        with pytest.raises(ProjectError, match="regions=superpixels"):
            Project.create(photos.with_suffix(".skal"), photos, answer="region", classes=NAMES, strategy=strategy)


def test_other_projects_have_no_masks(tmp_path):
    (tmp_path / "table.csv").write_text("a,b\n1,2\n3,4\n")
    with Project.create(tmp_path / "table.skal", tmp_path / "table.csv") as project:
        assert project.on_page(project.ids[0]) == {}
        for call in (lambda: list(project.masks()), project.paid):
            with pytest.raises(ProjectError, match="are classes"):
                call()
