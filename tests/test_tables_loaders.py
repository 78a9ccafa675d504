"""Loaders of folders and tables: what has no label is no class and no row; links and cameras move nothing."""

import dataclasses
import os

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from skal.datasets import (
    load_archive,
    load_dataset,
    load_image_folder,
    load_segmentation_folder,
    load_table,
    load_text_folder,
)


def put(path, colour=(0, 0, 0)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 3), colour).save(path)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def photos(tmp_path):
    root = tmp_path / "photos"
    for name, n in (("ant", 3), ("bee", 2), ("unsorted", 4)):
        for k in range(n):
            put(root / name / f"{name}{k}.png", (10 * n, k, 0))
    return root


class TestUnlabelledFolders:
    def test_unsorted_is_no_class(self, photos):
        put(photos / "loose.png", (1, 2, 3))
        data = load_image_folder(photos)
        assert data.classes == ("ant", "bee") and np.bincount(data.y).tolist() == [3, 2]
        assert data.X.shape == (5, 3, 3, 4) and data.n_unlabeled == 5 == len(data.X_unlabeled)
        assert data.paths_unlabeled[:2] == ("loose.png", "unsorted/unsorted0.png")
        assert data.X_unlabeled[:3, :, 0, 0].tolist() == [[1, 2, 3], [40, 0, 0], [40, 1, 0]]
        assert data.notes == ("photos: 5 of 10 images have no label, and were left out.",)
        assert "5 unlabelled" in repr(data)
        (photos / "unsorted").rename(photos / "Unsorted")
        assert load_image_folder(photos).n_unlabeled == 5

    def test_another_folder_by_name(self, photos):
        (photos / "unsorted").rename(photos / "later")
        assert load_image_folder(photos).classes == ("ant", "bee", "later")
        for data in (load_image_folder(photos, unlabeled="later"), load_dataset(f"{photos}?unlabeled=later")):
            assert data.classes == ("ant", "bee") and data.n_unlabeled == 4
        with pytest.raises(ValueError, match="no folder 'sooner', .* it has ant, bee, later"):
            load_image_folder(photos, unlabeled="sooner")

    def test_nothing_sorted_yet(self, photos):
        for name in ("ant", "bee"):
            for file in (photos / name).iterdir():
                file.unlink()
            (photos / name).rmdir()
        with pytest.raises(ValueError, match="photos: none of 4 images has a label, .* use skal next"):
            load_image_folder(photos)

    def test_beside_train_and_test_and_within_train(self, tmp_path, photos):
        split = tmp_path / "split"
        split.mkdir()
        photos.rename(split / "train")
        for name in ("ant", "bee"):
            put(split / "test" / name / "t.png")
        put(split / "unsorted" / "u.png")
        data = load_image_folder(split)
        assert data.classes == ("ant", "bee") and len(data.X) == 5 and len(data.X_test) == 2 and data.n_unlabeled == 5

    def test_a_bad_image_among_them(self, photos):
        write(photos / "unsorted" / "x.png", b"no image")
        data = load_image_folder(photos, on_bad="skip")
        assert [bad.path for bad in data.skipped] == ["unsorted/x.png"] and data.n_unlabeled == 4
        write(photos / "ant" / "a.png", b"no image")
        assert np.bincount(load_image_folder(photos, on_bad="skip").y).tolist() == [3, 2]

    def test_a_link_in_a_class_to_an_image_of_unsorted_is_a_label(self, photos):
        os.symlink("../unsorted/unsorted1.png", photos / "bee" / "sorted.png")
        data = load_image_folder(photos)
        assert np.bincount(data.y).tolist() == [3, 3] and data.n_unlabeled == 3
        assert "unsorted/unsorted1.png" not in data.paths_unlabeled


class TestLinks:
    @pytest.mark.parametrize("target", ["..", ".", "../bee", "../../photos", "../.."])
    def test_back_into_the_data(self, photos, target):
        expected = load_image_folder(photos)
        os.symlink(target, photos / "ant" / "up", target_is_directory=True)
        found = load_image_folder(photos)
        assert found.paths == expected.paths and found.y.tolist() == expected.y.tolist()
        assert any("ant/up is a link back into the data" in note for note in found.notes)

    def test_images_and_masks(self, tmp_path):
        put(tmp_path / "i" / "a.png")
        (tmp_path / "m").mkdir()
        Image.fromarray(np.zeros((3, 4), np.uint8)).save(tmp_path / "m" / "a.png")
        os.symlink("..", tmp_path / "i" / "up", target_is_directory=True)
        assert load_segmentation_folder(tmp_path / "i", tmp_path / "m", ["ground"]).paths == ("a.png",)

    def test_elsewhere_is_followed_once(self, tmp_path, photos):
        put(tmp_path / "store" / "inner" / "a.png")
        os.symlink(tmp_path / "store", photos / "ant" / "more")
        assert "ant/more/inner/a.png" in load_image_folder(photos).paths
        os.symlink(tmp_path / "store" / "inner", photos / "bee" / "more")
        data = load_image_folder(photos)
        assert np.bincount(data.y).tolist() == [4, 2] and "read before" in " ".join(data.notes)
        os.symlink(tmp_path / "store", tmp_path / "store" / "loop")
        assert load_image_folder(photos).paths == data.paths

    def test_a_class_that_is_another_class(self, photos):
        os.symlink("ant", photos / "emmet")
        with pytest.raises(ValueError, match="no images of emmet. .* emmet is a link back into the data"):
            load_image_folder(photos)


