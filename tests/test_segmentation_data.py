"""Images whose pixels are labelled: archives, folders, and the well-known sets in their own layouts."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skal.datasets import (
    BadImage,
    fetch_bdd100k_segmentation,
    fetch_camvid,
    fetch_cityscapes,
    fetch_voc_segmentation,
    load_archive,
    load_dataset,
    load_segmentation_folder,
)
from skal.datasets.sources import at, load_source

SHARED = Path(__file__).parents[1].parent / "shared" / "data"
H, W = 6, 8
CLASSES = ["sky", "road", "Void"]


def scene(seed, height=H, width=W):
    """An image whose red channel is 100 times its label, so that what belongs together is seen."""
    mask = np.random.default_rng(seed).integers(0, 3, (height, width), dtype=np.uint8)
    image = np.zeros((height, width, 3), dtype=np.uint8)
    image[..., 0] = mask * 100
    return image, mask


def save(path, array, mode=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(array)
    (image if mode is None else image.convert(mode)).save(path, **options)


def check_masks(data, n, n_classes, n_test=None):
    """What holds of every data set with masks."""
    parts = [(data.X, data.y)] + ([] if n_test is None else [(data.X_test, data.y_test)])
    assert len(data.X) == n and (n_test is None) == (data.X_test is None)
    for X, y in parts:
        assert X.dtype == np.uint8 and y.dtype == np.uint8 and X.shape[1] == 3 and y.shape == (len(X), *X.shape[2:])
        assert set(np.unique(y)) <= {*range(n_classes), 255}
    assert len(data.classes) == n_classes and data.ignore_label == 255
    assert data.fingerprint() == data.fingerprint()


@pytest.fixture
def folder(tmp_path):
    """Three scenes as PNG files, in folders of images and masks."""
    for seed in range(3):
        image, mask = scene(seed)
        save(tmp_path / "images" / f"{seed}.png", image)
        save(tmp_path / "masks" / f"{seed}.png", mask)
    return tmp_path


def load(folder, **options):
    return load_segmentation_folder(folder / "images", folder / "masks", CLASSES, **options)


BAD = {
    "a broken image": (
        lambda f: (f / "images" / "1.png").write_bytes(b"<html>"),
        "1.png cannot be read: it is none",
    ),
    "a broken mask": (
        lambda f: (f / "masks" / "1.png").write_bytes(b""),
        "its mask masks/1.png: the file is empty",
    ),
    "no mask": (lambda f: (f / "masks" / "1.png").unlink(), "its mask masks/1.png is not there"),
    "another size": (
        lambda f: save(f / "masks" / "1.png", scene(1, 5, 8)[1]),
        r"1.png cannot be read: the image is 6x8 \(height x width\), its mask 5x8",
    ),
    "a label too many": (
        lambda f: save(f / "masks" / "1.png", np.full((H, W), 7, dtype=np.uint8)),
        "it has the label 7: 48 pixels are of none of the 2 classes, nor void",
    ),
    "a label beyond bytes": (
        lambda f: save(f / "masks" / "1.png", np.full((H, W), 700, dtype=np.uint16)),
        "it has the label 700: 48 pixels",
    ),
    "colours": (
        lambda f: save(f / "masks" / "1.png", scene(1)[0]),
        r"it is a picture in colours \(RGB\).* pass labels=",
    ),
}


class TestFolder:
    def test_masks_belong_to_their_images_and_void_is_255(self, folder):
        data = load(folder)
        check_masks(data, 3, 2)
        assert data.name == "images" and data.classes == ("sky", "road")
        assert data.paths == ("0.png", "1.png", "2.png") and data.skipped == ()
        for row in range(3):
            mask = scene(row)[1]
            assert (data.y[row] == np.where(mask == 2, 255, mask)).all() and (data.X[row, 0] == 100 * mask).all()

    def test_which_names_are_void_is_a_choice(self, folder):
        assert load(folder, void=()).classes == ("sky", "road", "Void") and load(folder, void=()).y.max() == 2
        data = load(folder, void="ROAD")
        assert data.classes == ("sky", "Void") and (data.y[0] == np.array([0, 255, 1])[scene(0)[1]]).all()

    def test_labels_that_are_other_numbers_and_ignored_ones(self, folder):
        for seed in range(3):
            save(folder / "masks" / f"{seed}.png", np.array([7, 26, 0], dtype=np.uint8)[scene(seed)[1]])
        data = load_segmentation_folder(
            folder / "images", folder / "masks", ["road", "car"], labels={7: "car", 26: "road", 0: None}
        )
        assert (data.y[1] == np.array([1, 0, 255])[scene(1)[1]]).all()

    @pytest.mark.parametrize("kind", ["palette", "wide", "colours", "transparent colours"])
    def test_kinds_of_masks(self, folder, kind):
        mask = scene(0)[1]
        path = folder / "masks" / "0.png"
        colors = np.array([(10, 20, 30), (200, 0, 0), (0, 0, 0)], dtype=np.uint8)
        labels = None
        if kind == "palette":
            image = Image.fromarray(mask, "L").convert("P")
            image.putpalette(colors.flatten().tolist())
            image.putdata(mask.flatten().tolist())
            image.save(path)
            assert Image.open(path).mode == "P"
        elif kind == "wide":
            save(path, mask.astype(np.uint16))
        else:
            labels = {(10, 20, 30): "sky", (200, 0, 0): "road", (0, 0, 0): "Void"}
            for seed in range(3):
                mode = "RGBA" if "transparent" in kind else None
                save(folder / "masks" / f"{seed}.png", colors[scene(seed)[1]], mode)
        data = load(folder, labels=labels)
        assert (data.y[0] == np.where(mask == 2, 255, mask)).all()

    def test_names_with_endings_and_inner_folders(self, folder, tmp_path):
        for seed in range(2):
            image, mask = scene(seed)
            save(tmp_path / "a" / "town" / f"{seed}_left.png", image)
            save(tmp_path / "b" / "town" / f"{seed}_labels.png", mask)
            save(tmp_path / "b" / "town" / f"{seed}_colours.png", image)
        data = load_segmentation_folder(
            tmp_path / "a", tmp_path / "b", CLASSES, image_ending="_left.png", mask_ending="_labels.png"
        )
        assert data.paths == ("town/0_left.png", "town/1_left.png")
        with pytest.raises(ValueError, match=r"No image of a has a mask in b.*called town/0_left.png.*image_ending="):
            load_segmentation_folder(tmp_path / "a", tmp_path / "b", CLASSES)
        with pytest.raises(ValueError, match=r"holds no masks that end in _x.png"):
            load_segmentation_folder(tmp_path / "a", tmp_path / "b", CLASSES, mask_ending="_x.png")
        save(tmp_path / "masks" / "0.jpg", scene(0)[0])
        with pytest.raises(ValueError, match=r"masks of one name: say their ending"):
            load(folder)

    def test_resizing_takes_images_and_masks_alike(self, folder):
        image, mask = scene(5, 2 * H, 2 * W)
        save(folder / "images" / "0.png", image)
        save(folder / "masks" / "0.png", mask)
        with pytest.raises(ValueError, match=r"0.png is 12x16 .*1.png is 6x8. Pass resize"):
            load(folder)
        data = load(folder, resize=(H, W))
        check_masks(data, 3, 2)
        kept = mask[1::2, 1::2]  # the pixel at the centre of every four
        assert (data.y[0] == np.where(kept == 2, 255, kept)).all()
        own = load(folder, lists=True)
        assert [x.shape for x in own.X] == [(3, 12, 16), (3, 6, 8), (3, 6, 8)] and own.y[0].shape == (12, 16)
        assert len(own.fingerprint()) == 16

    @pytest.mark.parametrize("what", BAD)
    def test_what_is_bad_is_named_or_left_out(self, folder, what):
        spoil, message = BAD[what]
        spoil(folder)
        with pytest.raises(BadImage, match=f"1.png cannot be read: .*{message.rpartition('read: ')[2]}"):
            load(folder)
        data = load(folder, on_bad="skip")
        check_masks(data, 2, 2)
        assert data.paths == ("0.png", "2.png") and [bad.path for bad in data.skipped] == ["1.png"]
        assert (data.X[1, 0] == 100 * scene(2)[1]).all() and (data.y[1] != 2).all()

    def test_a_colour_that_is_no_label(self, folder):
        for seed in range(3):
            save(folder / "masks" / f"{seed}.png", np.zeros((H, W, 3), dtype=np.uint8))
        with pytest.raises(BadImage, match=r"it has the colour \(0, 0, 0\): 48 pixels"):
            load(folder, labels={(0, 0, 1): "sky"})

    def test_mistakes(self, folder):
        for options, message in (
            ({"labels": {0: "sea"}}, "labels names 'sea', which is none of the classes sky, road, Void"),
            ({"labels": {"red": "sky"}}, "keys of labels must be all whole numbers, or all colours"),
            ({"labels": {(0, 0, 256): "sky"}}, "keys of labels must be"),
            ({"void": CLASSES}, "1 to 255 classes beside void, got 0"),
            ({"on_bad": "ignore"}, "on_bad must be"),
            ({"resize": 3}, "resize must be"),
        ):
            with pytest.raises(ValueError, match=message):
                load(folder, **options)
        with pytest.raises(FileNotFoundError, match="no folder"):
            load(folder / "nowhere")
        for file in (folder / "masks").iterdir():
            file.write_bytes(b"")
        with pytest.raises(BadImage, match="None of 3 images can be read"):
            load(folder, on_bad="skip")


# Archives -------------------------------------------------------------------------------------------------------


def archive_keys(split, seeds, encode=True):
    scenes = [scene(seed) for seed in seeds]
    masks = np.stack([mask for _, mask in scenes])
    if not encode:
        return {f"X_{split}": np.stack([image for image, _ in scenes]), f"mask_{split}": masks, "classes": CLASSES}
    files = []
    for image, _ in scenes:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")  # any encoding will do; PNG keeps the pixels
        files.append(file.getvalue())
    raw = np.frombuffer(b"".join(files), dtype=np.uint8)
    offsets = np.cumsum([0, *map(len, files)], dtype=np.int64)
    return {f"jpeg_{split}": raw, f"offsets_{split}": offsets, f"mask_{split}": masks, "classes": CLASSES}


class TestArchives:
    @pytest.mark.parametrize("encode", [True, False])
    def test_masks_stand_in_the_place_of_labels(self, tmp_path, encode):
        path = tmp_path / "streets.npz"
        parts = (
            archive_keys(split, seeds, encode) for split, seeds in (("train", (0, 1)), ("val", (2,)), ("test", (3,)))
        )
        np.savez(path, **{key: value for part in parts for key, value in part.items()})
        data = load_archive(path)
        check_masks(data, 2, 2, n_test=1)
        assert data.classes == ("sky", "road") and (data.X[1, 0] == 100 * scene(1)[1]).all()
        assert (data.y_test[0] == np.where(scene(3)[1] == 2, 255, scene(3)[1])).all()
        beside = load_archive(path, splits=("train", "val"))
        assert (beside.X_test[0, 0] == 100 * scene(2)[1]).all()
        assert load_archive(path, splits=("val",)).X_test is None
        assert load_archive(path, void=()).classes == ("sky", "road", "Void")
        assert load_dataset(path).fingerprint() == data.fingerprint()

    def test_resizing(self, tmp_path):
        np.savez(tmp_path / "a.npz", **archive_keys("train", (0,)))
        data = load_archive(tmp_path / "a.npz", resize=(3, 4))
        check_masks(data, 1, 2)
        kept = scene(0)[1][1::2, 1::2]
        assert (data.y[0] == np.where(kept == 2, 255, kept)).all()

    def test_what_does_not_fit(self, tmp_path):
        path = tmp_path / "a.npz"
        keys = archive_keys("train", (0, 1, 2))
        for mask, message in (
            (
                keys["mask_train"][:2],
                r"mask_train must be whole numbers of shape \(3, H, W\).*got uint8 of \(2, 6, 8\)",
            ),
            (keys["mask_train"].astype(float), "mask_train must be whole numbers"),
            (keys["mask_train"][:, 1:], r"jpeg_train\[0\] cannot be read: the image is 6x8 .*, its mask 5x8"),
            (
                keys["mask_train"] + np.eye(3, dtype=np.uint8)[1][:, None, None],
                r"jpeg_train\[1\] cannot .* the label 3",
            ),
        ):
            np.savez(path, **{**keys, "mask_train": mask})
            with pytest.raises(ValueError, match=message):
                load_archive(path)
        data = load_archive(path, on_bad="skip")
        check_masks(data, 2, 2)
        assert [bad.path for bad in data.skipped] == ["a.npz, jpeg_train[1]"]
        np.savez(path, **{**archive_keys("train", (0,), encode=False), "mask_train": keys["mask_train"][:1, 1:]})
        with pytest.raises(ValueError, match=r"images of X_train are \(6, 8\), masks of mask_train \(5, 8\)"):
            load_archive(path)
        np.savez(path, **archive_keys("test", (0,)))
        with pytest.raises(ValueError, match="has no key 'y_train' or 'mask_train'|has no key 'X_train'"):
            load_archive(path)


# The well-known sets, in small ------------------------------------------------------------------------------------


def camvid_tree(root):
    for part, seeds in (("train", (0, 1)), ("test", (2,)), ("val", (3,))):
        for seed in seeds:
            image, mask = scene(seed)
            save(root / part / f"0001TP_{seed}.png", image)
            save(root / f"{part}annot" / f"0001TP_{seed}.png", mask * 5 + (mask == 2))  # 0, 5 and 11
    return root


def voc_tree(root):
    folder = root / "VOCdevkit" / "VOC2012"
    lists = {"train": (0, 1), "val": (2,), "train_aug": (0, 1, 3)}
    for seed in range(4):
        image, mask = scene(seed)
        save(folder / "JPEGImages" / f"2007_{seed}.jpg", image, quality=95)
        labels = Image.fromarray(np.array([0, 20, 255], dtype=np.uint8)[mask]).convert("P")
        labels.putpalette(list(range(256)) * 3)
        labels.putdata(np.array([0, 20, 255])[mask].flatten().tolist())
        for kind in ("SegmentationClass", "SegmentationClassAug"):
            if kind == "SegmentationClassAug" or seed < 3:
                (folder / kind).mkdir(exist_ok=True)
                labels.save(folder / kind / f"2007_{seed}.png")
    for name, seeds in lists.items():
        place = folder / "ImageSets" / ("SegmentationAug" if "aug" in name else "Segmentation") / f"{name}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        line = "/JPEGImages/2007_{0}.jpg /SegmentationClassAug/2007_{0}.png" if "aug" in name else "2007_{0}"
        place.write_text("".join(line.format(seed) + "\n" for seed in seeds))
    return root


def cityscapes_tree(root):
    for part, seeds in (("train", (0, 1)), ("val", (2,))):
        for seed in seeds:
            image, mask = scene(seed)
            name = f"aachen/aachen_{seed:06d}_000019"
            save(root / "leftImg8bit" / part / f"{name}_leftImg8bit.png", image)
            save(root / "gtFine" / part / f"{name}_gtFine_labelIds.png", np.array([7, 33, 4], dtype=np.uint8)[mask])
            save(root / "gtFine" / part / f"{name}_gtFine_color.png", image)
    return root


def bdd_tree(root, older=False):
    for part, seeds in (("train", (0, 1)), ("val", (2,))):
        for seed in seeds:
            image, mask = scene(seed)
            labels = np.array([0, 18, 255], dtype=np.uint8)[mask]
            if older:
                save(root / "seg" / "images" / part / f"{seed}.jpg", image, quality=95)
                save(root / "seg" / "labels" / part / f"{seed}_train_id.png", labels)
            else:
                save(root / "bdd100k" / "images" / "10k" / part / f"{seed}.jpg", image, quality=95)
                save(root / "bdd100k" / "labels" / "sem_seg" / "masks" / part / f"{seed}.png", labels)
    return root


class TestFetch:
    def test_camvid_folders(self, tmp_path):
        data = fetch_camvid(camvid_tree(tmp_path / "CamVid").parent)
        check_masks(data, 2, 11, n_test=1)
        assert data.classes[5] == "Tree" and (data.y[0] == np.array([0, 5, 255])[scene(0)[1]]).all()
        assert data.paths == ("train/0001TP_0.png", "train/0001TP_1.png")
        val = fetch_camvid(tmp_path / "CamVid", test="val", resize=(3, 4))
        assert val.X_test.shape == (1, 3, 3, 4) and val.fingerprint() != data.fingerprint()
        with pytest.raises(ValueError, match="test must be 'test' or 'val'"):
            fetch_camvid(tmp_path, test="train")
        with pytest.raises(FileNotFoundError, match="CamVid is expected in .* trainannot, .*; train is not there"):
            fetch_camvid(tmp_path / "CamVid" / "train")

    def test_camvid_archives(self, tmp_path):
        np.savez(tmp_path / "camvid_6x8_train.npz", **archive_keys("train", (0, 1)))
        np.savez(tmp_path / "camvid_6x8_valtest.npz", **archive_keys("val", (2,)), **{
            key: value for key, value in archive_keys("test", (3,)).items() if key != "classes"
        })  # fmt: skip
        data = fetch_camvid(tmp_path)
        check_masks(data, 2, 2, n_test=1)
        assert (data.X_test[0, 0] == 100 * scene(3)[1]).all()
        assert (fetch_camvid(tmp_path, test="val").X_test[0, 0] == 100 * scene(2)[1]).all()
        found = load_source(f"camvid?root={tmp_path}&test=val&rows=1")
        assert len(found.y) == 1 and found.ignore_label == 255 and found.X_test.shape == (1, 3, 6, 8)
        assert load_source(f"camvid?root={tmp_path}&resize=3x4").y.shape == (2, 3, 4)
        assert at("camvid", str(tmp_path)) == f"camvid?root={tmp_path}" and at("cityscapes", str(tmp_path)) is None
        for spec, message in (
            (f"camvid?root={tmp_path}&year=2012", "no option year; there are root, rows, resize, test, on_bad"),
            (f"camvid?root={tmp_path / 'none'}", r"camvid_\*.npz or CamVid or trainannot is expected"),
        ):
            with pytest.raises(ValueError, match=message):
                load_source(spec)
        np.savez(tmp_path / "camvid_12x16_train.npz", **archive_keys("train", (0, 1)))
        with pytest.raises(ValueError, match="archives of the sizes 12x16, 6x8: keep one"):
            fetch_camvid(tmp_path)
        (tmp_path / "camvid_12x16_train.npz").unlink()
        (tmp_path / "camvid_6x8_valtest.npz").unlink()
        with pytest.raises(FileNotFoundError, match="none of camvid_6x8_train.npz holds mask_test"):
            fetch_camvid(tmp_path)
        (tmp_path / "camvid_6x8_valtest.npz").write_bytes(b"PK\x03\x04 broken")
        with pytest.raises(ValueError, match=r"camvid_6x8_valtest.npz is no .npz archive, or is damaged"):
            fetch_camvid(tmp_path)

    def test_voc(self, tmp_path):
        data = fetch_voc_segmentation(voc_tree(tmp_path))
        check_masks(data, 2, 21, n_test=1)
        assert data.classes[0] == "background" and data.classes[20] == "tvmonitor"
        assert (data.y[1] == np.array([0, 20, 255])[scene(1)[1]]).all() and data.paths[0] == "JPEGImages/2007_0.jpg"
        augmented = fetch_voc_segmentation(tmp_path, train="train_aug", lists=True)
        assert len(augmented.X) == 3 and isinstance(augmented.y, list)
        assert len(load_source(f"voc_segmentation?root={tmp_path}&train=train_aug").y) == 3
        with pytest.raises(FileNotFoundError, match="There is no list trainval.txt"):
            fetch_voc_segmentation(tmp_path, train="trainval")
        (tmp_path / "VOCdevkit" / "VOC2012" / "JPEGImages" / "2007_1.jpg").unlink()
        with pytest.raises(
            FileNotFoundError, match="train.txt names 1 images that are not in JPEGImages, such as 2007_1"
        ):
            fetch_voc_segmentation(tmp_path)
        with pytest.raises(FileNotFoundError, match="PASCAL VOC 2007 is expected in .*VOCdevkit/VOC2007/JPEGImages"):
            fetch_voc_segmentation(tmp_path, year="2007")

    def test_cityscapes(self, tmp_path):
        data = fetch_cityscapes(cityscapes_tree(tmp_path))
        check_masks(data, 2, 19, n_test=1)
        assert data.classes[0] == "road" and data.classes[18] == "bicycle"
        assert (data.y[1] == np.array([0, 18, 255])[scene(1)[1]]).all()
        assert data.paths[0] == "leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png"
        mask = tmp_path / "gtFine" / "train" / "aachen" / "aachen_000001_000019_gtFine_labelIds.png"
        mask.unlink()
        with pytest.raises(BadImage, match=f"its mask aachen/{mask.name} is not there"):
            fetch_cityscapes(tmp_path)
        assert len(fetch_cityscapes(tmp_path, on_bad="skip").y) == 1
        assert load_source(f"cityscapes?root={tmp_path}&on_bad=skip&resize=3x4").X.shape == (1, 3, 3, 4)
        with pytest.raises(FileNotFoundError, match="leftImg8bit/train is not there"):
            fetch_cityscapes(tmp_path / "gtFine")

    @pytest.mark.parametrize("older", [False, True])
    def test_bdd100k(self, tmp_path, older):
        data = fetch_bdd100k_segmentation(bdd_tree(tmp_path, older))
        check_masks(data, 2, 19, n_test=1)
        assert (data.y[0] == np.array([0, 18, 255])[scene(0)[1]]).all() and data.classes[18] == "bicycle"
        assert load_source(f"bdd100k_segmentation?root={tmp_path}").fingerprint() == data.fingerprint()
        with pytest.raises(FileNotFoundError, match="images/10k/train is not there"):
            fetch_bdd100k_segmentation(tmp_path / "images")


@pytest.mark.skipif(not (SHARED / "ci").is_dir(), reason="the shared data archives are not here")
def test_the_real_camvid():
    data = load_source(f"camvid?root={SHARED / 'ci'}&test=val")
    check_masks(data, 367, 11, n_test=101)
    assert data.X.shape == (367, 3, 180, 240) and data.classes[0] == "Sky" and data.classes[-1] == "Bicyclist"
    share = np.bincount(data.y.ravel(), minlength=256)[[0, 1, 3, 255]] / data.y.size
    assert share == pytest.approx([0.169, 0.233, 0.317, 0.040], abs=0.003)  # those of twice the size
