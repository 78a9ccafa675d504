"""What is shown of a row: text, values, images; one at a time, whatever the size of the table."""

import io

import numpy as np
import pandas as pd
import pytest
from made_label_page import Client, made_project
from made_labeling import tickets
from PIL import Image

from skal.label_page import (
    Desk,
    DeskOptions,
    Fields,
    PoolMap,
    Problem,
    cached_rows,
    on_a_plane,
    rows_of,
    static_files,
    write_rows,
)
from skal.labeling import Project, opened_or_made, read_stamp


def image(path, size=(40, 30), shade=120, mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, 20, 20)).convert(mode).save(path)
    return path


def test_the_cache_gives_every_row_as_the_table_does(tmp_path):
    texts = ["", "two\nlines", 'with "quotes", commas', "<b>مرحبا</b>", "NA", "007", None]
    frame = pd.DataFrame({"a": [texts[k % 7] for k in range(9000)], "label": "x", "b": [f"{k}" for k in range(9000)]})
    assert cached_rows(tmp_path, "one") is None
    assert write_rows(tmp_path, "one", frame, "label")
    for rows in (cached_rows(tmp_path, "one"), rows_of(frame, "label")):
        assert rows.columns == ["a", "b"] and rows.n_rows == 9000
        for place in (0, 1, 4095, 4096, 8999, *range(2000, 2007)):
            assert rows.cells(place) == {"a": texts[place % 7], "b": str(place)}
        for place in (-1, 9000):
            with pytest.raises(IndexError):
                rows.cells(place)
    # Other data have another cache, and there is one at a time.
    assert cached_rows(tmp_path, "two") is None
    write_rows(tmp_path, "two", frame.iloc[:3], "label")
    assert cached_rows(tmp_path, "one") is None and cached_rows(tmp_path, "two").n_rows == 3
    damaged = next((tmp_path / "cache").glob("rows-*.arrow"))
    damaged.write_bytes(damaged.read_bytes()[:200])
    assert cached_rows(tmp_path, "two") is None
    (tmp_path / "file").write_text("")
    assert not write_rows(tmp_path / "file", "one", frame, "label")  # nothing can be written there


def test_data_that_are_as_they_were_are_not_read_again(tmp_path):
    data, folder = tmp_path / "tickets.csv", tmp_path / "tickets.skal"
    assert read_stamp(data, None, {}) is None
    project, _ = made_project(tmp_path)
    assert read_stamp(data) == read_stamp(data, folder, {"target": "label", "seed": 3}) == project.data_rows.stamp
    assert read_stamp(folder) == project.data_rows.stamp
    assert read_stamp(data, None, {"columns": {"body": "text"}}) == project.data_rows.stamp
    assert read_stamp(data, None, {"columns": {"body": "category"}}) is None  # there is something to change
    assert read_stamp(data, None, {"batch": 7}) is None
    assert opened_or_made(data, None, {"batch": 7}).settings.batch == 7
    assert read_stamp(tmp_path / "other.csv", folder) is None  # opened_or_made refuses it
    tickets(data, 41)
    assert read_stamp(data) is None


def test_a_table_is_shown_as_named_values(tmp_path):
    long = "x" * 81
    frame = {
        "id": ["a", "b"],
        "note": ["short", long],
        "n": ["1", ""],
        "label": ["", ""],
        "text": ["one", "two\nlines"],
    }
    pd.DataFrame(frame).to_csv(tmp_path / "t.csv", index=False)
    project = Project.create(tmp_path / "t.skal", tmp_path / "t.csv", id="id", columns={"note": "category"})
    fields = Fields.of_project(project)
    assert fields.names == ["note", "n", "text"]
    assert [(one["name"], one["type"], one["value"]) for one in fields.of("b")] == [
        ("note", "text", long),
        ("n", "value", None),
        ("text", "text", "two\nlines"),
    ]
    assert fields.of("a")[0]["type"] == "value" and fields.beginning("a") == "short"
    assert Fields.of_project(project, ["text", "id"]).of("b")[1]["value"] == "b"
    assert fields.beginning("gone") == "" and fields.text("gone") == ""
    with pytest.raises(Problem) as caught:
        fields.of("gone")
    assert caught.value.code == "unknown_row"


def test_images_of_a_folder_are_served_by_row(tmp_path):
    for k in range(4):
        image(tmp_path / "pool" / "unsorted" / f"{k}.png", shade=40 * k)
    image(tmp_path / "pool" / "cat" / "four.bmp")
    project = Project.create(tmp_path / "pool.skal", tmp_path / "pool", classes=["cat", "dog"])
    fields = Fields.of_project(project)
    assert fields.names == ["image"]
    assert fields.of("2.png") == [
        {"name": "image", "type": "image", "value": None, "url": "/api/image?row=2.png&field=image"}
    ]
    assert fields.picture("2.png", "image") == ((tmp_path / "pool/unsorted/2.png").read_bytes(), "image/png")
    content, kind = fields.picture("four.bmp", "image")  # a format that browsers need not know
    assert kind == "image/png" and Image.open(io.BytesIO(content)).size == (40, 30)
    client = Client(Desk(project, ["first"], fields, DeskOptions()))
    found = client.get("/api/image?row=2.png&field=image")
    assert found.status == 200 and found.headers["content-type"] == "image/png"
    assert client.get("/api/image?row=2.png&field=file").status == 404
    assert client.get("/api/image?row=2.png&field=image", drop=["authorization"]).status == 401
    (tmp_path / "pool/unsorted/2.png").write_bytes(b"<svg onload='alert(1)'/>")  # not what its name says
    assert client.get("/api/image?row=2.png&field=image").status == 404
    (tmp_path / "pool/unsorted/2.png").unlink()
    assert fields.of("2.png")[0]["type"] == "value"