class TestTextFolders:
    def test_rows_classes_and_ids(self, tmp_path):
        root = tmp_path / "mails"
        write(root / "ham" / "b.txt", "Grüße,\nich")
        write(root / "ham" / "a.txt", "\ufeffhello")
        write(root / "spam" / "deep" / "c.TXT", "win")
        write(root / "unsorted" / "d.txt", "what?")
        data = load_dataset(root)
        assert data.X["text"].tolist() == ["hello", "Grüße,\nich", "win"] and data.y.tolist() == [0, 0, 1]
        assert data.paths == ("ham/a.txt", "ham/b.txt", "spam/deep/c.TXT") and data.feature_names == ("text",)
        assert data.X_unlabeled["text"].tolist() == ["what?"] and data.paths_unlabeled == ("unsorted/d.txt",)
        assert data.notes == ("mails: 1 of 4 texts have no label, and were left out.",)

    def test_encodings(self, tmp_path):
        root = tmp_path / "mails"
        write(root / "ham" / "a.txt", "Grüße".encode("latin-1"))
        write(root / "spam" / "b.txt", "x")
        with pytest.raises(ValueError, match='ham/a.txt, line 1: byte 2 .*encoding="latin-1".*on_bad="skip"'):
            load_text_folder(root)
        assert load_dataset(f"{root}?encoding=latin-1").X["text"].tolist() == ["Grüße", "x"]
        data = load_text_folder(root, on_bad="skip")
        assert data.X["text"].tolist() == ["x"] and data.y.tolist() == [1] and data.skipped[0].path == "ham/a.txt"
        write(root / "spam" / "b.txt", b"\xff\xff")
        with pytest.raises(ValueError, match="None of the texts in mails can be read"):
            load_text_folder(root, on_bad="skip")

    def test_images_come_first_and_texts_are_told(self, photos):
        write(photos / "ant" / "notes.txt", "x")
        assert "1 files that end in .txt were not read" in load_dataset(photos).notes[-1]

    def test_train_and_test(self, tmp_path):
        for split in ("train", "test"):
            for name in ("ham", "spam"):
                write(tmp_path / "mails" / split / name / "a.txt", f"{split} {name}")
        data = load_text_folder(tmp_path / "mails")
        assert data.X_test["text"].tolist() == ["test ham", "test spam"] and data.y_test.tolist() == [0, 1]


class TestMissingLabels:
    @pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
    def test_rows_without_one_are_kept_apart(self, tmp_path, ending):
        frame = pd.DataFrame({"n": range(8), "kind": ["a", None, "b", "", "a", "  ", "b", "a"]})
        path = tmp_path / f"t.{ending}"
        save = {"csv": frame.to_csv, "jsonl": frame.to_json, "parquet": frame.to_parquet}[ending]
        save(path, **{"csv": {"index": False}, "jsonl": {"orient": "records", "lines": True}}.get(ending, {}))
        data = load_table(path, "kind")
        assert data.X["n"].tolist() == [0, 2, 4, 6, 7] and data.y.tolist() == [0, 1, 0, 1, 0]
        assert data.X_unlabeled["n"].tolist() == [1, 3, 5] and data.n_unlabeled == 3
        assert data.notes[-1] == f"t.{ending}: column 'kind': 3 of 8 rows have no label, and were left out."
        whole = load_table(path, "n")
        assert whole.n_unlabeled == 0 and whole.X_unlabeled is None and whole.notes == ()

    def test_minus_one_only_when_it_is_named(self, tmp_path):
        path = tmp_path / "t.csv"
        path.write_text("x,y\n1,0\n2,-1\n3,1\n4,\n")
        assert load_table(path, "y").classes == ("-1", "0", "1")
        for data in (load_table(path, "y", missing_label=-1), load_dataset(f"{path}?target=y&missing_label=-1")):
            assert data.classes == ("0", "1") and data.n_unlabeled == 2
        path.write_text("x,y\n1,a\n2,?\n3,b\n")
        assert load_dataset(f"{path}?target=y&missing_label=?").classes == ("a", "b")

    @pytest.mark.parametrize("encoded", [False, True])
    def test_archives(self, tmp_path, encoded):
        path = tmp_path / "a.npz"
        keys = {"X_train": np.arange(8).reshape(4, 2), "classes": ["a", "b"]}
        if encoded:
            put(tmp_path / "x.png")
            raw = (tmp_path / "x.png").read_bytes()
            keys = {"jpeg_train": np.frombuffer(raw * 4, np.uint8), "offsets_train": np.arange(5) * len(raw)}
            keys["classes"] = ["a", "b"]
        np.savez(path, **keys, y_train=[0, -1, 1, -1], X_test=np.zeros((2, 3, 3, 4)), y_test=[-1, 0])
        with pytest.raises(ValueError, match="got -1 in row 1 .* Pass missing_label=-1"):
            load_archive(path)
        if not encoded:
            np.savez(path, **keys, y_train=[0, -1, 1, -1], X_test=np.zeros((2, 2)), y_test=[-1, 0])
        data = load_dataset(f"{path}?missing_label=-1")
        assert (
            data.y.tolist() == [0, 1] and data.n_unlabeled == 2 and len(data.X) == 2 and data.y_test.tolist() == [0]
        )
        assert (
            data.notes[0] == "a.npz: y_train: 2 of 4 rows have no label, and were left out." and len(data.notes) == 2
        )
        np.savez(path, **keys, y_train=[0, np.nan, 1, np.nan])
        assert load_archive(path).y.tolist() == [0, 1] and load_archive(path).y.dtype == np.int64
        np.savez(path, **keys, y_train=[np.nan] * 4)
        with pytest.raises(ValueError, match="none of 4 rows has a label"):
            load_archive(path)

    def test_a_mark_as_text_or_number(self, tmp_path):
        path = tmp_path / "t.csv"
        path.write_text("x,y\n1,0\n2,-1\n3,1\n")
        assert load_table(path, "y", missing_label=-1, as_text=True).classes == ("0", "1")

    def test_classes_that_look_alike_are_told(self, tmp_path):
        path = tmp_path / "t.csv"
        path.write_text("x,y\n1,bug\n2, BUG\n3,idea\n")
        data = load_table(path, "y")
        assert (
            len(data.classes) == 3 and "' BUG' and 'bug' differ by blanks or capital letters alone" in data.notes[0]
        )

    def test_the_digest_is_that_of_the_labelled_rows(self, tmp_path):
        (tmp_path / "t.csv").write_text("x,z,y\n1,2,a\n3,4,\n5,6,b\n")
        (tmp_path / "u.csv").write_text("x,z,y\n1,2,a\n5,6,b\n")
        assert load_table(tmp_path / "t.csv", "y").fingerprint() == load_table(tmp_path / "u.csv", "y").fingerprint()


