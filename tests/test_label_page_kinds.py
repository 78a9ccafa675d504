"""Other answers than classes, from the request to the journal: sets of labels, numbers, masks, regions."""

import numpy as np
import pytest
from made_label_page import Client, made_desk, request
from made_labeling import numbers, tickets
from PIL import Image

from skal.label_page import PoolMap
from skal.labeling import Project


def images(folder, n=4):
    """Images that are dark on the left and light on the right."""
    folder.mkdir()
    for k in range(n):
        pixels = np.full((24, 32, 3), 40 + k, dtype=np.uint8)
        pixels[:, 16:] = 200
        Image.fromarray(pixels).save(folder / f"{k}.png")
    return folder


def answered(client, row, label, **more):
    return client.post("/api/answer", {"request": request(), "row": row, "label": label, **more})


def test_several_labels_a_row(tmp_path):
    tickets(tmp_path / "t.csv", 30)
    said = {"answer": "labels", "classes": ["bug", "urgent", "paid"], "new_classes": True}
    project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv", **said)
    client = Client(made_desk(project, ["first"]))
    a, b, c, d = project.random_rows(4)
    found = answered(client, a.row, ["paid", "bug"]).json
    assert found["taken"] == {"label": "bug; paid", "kind": "new"}
    assert answered(client, b.row, []).json["taken"]["label"] == "(none)"
    found = answered(client, c.row, ["bug", "praise"], new_class=True).json
    assert found["taken"]["label"] == "bug; praise" and [one["name"] for one in found["classes"]][3] == "praise"
    assert found["progress"]["by_class"] == {"bug": 2, "paid": 1, "praise": 1}
    assert client.get("/api/answers?class=bug").json["total"] == 2
    refused = answered(client, d.row, ["bug; paid", "x;y"])
    assert refused.status == 422 and refused.json["code"] == "refused"
    drawn = PoolMap(project).drawn()
    assert len(drawn["guess"]) == 30 and all(guess is None or isinstance(guess, str) for guess in drawn["guess"])


def test_a_number_a_row(tmp_path):
    numbers(tmp_path / "t.csv", 30)
    said = {"answer": "number", "range": [0.0, 10.0], "id": "row_id"}
    project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv", **said)
    client = Client(made_desk(project, ["first"]))
    rows = [ask.row for ask in project.random_rows(4)]
    assert answered(client, rows[0], 3).json["taken"] == {"label": "3", "kind": "new"}
    found = answered(client, rows[0], 2.5).json
    assert found["taken"] == {"label": "2.5", "kind": "changed"} and found["progress"]["by_class"] == {}
    for wrong in (11, -0.5, "much"):
        refused = answered(client, rows[1], wrong)
        assert refused.status == 422 and refused.json["code"] == "refused"
    answered(client, rows[1], 9)
    drawn = PoolMap(project).drawn()
    assert all(0 <= float(guess) <= 10 for guess in drawn["guess"]) and set(drawn["uncertainty"]) == {None}


def test_a_mask_with_its_cost(tmp_path):
    data = images(tmp_path / "pool")
    project = Project.create(tmp_path / "p.skal", data, answer="mask", classes=["dark", "light"])
    client = Client(made_desk(project, ["first"]))
    row = client.post("/api/next", {"request": request()}).json["questions"][0]
    assert row["fields"][0]["type"] == "image" and row["guess"] is None
    points = [[0, 0], [16, 0], [16, 24], [0, 24]]
    shapes = [{"kind": "polygon", "class": "dark", "points": points}]
    said = {"request": request(), "row": row["row"], "seconds": 7.5, "clicks": 5}
    found = client.post("/api/answer", {**said, "label": {"shapes": shapes, "size": [32, 24]}})
    assert found.status == 200, found.body
    label = found.json["taken"]["label"]
    assert label.startswith("mask:") and found.json["taken"]["kind"] == "new"
    ((identity, mask, _),) = project.masks()
    assert identity == row["row"] and (mask[:, :16] == 0).all() and (mask[:, 16:] == 255).all()
    assert project.paid("clicks")(mask) == 5 and project.paid("seconds")(mask) == 7.5
    undone = client.post("/api/undo", {"request": request()}).json
    assert undone["questions"][0]["row"] == row["row"] and undone["questions"][0]["earlier"]["shapes"] == shapes
    for wrong in ({"shapes": [{"kind": "magic"}], "size": [32, 24]}, {"pixels": "x"}):
        assert answered(client, row["row"], wrong).status in (400, 422)


def test_a_region_is_outlined(tmp_path):
    data = images(tmp_path / "pool", 2)
    said = {"answer": "region", "classes": ["dark", "light"]}
    said["strategy"] = "region_sampling:regions=superpixels,n_segments=6"
    project = Project.create(tmp_path / "p.skal", data, **said)
    client = Client(made_desk(project, ["first"]))
    question = client.post("/api/next", {"request": request()}).json["questions"][0]
    image, _, number = question["row"].rpartition("#")
    assert (data / image).is_file() and number.isdigit()
    assert question["region"]["size"] == [32, 24] and len(question["region"]["rings"][0]) >= 4
    field = question["fields"][0]
    assert field["type"] == "image" and client.get(field["url"]).body == (data / image).read_bytes()
    assert answered(client, question["row"], "dark").json["taken"]["label"] == "dark"
    assert answered(client, question["row"], "blue").status == 422


@pytest.mark.parametrize("answer, classes", [("labels", ["a", "b"]), ("number", [])])
def test_the_guess_is_a_text(tmp_path, answer, classes):
    truth = numbers(tmp_path / "t.csv", 40)
    project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv", answer=answer, classes=classes, id="row_id")
    for k, row in enumerate(list(truth)[:12]):
        project.tell([row], [["a"] if k % 2 else ["b"]] if answer == "labels" else [k % 5])
    project.ask(4)
    question = made_desk(project, show_guess=True).next("")["questions"][0]
    assert isinstance(question["guess"]["label"], str)
