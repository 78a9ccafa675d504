"""Masks and regions in a browser: a polygon by clicks, seen as it is kept, and a region by one key."""

import numpy as np
import pytest
from made_page import NO_TRAINING, Person, Server, chromium, ready
from made_streets import COLORS, streets
from PIL import Image

from skal.annotation import Polygon, draw_polygons
from skal.labeling import Project

NAMES = ["sky", "road", "<img src=x onerror=alert(1)>"]
_, TRUTH = streets(6, size=(48, 72))
HEIGHT, WIDTH = 48, 72


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 9, (*TRUTH.shape, 3))
    for number, pixels in enumerate(COLORS[TRUTH] + noise):
        Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{number}.png")
    return folder


# The canvas is given its frame's size by the painting that also centres the image: before it, places are others.
PAINTED = (
    "(frame => frame !== null && frame.querySelector('canvas').width === Math.round(frame.clientWidth *"
    " devicePixelRatio))(document.querySelector('.mask-frame'))"
)


class Drawer(Person):
    """A person who draws."""

    def ready(self):
        self.wait("document.querySelector('.mask-tool[aria-pressed=\"true\"]') !== null")
        self.wait(PAINTED)

    def press(self, *keys):
        """As a person: once the image is seen. Its editor comes after the image, and keys before it name nothing."""
        rows = []
        for key in keys:
            self.wait("document.querySelector('.mask-class') !== null")
            self.wait(PAINTED)
            rows += super().press(key)
        return rows

    def click(self, *places):
        for place in places:
            self.tab.mouse.click(*self.at(*place))

    def at(self, x, y):
        """The place on the screen of one in the image, which is fitted into its frame."""
        box = self.tab.locator(".mask-frame").bounding_box()
        width, height = self.tab.evaluate(
            "(({clientWidth: w, clientHeight: h}) => [w, h])(document.querySelector('.mask-frame'))"
        )
        scale = min(width / WIDTH, height / HEIGHT)
        return (
            box["x"] + (box["width"] - scale * WIDTH) / 2 + scale * x,
            box["y"] + (box["height"] - scale * HEIGHT) / 2 + scale * y,
        )

    def drawn(self, shapes):
        """The pixels that the page shows for shapes."""
        code = (
            "async ([shapes, w, h, names]) => Array.from((await import('/static/mask_drawing.js'))"
            ".drawShapes(shapes, w, h, names))"
        )
        values = self.tab.evaluate(code, [shapes, WIDTH, HEIGHT, NAMES])
        return np.array(values, dtype=np.uint8).reshape(HEIGHT, WIDTH)


def test_a_polygon_is_clicked_undone_closed_and_kept_as_it_was_seen(browser, photos):
    folder = photos.with_suffix(".skal")
    few = {"estimator": "pixel_forest:n_trees=3", "batch": 3}
    ready(photos, 3, answer="mask", classes=NAMES, **few)
    with Server(photos, *NO_TRAINING, "--as", "first") as server:
        person = Drawer(browser.new_context(), server.url)
        person.ready()
        row = person.row
        keys = person.tab.keyboard
        keys.press("3")  # a class whose name is markup
        person.click((10, 8), (40, 8), (60, 40))
        keys.press("Backspace")  # the last corner
        person.click((40, 30), (10, 30), (10.2, 8.1))  # the first corner again closes it
        keys.press("1")
        keys.press("b")
        person.tab.mouse.move(*person.at(55, 10))
        person.tab.mouse.down()
        person.tab.mouse.move(*person.at(65, 20), steps=4)
        person.tab.mouse.up()
        keys.press("2")
        keys.press("f")  # the rest is road
        keys.press("Enter")
        person.wait("{row} && {row} !== was", row)
        person.all_kept()
        # Nothing is drawn on the next image: Backspace opens the answer again, with its corners.
        person.ready()
        keys.press("Backspace")
        person.wait("{row} === was", row)
        person.ready()
        keys.press("v")
        person.tab.mouse.move(*person.at(40, 8))
        person.tab.mouse.down()
        person.tab.mouse.move(*person.at(50, 4), steps=3)
        person.tab.mouse.up()
        keys.press("Enter")
        person.wait("{row} && {row} !== was", row)
        person.all_kept()
        with Project.open(folder) as project:
            events = [event for event in project.history(row) if event.label]
            first, second = (project.kind.store.read(event.label) for event in events)
            assert [event.annotator for event in events] == ["first", "first"]
            assert all(event.seconds > 0 for event in events)
            ((_, mask, shapes),) = project.masks()
            assert project.paid("clicks")(mask) == second.clicks
        assert first.clicks == 8  # six corners, one of them taken back, a stroke, the rest; closing is one more
        polygon, stroke, rest = first.shapes
        assert (polygon["class"], stroke["class"], rest) == (NAMES[2], NAMES[0], {"kind": "rest", "class": "road"})
        ring = np.array([(10, 8), (40, 8), (40, 30), (10, 30)])
        assert np.abs(np.array(polygon["points"]) - ring).max() < 0.5
        inside = draw_polygons([Polygon(0, np.array(polygon["points"])[:, ::-1])], (HEIGHT, WIDTH)) == 0
        assert ((first.mask == 2) == inside).all()
        assert np.abs(np.array(shapes[0]["points"][1]) - (50, 4)).max() < 0.5
        for stored in (first, second):
            assert (person.drawn(stored.shapes) == stored.mask).all()
        assert person.errors == []


def test_a_region_is_named_by_one_key(browser, photos):
    strategy = "region_sampling:regions=superpixels,n_segments=8"
    ready(photos, 6, answer="region", classes=NAMES, strategy=strategy, estimator="pixel_forest:n_trees=3")
    with Server(photos, *NO_TRAINING, "--as", "first") as server:
        person = Drawer(browser.new_context(), server.url)
        rows = person.press("1", "2", "4")  # the fourth is void
        person.all_kept()
        with Project.open(photos.with_suffix(".skal")) as project:
            given = project.answers()
        assert [given[row]["first"] for row in rows] == ["sky", "road", "(void)"]
        assert person.errors == []