class TestUpright:
    """A photograph lies on its side in its file, and so does its mask."""

    MASK = np.zeros((4, 6), np.uint8)
    MASK[0, 1:3] = MASK[3, 5] = 1

    def load(self, tmp_path, orientation, mask, of_mask=None, ending="png", shape=None):
        exif = Image.Exif()
        exif[0x0112] = orientation
        picture = np.repeat((self.MASK[:shape, :shape] * 200)[..., None], 3, 2)
        for folder in ("i", "m"):
            (tmp_path / folder).mkdir(exist_ok=True)
        Image.fromarray(picture).save(tmp_path / "i" / f"a.{ending}", exif=exif)
        options = {} if of_mask is None else {"exif": exif}
        Image.fromarray(mask).save(tmp_path / "m" / f"a.{ending}", **options)
        return load_segmentation_folder(tmp_path / "i", tmp_path / "m", ["ground", "thing"])

    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("ending", ["png", "tif"])
    def test_the_mask_turns_with_its_photograph(self, tmp_path, orientation, ending):
        for of_mask in (None, orientation):
            data = self.load(tmp_path, orientation, self.MASK, of_mask, ending)
            assert ((data.X[0, 0] > 100) == (data.y[0] == 1)).all() and data.y.sum() == 3
        square = self.load(tmp_path, orientation, self.MASK[:4, :4], None, ending, shape=4)
        assert ((square.X[0, 0] > 100) == (square.y[0] == 1)).all()
        if orientation > 4:  # a mask that was drawn on the photograph as it is seen
            upright = self.load(tmp_path, orientation, np.ascontiguousarray(data.y[0]), None, ending)
            assert (upright.y == data.y).all()

    def test_archives_as_well(self, tmp_path):
        self.load(tmp_path, 6, self.MASK)
        raw = np.frombuffer((tmp_path / "i" / "a.png").read_bytes(), np.uint8)
        keys = {
            "jpeg_train": raw,
            "offsets_train": [0, len(raw)],
            "mask_train": self.MASK[None],
            "classes": ["g", "t"],
        }
        np.savez(tmp_path / "a.npz", **keys)
        data = load_archive(tmp_path / "a.npz")
        assert data.y.shape == (1, 6, 4) and ((data.X[0, 0] > 100) == (data.y[0] == 1)).all()

    def test_other_sizes_are_refused_still(self, tmp_path):
        with pytest.raises(ValueError, match="the image is 6x4 .*, its mask 5x6"):
            self.load(tmp_path, 6, np.zeros((5, 6), np.uint8))


def test_a_dataset_keeps_what_was_decided():
    data = load_dataset("iris")
    assert data.notes == () and data.n_unlabeled == 0 and data.paths_unlabeled == ()
    assert dataclasses.replace(data, X_unlabeled=data.X[:3]).n_unlabeled == 3
