"""Files of other labelling tools: what goes out is what comes back."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from made_labeling import skal, tickets
from PIL import Image

from skal.labeling import Project, ProjectError
from skal.labeling.formats import (
    brush_of_mask,
    mask_of_brush,
    run_lengths,
    take_label_studio,
    write_coco,
    write_label_studio,
)

LABELS = ("(none)", "refund", "bug", "bug; refund")


class TestBrush:
    @settings(max_examples=50)
    @given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)))
    def test_there_and_back(self, mask):
        assert np.array_equal(mask_of_brush(brush_of_mask(mask), mask.shape), mask)

    def test_bits_by_hand(self):
        # 1 x 1, painted: 4 values, so 32 bits of 4; 8 - 1 in 5 bits; 3, 4, 8, 16 less one in 4 bits each; then one
        # repeated (1), width 3 (00), length 4 less one (011), value 255; and zeros up to a whole byte.
        bits = f"{4:032b}" + "00111" + "0010" + "0011" + "0111" + "1111" + "1" + "00" + "011" + "11111111"
        bits += "0" * (8 - len(bits) % 8)
        expected = [int(bits[place : place + 8], 2) for place in range(0, len(bits), 8)]
        assert brush_of_mask(np.array([[True]])) == expected

    def test_different_values_one_after_the_other(self):
        """The brush of the page writes chunks of values that differ; the converter never does."""
        values = [1, 2, 3, 0, 9, 9, 9, 200]  # of two pixels: opacity 0 and 200
        bits = f"{8:032b}" + "00111" + "0010" + "0011" + "0111" + "1111"
        bits += "0" + "00" + f"{8 - 1:03b}" + "".join(f"{value:08b}" for value in values)
        bits += "0" * (-len(bits) % 8)
        packed = [int(bits[place : place + 8], 2) for place in range(0, len(bits), 8)]
        assert mask_of_brush(packed, (1, 2)).tolist() == [[False, True]]

    def test_long_runs_are_cut(self):
        mask = np.zeros((300, 300), dtype=bool)
        mask[5:, 7:] = True
        mask[5:295] = True
        assert np.array_equal(mask_of_brush(brush_of_mask(mask), mask.shape), mask)

    @pytest.mark.parametrize("shape", [(2, 3), (3, 3), (0, 0), (60_000, 60_000)])
    def test_another_size_is_refused(self, shape):
        with pytest.raises(ValueError, match="pixels, and the image"):
            mask_of_brush(brush_of_mask(np.ones((2, 2), dtype=bool)), shape)

    @settings(max_examples=50)
    @given(st.data())
    def test_a_damaged_brush_is_refused_or_read_but_never_crashes(self, data):
        packed = brush_of_mask(np.eye(7, dtype=bool))
        packed = packed[: data.draw(st.integers(0, len(packed)))]
        for place in data.draw(st.lists(st.integers(0, max(len(packed) - 1, 0)), max_size=3)):
            if packed:
                packed[place] = data.draw(st.integers(0, 255))
        try:
            assert mask_of_brush(packed, (7, 7)).shape == (7, 7)
        except ValueError as error:
            assert "brush" in str(error)

    @pytest.mark.parametrize("packed", [[256], [-1], ["a"], [1.5], None, 7])
    def test_what_is_no_list_of_bytes(self, packed):
        with pytest.raises(ValueError, match="list of bytes"):
            mask_of_brush(packed, (1, 1))

    def test_a_mask_of_classes_is_refused(self):
        with pytest.raises(ValueError, match="array of bool"):
            brush_of_mask(np.array([[0, 1]]))


@pytest.fixture
def mails(tmp_path):
    """A project of tickets with answers of two people, some of them skipped, and its true labels."""
    truth = tickets(tmp_path / "tickets.csv", n=60, n_labeled=5)
    project = Project.create(tmp_path / "tickets.skal", tmp_path / "tickets.csv", target="label", id="ticket_id")
    rows = list(truth)
    project.tell(rows[:25], [truth[row] for row in rows[:25]], "ann@example.com")
    project.tell(rows[20:30], [truth[row] for row in rows[20:30]], "ben")
    project.skip(rows[31], "ben", "no idea")
    with project:
        yield project, truth


def written(project, path, **options):
    write_label_studio(project, path, **options)
    return json.loads(path.read_text(encoding="utf-8"))


def emptied(project, folder):
    """The same rows in another project, without answers."""
    folder.mkdir()
    frame = project.data_rows.rows.shown.copy()
    frame["label"] = ""
    frame.to_csv(folder / "tickets.csv", index=False)
    classes = ["bug", "question", "refund"]
    return Project.create(folder / "t.skal", folder / "tickets.csv", id="ticket_id", classes=classes)


class TestLabelStudioChoices:
    def test_what_goes_out_comes_back(self, mails, tmp_path):
        project, _ = mails
        tasks = written(project, tmp_path / "out.json")
        assert len(tasks) == 60
        with emptied(project, tmp_path / "other") as other:
            taken, refused = take_label_studio(other, tmp_path / "out.json")
            mine = {
                row: {w: label for w, label in given.items() if w != "(data)"}
                for row, given in other.answers().items()
            }
            told = {
                row: {w: label for w, label in given.items() if w != "(data)"}
                for row, given in project.answers().items()
            }
            assert mine == {row: given for row, given in told.items() if given}
            assert (taken.new, refused) == (35, None)
            assert any("skipped here now: 1" in note for note in taken.notes)
            again, _ = take_label_studio(other, tmp_path / "out.json")
            assert (again.new, again.repeated) == (0, 35)

    def test_rows_without_a_label_have_predictions(self, mails, tmp_path):
        project, truth = mails
        tasks = written(project, tmp_path / "out.json")
        guessed = {task["data"]["ticket_id"]: task["predictions"][0] for task in tasks if "predictions" in task}
        assert set(guessed) == set(truth) - set(project.labels()["id"])
        right = [guess["result"][0]["value"]["choices"] == [truth[row]] for row, guess in guessed.items()]
        assert np.mean(right) > 0.6
        assert all(0 < guess["score"] <= 1 for guess in guessed.values())
        assert not any("predictions" in task for task in written(project, tmp_path / "bare.json", predict=False))

    def test_the_page_names_what_the_tasks_hold(self, mails, tmp_path):
        project, _ = mails
        tasks = written(project, tmp_path / "out.json")
        page = ElementTree.fromstring((tmp_path / "out.xml").read_text(encoding="utf-8"))
        text, choices = page.find("Text"), page.find("Choices")
        assert text.get("value") == "$body" and "body" in tasks[0]["data"]
        assert [one.get("value") for one in choices] == project.classes
        result = tasks[0]["annotations"][0]["result"][0]
        assert (result["from_name"], result["to_name"]) == (choices.get("name"), text.get("name"))
        assert choices.get("toName") == text.get("name")

    def test_answers_given_there(self, mails, tmp_path):
        """As Label Studio exports them: its own ids of people, times, drafts, and rows known by a column."""
        project, truth = mails
        rows = list(truth)[40:45]

        def task(row, *annotations):
            return {"id": 7, "data": {"ticket_id": row, "body": "x"}, "annotations": list(annotations), "drafts": []}

        def annotation(label, who, time="2026-01-01", **more):
            result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [label]}}]
            return {"completed_by": who, "result": result, "updated_at": time, "lead_time": 2.5, **more}

        tasks = [
            task(rows[0], annotation("bug", 3)),
            task(rows[1], annotation("BUG ", {"id": 4, "email": "eve@example.com"})),
            task(rows[2], annotation("bug", 3, "2026-01-02"), annotation("refund", 3, "2026-01-01")),
            task(rows[2], annotation("refund", 5, "2026-01-01"), annotation("bug", 5, "2026-01-02")),
            task(rows[3], annotation("bug", 3, was_cancelled=True)),
            task(rows[4], annotation("bug", None)),
        ]
        (tmp_path / "export.json").write_text(json.dumps(tasks))
        taken, refused = take_label_studio(project, tmp_path / "export.json")
        assert refused is None
        assert taken.new == 5
        answers = project.answers()
        assert answers[rows[0]] == {"user 3": "bug"}
        assert answers[rows[1]] == {"eve@example.com": "bug"}
        assert answers[rows[2]] == {"user 3": "bug", "user 5": "bug"}
        assert answers[rows[3]] == {"user 3": None}
        assert answers[rows[4]] == {"export": "bug"}
        assert project.history(rows[0])[-1].seconds == 2.5
        assert any("from the name of the file" in note for note in taken.notes)
        taken, _ = take_label_studio(project, tmp_path / "export.json", annotator="zoe")
        assert project.answers()[rows[0]] == {"user 3": "bug", "zoe": "bug"}

    def test_what_cannot_be_taken_comes_back_with_its_reason(self, mails, tmp_path):
        project, truth = mails
        row = list(truth)[50]
        choice = {"from_name": "label", "to_name": "text", "type": "choices"}
        results = {
            "unknown class": [{**choice, "value": {"choices": ["praise"]}}],
            "two choices": [{**choice, "value": {"choices": ["bug", "refund"]}}],
            "a number": [{"from_name": "n", "to_name": "text", "type": "number", "value": {"number": 3}}],
            "no texts": [{**choice, "value": {"choices": [1]}}],
            "two controls": [
                {**choice, "from_name": "a", "value": {"choices": ["bug"]}},
                {**choice, "from_name": "b", "value": {"choices": ["refund"]}},
            ],
        }
        tasks = [
            {"data": {"ticket_id": row}, "annotations": [{"result": result, "completed_by": number}]}
            for number, result in enumerate(results.values())
        ]
        tasks.append({"id": 9, "data": {"ticket_id": "T9999"}, "annotations": tasks[0]["annotations"]})
        tasks.append({"id": 10, "data": {"url": "x"}, "annotations": [{"result": results["no texts"]}]})
        (tmp_path / "export.json").write_text(json.dumps(tasks))
        before = project.answers()
        taken, refused = take_label_studio(project, tmp_path / "export.json")
        assert project.answers() == before
        assert taken.new == 0
        assert len(taken.refused) == len(tasks)
        kept = json.loads(refused.read_text())
        reasons = [task["annotations"][0]["skal_reason"] for task in kept]
        for words, reason in zip(
            (
                "'praise' is not a class",
                "gives bug, refund",
                "needs choices or textarea",
                "must be texts",
                "--control a",
                "no row 'T9999'",
                "must be texts",
            ),
            reasons,
            strict=True,
        ):
            assert words in reason
        # Corrected there, the file is taken; the person is still known.
        kept[0]["annotations"][0]["result"] = [{**choice, "value": {"choices": ["bug"]}}]
        refused.write_text(json.dumps(kept))
        taken, _ = take_label_studio(project, refused)
        assert taken.new == 1
        assert project.answers()[row] == {"user 0": "bug"}
        taken, _ = take_label_studio(project, tmp_path / "export.json", control="b", annotator="eve")
        assert project.answers()[row]["eve"] == "refund"

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("{", "not JSON"),
            ('"text"', "not the JSON export"),
            ("[1, 2]", "not the JSON export"),
            ('[{"ticket_id": "T0001", "label": "bug", "annotator": 1, "annotation_id": 4}]', "JSON-MIN"),
            ('{"images": [], "categories": [], "annotations": []}', "COCO"),
            ('[{"data": {"ticket_id": "T0001"}, "annotations": [7]}]', "no list of objects"),
            ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ],
    )
    def test_other_files_are_refused(self, mails, tmp_path, text, words):
        project, _ = mails
        (tmp_path / "other.json").write_text(text)
        before = project.answers()
        with pytest.raises(ProjectError, match=words):
            take_label_studio(project, tmp_path / "other.json")
        assert project.answers() == before

    def test_a_file_that_is_not_there(self, mails, tmp_path):
        with pytest.raises(ProjectError, match="There is no file"):
            take_label_studio(mails[0], tmp_path / "none.json")

    def test_the_data_are_never_written_over(self, mails, tmp_path):
        with pytest.raises(ProjectError, match="never written to"):
            write_label_studio(mails[0], tmp_path / "tickets.skal" / "x.json")

    def test_answers_from_there_are_never_written_over(self, mails, tmp_path):
        project, _ = mails
        written(project, tmp_path / "out.json")
        written(project, tmp_path / "out.json")
        tasks = [{"data": {"ticket_id": "T0001"}, "annotations": [{"result": [], "completed_by": 1}]}]
        (tmp_path / "out.json").write_text(json.dumps(tasks))
        with pytest.raises(ProjectError, match="holds answers from Label Studio"):
            write_label_studio(project, tmp_path / "out.json")


class TestLabelStudioKinds:
    @pytest.mark.parametrize(
        ("answer", "labels", "there"),
        [
            ("labels", ["x; y", "(none)", "y"], [["x", "y"], None, ["y"]]),
            ("number", ["3", "-0.5", "1e+20"], [3, -0.5, 1e20]),
        ],
    )
    def test_what_goes_out_comes_back(self, tmp_path, answer, labels, there):
        (tmp_path / "a.csv").write_text("row_id,text,label\nr1,one,\nr2,two,\nr3,three,\nr4,four,\n")
        options = {"answer": answer, "id": "row_id", "classes": ["x", "y"] if answer == "labels" else []}
        kind = {"labels": "choices", "number": "number"}[answer]
        with Project.create(tmp_path / "a.skal", tmp_path / "a.csv", **options) as project:
            project.tell(["r1", "r2", "r3"], labels, "ann")
            tasks = written(project, tmp_path / "out.json", predict=False)
            told = {row: {"ann": project.answers()[row]["ann"]} for row in ("r1", "r2", "r3")}
        results = [task["annotations"][0]["result"] for task in tasks[:3]]
        assert [result[0]["value"][kind] if result else None for result in results] == there
        with Project.create(tmp_path / "b.skal", tmp_path / "a.csv", **options) as other:
            taken, refused = take_label_studio(other, tmp_path / "out.json")
            assert other.answers() == told
            assert (taken.new, refused) == (3, None)

    def test_predictions_of_sets(self, tmp_path):
        rows = [f"r{i},{'money ' * (i % 2)}and {'crash ' * (i // 2 % 2)}number,{LABELS[i % 4]}" for i in range(40)]
        rows += ["q1,money and crash number,", "q2,and number,"]
        (tmp_path / "a.csv").write_text("row_id,text,label\n" + "\n".join(rows))
        with Project.create(tmp_path / "a.skal", tmp_path / "a.csv", answer="labels", id="row_id") as project:
            tasks = written(project, tmp_path / "out.json")
        found = {task["data"]["row_id"]: task["predictions"][0]["result"] for task in tasks if "predictions" in task}
        assert found["q1"][0]["value"] == {"choices": ["bug", "refund"]}
        assert found["q2"] == []

    def test_images_are_known_by_their_files(self, tmp_path):
        for name in ("cat/one two.png", "unsorted/b#1.png", "c.png", "d.png"):
            (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
            color = tuple(int(value) for value in np.random.RandomState(len(name)).randint(0, 255, 3))
            Image.new("RGB", (20, 10), color).save(tmp_path / "photos" / name)
        with Project.create(tmp_path / "p.skal", tmp_path / "photos", classes=["cat", "dog"]) as project:
            tasks = written(project, tmp_path / "out.json", predict=False)
            page = ElementTree.fromstring((tmp_path / "out.xml").read_text(encoding="utf-8"))
            assert page.find("Image").get("value") == "$image"
            paths = {task["data"]["id"]: task["data"]["image"] for task in tasks}
            assert paths["one two.png"] == "/data/local-files/?d=photos/cat/one%20two.png"
            result = {"from_name": "x", "to_name": "i", "type": "choices", "value": {"choices": ["dog"]}}
            given = [
                paths["one two.png"],
                paths["b#1.png"],
                "/data/upload/1/0a1b2c3d-c.png",
                "https://example.com/photos/d.png?sig=1",
                "/data/upload/1/0a1b2c3d-e.png",
            ]
            export = [{"id": 3, "data": {"image": path}, "annotations": [{"result": [result]}]} for path in given]
            (tmp_path / "export.json").write_text(json.dumps(export))
            taken, _ = take_label_studio(project, tmp_path / "export.json", annotator="ann")
            assert taken.new == 4
            assert [one.id for one in taken.refused] == ["task 3"]
            assert {row for row, given in project.answers().items() if given.get("ann") == "dog"} == set(paths)


@pytest.fixture
def photos(tmp_path):
    """A project of masks on three images, of which one is labelled as an array."""
    (tmp_path / "photos").mkdir()
    rng = np.random.RandomState(0)
    for name, size in {"a.png": (30, 20), "b.png": (17, 40), "c.png": (30, 20)}.items():
        Image.fromarray(rng.randint(0, 255, (size[1], size[0], 3)).astype(np.uint8)).save(tmp_path / "photos" / name)
    options = {"answer": "mask", "classes": ["sky", "road", "car"]}
    mask = rng.choice([0, 1, 2, 255], (20, 30)).astype(np.uint8)
    with Project.create(tmp_path / "p.skal", tmp_path / "photos", **options) as project:
        project.tell(["a.png"], [mask], "ann")
        yield project, mask


def brush_task(image, results, **more):
    return {"id": 1, "data": {"image": image}, "annotations": [{"result": results, "completed_by": 3, **more}]}


def drawn(kind, name, size, **value):
    about = {"from_name": "m", "to_name": "image", "type": kind, "image_rotation": 0}
    height, width = size
    return {**about, "original_width": width, "original_height": height, "value": {**value, kind: [name]}}


class TestLabelStudioMasks:
    def test_what_goes_out_comes_back(self, photos, tmp_path):
        project, mask = photos
        tasks = written(project, tmp_path / "out.json", predict=False)
        assert len(tasks[0]["annotations"][0]["result"]) == 3  # one brush for each class
        page = ElementTree.fromstring((tmp_path / "out.xml").read_text(encoding="utf-8"))
        assert [one.get("value") for one in page.find("BrushLabels")] == ["sky", "road", "car"]
        with Project.create(
            tmp_path / "o.skal", tmp_path / "photos", answer="mask", classes=["sky", "road", "car"]
        ) as other:
            taken, refused = take_label_studio(other, tmp_path / "out.json")
            assert (taken.new, refused) == (1, None)
            ((row, found, _),) = other.masks()
        assert row == "a.png"
        assert np.array_equal(found, mask)

    def test_polygons_stay_polygons_and_rectangles_are_turned(self, photos, tmp_path):
        project, _ = photos
        size = (40, 17)
        square = [[0, 0], [100, 0], [100, 50], [0, 50]]  # percent: the upper half
        # A quarter turn around (8.5, 20): what is 10 wide and 5 high lies left of it, 5 wide and 10 high.
        turned = {"x": 50, "y": 50, "width": 1000 / 17, "height": 12.5, "rotation": 90}
        results = [
            drawn("polygonlabels", "sky", size, points=square),
            drawn("rectanglelabels", "car", size, **turned),
            {"from_name": "c", "to_name": "image", "type": "choices", "value": {"choices": ["day"]}},
        ]
        (tmp_path / "export.json").write_text(json.dumps([brush_task("/data/upload/1/0a1b2c3d-b.png", results)]))
        taken, _ = take_label_studio(project, tmp_path / "export.json")
        assert taken.new == 1
        mask, shapes = next((mask, shapes) for row, mask, shapes in project.masks() if row == "b.png")
        expected = np.full(size, 255)
        expected[:20] = 0
        expected[20:30, 4:8] = 2  # centres between 3.5 and 8.5
        assert np.array_equal(np.delete(mask, 3, axis=1), np.delete(expected, 3, axis=1))  # column 3 lies on the edge
        assert [shape["kind"] for shape in shapes] == ["polygon", "polygon"]

    def test_brushes_over_polygons(self, photos, tmp_path):
        project, _ = photos
        size = (20, 30)
        painted = np.zeros(size, dtype=bool)
        painted[5:8, 3:9] = True
        results = [
            drawn("polygonlabels", "road", size, points=[[0, 0], [100, 0], [100, 100], [0, 100]]),
            drawn("brushlabels", "car", size, format="rle", rle=brush_of_mask(painted)),
        ]
        (tmp_path / "export.json").write_text(json.dumps([brush_task("c.png", results, lead_time=4)]))
        take_label_studio(project, tmp_path / "export.json", annotator="ben")
        found = {row: mask for row, mask, _ in project.masks()}["c.png"]
        assert np.array_equal(found, np.where(painted, 2, 1))
        assert project.history("c.png")[-1].seconds == 4

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"type": "ellipselabels"}, "ellipselabels is not read"),
            ({"original_width": 31}, "31 x 20 pixels; this has 30 x 20"),
            ({"image_rotation": 90}, "turned by 90 degrees"),
            ({"value": {"rle": [1, 2], "brushlabels": ["car"]}}, "less than its own head"),
            ({"value": {"rle": "text", "brushlabels": ["car"]}}, "list of bytes"),
            ({"value": {"brushlabels": ["tree"]}}, "'tree' is not a class"),
            ({"value": {"brushlabels": []}}, "must have one class"),
            ({"type": "polygonlabels", "value": {"points": [[1, 2, 3]], "polygonlabels": ["car"]}}, "pairs"),
            ({"type": "polygonlabels", "value": {"points": [[1, 2]], "polygonlabels": ["car"]}}, "at least 3"),
            ({"type": "rectanglelabels", "value": {"x": None, "rectanglelabels": ["car"]}}, "must have numbers"),
            ({"type": "choices", "value": {"choices": ["car"]}}, "nothing is drawn"),
        ],
    )
    def test_what_is_no_mask_of_the_image_comes_back(self, photos, tmp_path, change, words):
        project, mask = photos
        result = drawn("brushlabels", "car", (20, 30), rle=brush_of_mask(np.ones((20, 30), dtype=bool)))
        (tmp_path / "export.json").write_text(json.dumps([brush_task("a.png", [{**result, **change}])]))
        taken, refused = take_label_studio(project, tmp_path / "export.json", annotator="ann")
        assert words in taken.refused[0].reason
        assert words in json.loads(refused.read_text())[0]["annotations"][0]["skal_reason"]
        ((_, found, _),) = project.masks()
        assert np.array_equal(found, mask)

    def test_predictions_have_the_size_of_the_image(self, photos, tmp_path):
        project, _ = photos
        tasks = written(project, tmp_path / "out.json")
        guessed = {task["data"]["id"]: task["predictions"][0]["result"] for task in tasks if "predictions" in task}
        assert set(guessed) == {"b.png", "c.png"}
        masks = [mask_of_brush(one["value"]["rle"], (40, 17)) for one in guessed["b.png"]]
        assert np.array_equal(np.sum(masks, axis=0), np.ones((40, 17)))  # each pixel is of one class


class TestCoco:
    def test_every_pixel_comes_back(self, photos, tmp_path, monkeypatch):
        project, mask = photos
        monkeypatch.chdir(tmp_path)
        assert "Images with a mask: 1" in skal("export", "p.skal", "--format", "coco", "--out", "masks.json")
        found = json.loads((tmp_path / "masks.json").read_text())
        assert found["images"] == [{"id": 1, "file_name": "a.png", "width": 30, "height": 20}]
        assert [one["name"] for one in found["categories"]] == ["sky", "road", "car"]
        back = np.full((20, 30), 255)
        for one in found["annotations"]:
            inside = pixels_of(one["segmentation"])
            back[inside] = one["category_id"] - 1
            rows, columns = np.nonzero(inside)
            x, y, width, height = one["bbox"]
            assert one["area"] == inside.sum()
            assert (x, y) == (columns.min(), rows.min())
            assert (width, height) == (np.ptp(columns) + 1, np.ptp(rows) + 1)
        assert np.array_equal(back, mask)

    def test_counts_go_down_the_columns(self):
        assert run_lengths(np.array([[True, False], [True, True]])) == {"size": [2, 2], "counts": [0, 2, 1, 1]}
        assert run_lengths(np.zeros((2, 3), dtype=bool)) == {"size": [2, 3], "counts": [6]}

    def test_a_project_of_classes_has_no_masks(self, mails, tmp_path):
        with pytest.raises(ProjectError, match="has no masks"):
            write_coco(mails[0], tmp_path / "x.json")


def pixels_of(lengths):
    height, width = lengths["size"]
    values = np.arange(len(lengths["counts"])) % 2 == 1
    return np.repeat(values, lengths["counts"]).reshape(width, height).T


class TestCommands:
    def test_export_and_take(self, mails, tmp_path, monkeypatch):
        project, _ = mails
        monkeypatch.chdir(tmp_path)
        assert "Tasks for Label Studio: labeled.json" in skal("export", "tickets.csv", "--format", "label-studio")
        emptied(project, tmp_path / "other").close()
        said = skal("take", "other/tickets.csv", "--project", "other/t.skal", "labeled.json")
        assert "35 answers taken" in said
        bad = json.loads((tmp_path / "labeled.json").read_text())
        bad[0]["data"]["ticket_id"] = "T9999"
        (tmp_path / "bad.json").write_text(json.dumps(bad[:1]))
        assert "Refused answers: bad.refused.json" in skal("take", "tickets.csv", "bad.json", code=1)

    def test_json_lines_hold_what_the_parquet_file_holds(self, mails, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        skal("export", "tickets.csv", "--out", "a.jsonl")
        skal("export", "tickets.csv", "--format", "parquet")
        rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()]
        frame = pd.read_parquet("labeled.parquet")
        assert list(rows[0]) == list(frame.columns)
        assert isinstance(rows[0]["minutes"], int)
        expected = frame.astype(object).where(frame.notna(), None).to_dict("records")
        assert rows == expected

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (["--out", "x.json"], "say --format"),
            (["--format", "coco"], "has no masks"),
            (["--out", "x.txt"], "ends in .csv"),
            (["--out", "x.csv", "--format", "parquet"], "ends in .parquet or .pq"),
            (["--format", "xml"], "There is no format 'xml'"),
        ],
    )
    def test_formats_that_cannot_be_told(self, mails, tmp_path, monkeypatch, options, words):
        monkeypatch.chdir(tmp_path)
        assert words in skal("export", "tickets.csv", *options, code=2)


class TestConverter:
    def test_nothing_is_lost_there_and_back(self, tmp_path, monkeypatch):
        """Label Studio's own converter is the referee, in the benchmark, which has 1000 of each."""
        pytest.importorskip("label_studio_converter", reason="label-studio-converter is not installed")
        monkeypatch.syspath_prepend(str(Path(__file__).parent.parent / "benchmarks"))
        from labeling_formats import brushes, choices, masks

        rng = np.random.RandomState(0)
        assert choices(tmp_path, 20, rng) == (20, 20)
        assert brushes(20, rng)[:3] == (20, 20, 20)
        assert masks(tmp_path, 12, rng) == (12, 12)