def test_a_column_of_paths_is_shown_as_images_beside_the_text(tmp_path):
    inside = image(tmp_path / "data" / "images" / "one.png")
    outside = image(tmp_path / "secret.png")
    (tmp_path / "data" / "link.png").symlink_to(outside)
    cells = ["images/one.png", "../secret.png", str(outside), "link.png", "images/missing.png", str(inside), ""]
    ids, texts = [f"r{k}" for k in range(7)], [f"text of {k}" for k in range(7)]
    frame = pd.DataFrame({"id": ids, "photo": cells, "body": texts})
    frame.to_csv(tmp_path / "data" / "t.csv", index=False)
    project = Project.create(tmp_path / "t.skal", tmp_path / "data" / "t.csv", id="id")
    fields = Fields.of_project(project)
    shown = [fields.of(f"r{k}")[0]["type"] == "image" for k in range(7)]
    assert shown == [True, False, False, False, False, True, False]
    assert fields.picture("r0", "photo")[1] == "image/png" and fields.beginning("r0") == "text of 0"
    for k in (1, 2, 3, 4, 6):
        with pytest.raises(Problem) as caught:
            fields.picture(f"r{k}", "photo")
        assert caught.value.code == "no_picture"
    with pytest.raises(Problem):
        fields.picture("r0", "body")


@pytest.mark.parametrize("name, kind", [("a.jpg", "image/jpeg"), ("a.gif", "image/gif"), ("a.webp", "image/webp")])
def test_formats_that_browsers_show_are_served_as_they_are(tmp_path, name, kind):
    path = image(tmp_path / "pool" / name)
    image(tmp_path / "pool" / "other.png")
    project = Project.create(tmp_path / "p.skal", tmp_path / "pool", classes=["a", "b"])
    assert Fields.of_project(project).picture(name, "image") == (path.read_bytes(), kind)


def test_an_image_of_sixteen_bits_is_stretched_to_what_a_screen_shows(tmp_path):
    values = np.linspace(1000, 3000, 64, dtype=np.uint16).reshape(8, 8)
    (tmp_path / "pool").mkdir()
    Image.fromarray(values).save(tmp_path / "pool" / "deep.tif")
    image(tmp_path / "pool" / "other.png")
    project = Project.create(tmp_path / "p.skal", tmp_path / "pool", classes=["a", "b"])
    content, kind = Fields.of_project(project).picture("deep.tif", "image")
    shown = np.asarray(Image.open(io.BytesIO(content)))
    assert kind == "image/png" and shown.min() == 0 and shown.max() == 255
    np.testing.assert_array_equal(np.diff(shown.ravel().astype(int)) >= 0, True)


def test_texts_of_a_folder_are_shown_as_texts(tmp_path):
    (tmp_path / "pool").mkdir()
    for k in range(3):
        (tmp_path / "pool" / f"{k}.txt").write_text(f"text {k}\nsecond line")
    project = Project.create(tmp_path / "p.skal", tmp_path / "pool", classes=["a", "b"])
    fields = Fields.of_project(project)
    assert fields.of("1.txt") == [{"name": "text", "type": "text", "value": "text 1\nsecond line", "url": None}]


def test_the_map_shows_clusters_apart(tmp_path):
    rng = np.random.RandomState(0)
    Z = np.vstack([rng.normal(size=(40, 6)), rng.normal(size=(40, 6)) + 20])
    xy, method = on_a_plane(Z)
    assert method == "tsne" and xy.shape == (80, 2) and xy.min() == 0 and xy.max() == 1
    inside = np.linalg.norm(xy[:40] - xy[:40].mean(axis=0), axis=1).mean()
    assert np.linalg.norm(xy[:40].mean(axis=0) - xy[40:].mean(axis=0)) > 2 * inside
    np.testing.assert_array_equal(on_a_plane(Z)[0], xy)
    few, method = on_a_plane(np.array([[0.0, 0, 0], [3, 4, 0], [12, 16, 0]]))  # on a line of length 20
    assert method == "pca"
    np.testing.assert_allclose(few, [[0, 0], [0.25, 0], [1, 0]], atol=1e-12)
    np.testing.assert_array_equal(on_a_plane(np.ones((3, 1)))[0], np.zeros((3, 2)))


def test_the_map_of_a_pool_is_a_sample_that_holds_what_was_answered(tmp_path):
    project, truth = made_project(tmp_path, 60)
    pool_map = PoolMap(project, most=24)
    found = pool_map.drawn()
    assert len(set(found["rows"])) == 24 and found["sampled"] and found["n_rows"] == 60
    assert found["guess"] == found["uncertainty"] == [None] * 24  # no model yet
    project.tell(project.ids[:21], [truth[row] for row in project.ids[:21]])
    found = pool_map.drawn()
    assert len(set(found["rows"]) & set(project.ids[:21])) >= 12  # at most half of it, and some by chance
    assert set(found["guess"]) <= set(truth.values()) and all(0 <= u <= 1 for u in found["uncertainty"])
    right = [guess == truth[row] for row, guess in zip(found["rows"], found["guess"], strict=True)]
    assert np.mean(right) > 0.6


def test_files_of_the_page_are_a_fixed_list(tmp_path):
    files = static_files()
    assert all(path == "/" or path.startswith("/static/") for path in files)
    assert not any(path.endswith((".py", ".toml")) for path in files)
