"""Clicks: counts by hand, polygons against shapely, and masks that come back from their polygons."""

import io
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from skal.annotation import (
    BoundaryCost,
    ClickCost,
    Cost,
    Polygon,
    UniformCost,
    approximate_mask,
    draw_polygons,
    polygon_regions,
    polygons,
)
from skal.annotation._contours import components, farthest_pair, outlines, simplified
from skal.study.costs import describe_cost, read_cost

VOID = 255


def drawing(*rows):
    """A mask from rows of letters: a digit is a class, a dot class 0, x void."""
    return np.array([[VOID if sign == "x" else int(sign.replace(".", "0")) for sign in row] for row in rows])


def disc(radius, pad=5):
    middles = np.arange(-radius - pad, radius + pad) + 0.5
    return (middles[:, None] ** 2 + middles**2 <= radius**2).astype(int)


def blobs(seed, shape=(60, 80), n_classes=4, smooth=4.0):
    noise = np.random.RandomState(seed).normal(size=(n_classes, *shape))
    return gaussian_filter(noise, (0, smooth, smooth)).argmax(axis=0)


def clicks(mask, tolerance=0, **options):
    return ClickCost(tolerance, **{"background": 0, **options})(mask)


class TestCountsByHand:
    @pytest.mark.parametrize("tolerance", [0, 1, 10, 40])
    def test_a_square_has_four_corners(self, tolerance):
        mask = np.zeros((120, 120), dtype=int)
        mask[10:110, 10:110] = 1
        assert clicks(mask, tolerance) == 4
        (polygon,) = polygons(mask, tolerance, background=0)
        assert sorted(map(tuple, polygon.outer)) == [(10, 10), (10, 110), (110, 10), (110, 110)]

    @pytest.mark.parametrize(("radius", "lower_end", "by_bisection"), [(100, 7, 8), (200, 10, 16)])
    def test_a_disc_has_as_many_as_its_chords_need(self, radius, lower_end, by_bisection):
        """Halves of a circle of 100 are off by 100, quarters by 29.3, eighths by 7.6; of 200 sixteenths by 3.8."""
        assert math.ceil(math.pi / math.acos(1 - 10 / radius)) == lower_end
        assert clicks(disc(radius), 10) == by_bisection

    @pytest.mark.parametrize(
        ("rows", "n_clicks"),
        [
            (["....", ".1..", "...."], 4),
            (["1..", "1..", "111"], 6),  # L
            (["1.1", "1.1", "111"], 8),  # U
            ([".1.", "111", ".1."], 12),  # plus
            (["111", "1.1", "111"], 8),  # ring: 4 outside and 4 of its hole
            (["11...", "11...", "..11.", "..11."], 8),  # a piece that meets itself at a corner: one ring of 8
            (["11..", "11..", "..22", "..22"], 8),  # two classes that meet at a corner
            (["1122", "1122"], 8),  # along an edge: each is clicked
            (["11111", "1.111", "111.1", "11111"], 12),
            (["1111", "1.11", "11.1", "1111"], 12),  # gaps that meet at a corner are two
            (["1xx1"], 8),
            (["x11x", "x11x"], 4),
            (["111", "121", "111"], 12),  # what lies in a gap is clicked, and the gap too
            (["1111", "1111"], 4),  # all of the image: its border is clicked
            (["....", "...."], 0),
            (["xxxx", "xxxx"], 0),
        ],
    )
    def test_hand_drawn_shapes(self, rows, n_clicks):
        assert clicks(drawing(*rows)) == n_clicks

    def test_the_choices_change_the_count(self):
        corner = drawing("11..", "11..", "..11", "..11")
        assert (clicks(corner), clicks(corner, connectivity=1)) == (8, 8)  # one ring of 8, or two of 4
        assert [len(polygons(corner, background=0, connectivity=way)) for way in (1, 2)] == [2, 1]
        gaps = drawing("1111", "1.11", "11.1", "1111")
        assert [len(polygons(gaps, background=0, connectivity=way)[0].holes) for way in (1, 2)] == [1, 2]
        ring = drawing("111", "1.1", "111")
        assert (clicks(ring, holes=False), clicks(ring, background=None)) == (4, 12)
        assert (clicks(ring, ignore_label=1), ClickCost(0, background=1)(ring)) == (0, 4)

    def test_floor_rule(self):
        """Below the tolerance, and on a line within it: a triangle, or the price that is named."""
        mask = np.zeros((30, 80), dtype=int)
        mask[2:5, 2:5] = 1  # all of it within 10 of a point
        mask[20:23, 5:75] = 2  # 3 x 70: all of it within 10 of a line
        assert clicks(mask, 10) == 6 and clicks(mask, 10, min_clicks=1) == 2 and clicks(mask, 1) == 8
        drawn = polygons(mask, 10, background=0)
        assert [(p.label, p.n_clicks) for p in drawn] == [(2, 3), (1, 3)]  # the larger first
        assert 0.4 < (draw_polygons(drawn[:1], mask.shape, uncovered=0) == 2).sum() / 210 < 0.6

    def test_cost_of_an_image_is_that_of_its_polygons(self):
        for seed in range(5):
            mask = blobs(seed)
            for tolerance in (0, 2, 10):
                assert ClickCost(tolerance)(mask) == sum(p.n_clicks for p in polygons(mask, tolerance))

    def test_clicks_never_grow_with_the_tolerance(self):
        masks = [blobs(seed, (40, 50), smooth=1.5 + seed % 3) for seed in range(6)]
        counts = np.array([[ClickCost(t)(m) for m in masks] for t in (0, 0.5, 1, 2, 4, 10, 40)])
        assert (np.diff(counts, axis=0) <= 0).all() and counts[0].mean() > 3 * counts[-1].mean()


class TestOutlines:
    @pytest.mark.parametrize("connectivity", [1, 2])
    @pytest.mark.parametrize("smooth", [0, 1, 3])
    def test_tolerance_0_gives_the_mask_back(self, connectivity, smooth):
        for seed in range(4):
            mask = (
                np.random.RandomState(seed).randint(3, size=(13, 17)) if smooth == 0 else blobs(seed, smooth=smooth)
            )
            mask[3:6, 10:14] = VOID
            options = {"connectivity": connectivity}
            assert (approximate_mask(mask, 0, **options) == mask).all()
            assert (approximate_mask(mask, 0, background=1, **options) == np.where(mask == VOID, 1, mask)).all()
            if connectivity == 1 or smooth == 3:  # no two pieces cross each other at a corner
                assert (approximate_mask(mask, 0, holes=False, **options) == mask)[mask != VOID].all()

    def test_every_piece_is_its_own_polygon_with_its_area(self):
        shapely = pytest.importorskip("shapely")
        for seed in range(4):
            mask = np.random.RandomState(seed).randint(3, size=(12, 14))
            numbers = components(mask, (0,), 1)
            sizes = np.bincount(numbers.ravel())[1:]
            drawn = polygons(mask, background=0, connectivity=1)
            areas = [shapely.Polygon(p.outer, p.holes).area for p in drawn]
            enclosed = [shapely.Polygon(p.outer).area for p in drawn]
            assert sorted(areas) == sorted(sizes) and enclosed == sorted(enclosed, reverse=True)

    def test_the_count_does_not_depend_on_where_a_ring_begins(self):
        for seed in range(3):
            ring = outlines(blobs(seed, smooth=2) > 1, 2)[0]
            whole = simplified(ring, 2.0)
            for start in range(0, len(ring), max(1, len(ring) // 9)):
                again = simplified(np.roll(ring, start, axis=0), 2.0)
                assert sorted(map(tuple, again)) == sorted(map(tuple, whole))

    def test_simplification_against_shapely(self):
        """Within the tolerance for every vertex, as shapely's is, and with about as many vertices.

        Cut at the same two vertices shapely keeps the same ones, but where two are equally far.
        """
        shapely = pytest.importorskip("shapely")
        for tolerance in (1.0, 2.0, 5.0):
            ours, theirs, halved = 0, 0, 0
            for seed in range(12):
                ring = outlines(disc(30) * (blobs(seed, (70, 70), 2, 3.0) == 1) > 0, 2)[0]
                simple = simplified(ring, tolerance)
                kept = shapely.LinearRing(simple)
                assert set(map(tuple, simple)) <= set(map(tuple, ring))
                assert max(kept.distance(shapely.Point(p)) for p in ring) <= tolerance + 1e-9
                first, second = farthest_pair(ring)
                turned = np.roll(ring, -first, axis=0)
                cut = (second - first) % len(ring)
                parts = (turned[: cut + 1], np.concatenate([turned[cut:], turned[:1]]))
                reference, *halves = (
                    len(shapely.LineString(line).simplify(tolerance, preserve_topology=False).coords) - 1
                    for line in (np.concatenate([ring, ring[:1]]), *parts)
                )
                ours, theirs, halved = ours + len(simple), theirs + reference, halved + sum(halves)
            assert 0.95 * theirs < ours < 1.05 * theirs and abs(ours - halved) <= 0.01 * ours

    def test_large_rings_are_cut_where_small_ones_are(self):
        """More than 64 vertices are thinned to their convex hull first: it holds the farthest pair."""
        ring = outlines(disc(40) > 0, 2)[0]
        apart = ((ring[:, None] - ring) ** 2).sum(axis=2)
        a, b = farthest_pair(ring)
        best = np.argwhere(apart == apart.max())
        first = min((tuple(ring[i]), tuple(ring[j])) for i, j in best)
        assert len(ring) > 64 and (tuple(ring[a]), tuple(ring[b])) == first


class TestApproximateMask:
    def test_pixels_are_off_by_the_tolerance_at_most(self):
        """A pixel deep inside a piece, farther from its boundary than the tolerance, keeps its class."""
        from scipy.ndimage import distance_transform_edt

        mask = (disc(40) * (1 + (np.arange(90) > 45))).astype(np.uint8)
        approximated = approximate_mask(mask, 4, background=0)
        deep = np.zeros(mask.shape, dtype=bool)
        for label in (0, 1, 2):
            deep |= distance_transform_edt(np.pad(mask == label, 1, mode="edge"))[1:-1, 1:-1] > 4 + 2**0.5
        assert approximated.dtype == np.uint8 and (approximated != mask).any()
        assert (approximated == mask)[deep].all() and deep.mean() > 0.5

    def test_small_pieces_are_drawn_over_large_ones(self):
        mask = np.zeros((20, 20), dtype=int)
        mask[5:15, 5:15], mask[8:11, 8:11] = 1, 2
        for holes in (True, False):
            assert (approximate_mask(mask, 0, holes=holes) == mask).all()
        overlapping = [Polygon(1, [(0, 0), (0, 4), (4, 4), (4, 0)]), Polygon(2, [(2, 2), (2, 6), (6, 6), (6, 2)])]
        drawn = draw_polygons(overlapping, (6, 6), uncovered=0)
        assert drawn[3, 3] == 2 and drawn[1, 1] == 1 and (drawn == 2).sum() == 16
        assert (draw_polygons(overlapping[::-1], (6, 6), uncovered=0) == 2).sum() == 12

    def test_pixels_that_no_polygon_covers(self):
        square = [Polygon(3, [(0, 0), (0, 2), (2, 2), (2, 0)]), Polygon(4, [(0, 4), (0, 6), (2, 6), (2, 4)])]
        row = [draw_polygons(square, (2, 6), uncovered=way)[0].tolist() for way in ("void", 7, "nearest")]
        assert row == [[3, 3, VOID, VOID, 4, 4], [3, 3, 7, 7, 4, 4], [3, 3, 3, 4, 4, 4]]
        assert (draw_polygons([], (2, 3), uncovered="nearest") == VOID).all()

    def test_filling_against_shapely(self):
        shapely = pytest.importorskip("shapely")
        rng = np.random.RandomState(0)
        r, c = np.mgrid[:20, :24] + 0.5
        for _ in range(20):
            ring = rng.uniform(-5, 30, size=(rng.randint(3, 6), 2))
            shape = shapely.Polygon(ring)
            if shape.is_valid:  # one that crosses itself is filled even-odd
                inside = shapely.contains_xy(shape, r.ravel(), c.ravel()).reshape(20, 24)
                assert ((draw_polygons([Polygon(1, ring)], (20, 24), uncovered=0) == 1) == inside).all()

    def test_polygons_along_one_edge_neither_share_a_pixel_nor_leave_one_out(self):
        left = Polygon(1, [(0, 0), (0, 1), (9, 10), (10, 10), (10, 0)])  # edge through centres of pixels
        right = Polygon(1, [(0, 1), (0, 10), (9, 10)])
        counts = sum(draw_polygons([p], (10, 10), uncovered=0) for p in (left, right))
        assert (counts == 1).all()

    def test_labels_that_the_dtype_does_not_hold_are_kept(self):
        mask = np.zeros((9, 9), dtype=np.uint8)
        mask[2:4, 2:4] = 1
        assert approximate_mask(mask, 3, uncovered=-1, background=0).min() == -1


class TestCosts:
    def test_uniform_and_boundary(self):
        masks = np.array([[[0, 0, 1], [0, 0, 1]], [[0, 1, 0], [0, 0, 0]], [[0, VOID, 1], [0, VOID, 1]]])
        assert [BoundaryCost()(m) for m in masks] == [4, 4, 0]
        assert BoundaryCost(ignore_label=-1)(masks[2]) == 6
        assert UniformCost()(masks[0]) == 1 and UniformCost().total(masks) == 3
        assert ClickCost(0).total(masks) == sum(map(ClickCost(0), masks)) == ClickCost(0).total(iter(masks))

    @pytest.mark.parametrize("cost", [UniformCost(), BoundaryCost(), ClickCost(2.5, background=0, holes=False)])
    def test_costs_are_values(self, cost):
        again = pickle.loads(pickle.dumps(cost))
        assert again == cost and hash(again) == hash(cost) and repr(again) == repr(cost)
        assert eval(repr(cost)) == cost and read_cost(describe_cost(cost)) == cost and read_cost(cost) is cost
        assert cost.unit in ("images", "clicks", "pixels of boundary")

    def test_costs_differ_by_their_settings(self):
        assert ClickCost(5) == ClickCost(5.0) != ClickCost(6) and UniformCost() != BoundaryCost()

    def test_texts(self):
        assert read_cost(None) is None and describe_cost(None) is None
        assert read_cost("images") == UniformCost() and read_cost("boundary:ignore_label=11") == BoundaryCost(11)
        assert read_cost("clicks:tolerance=5,background=0,holes=false") == ClickCost(5, background=0, holes=False)
        assert read_cost({"cost": "clicks"}) == ClickCost()
        assert describe_cost(ClickCost(background=3))["background"] == 3 and "background" not in describe_cost(
            ClickCost()
        )

    def test_a_cost_of_ones_own(self):
        class Area(Cost):
            name, unit = "area", "pixels"

            def __call__(self, mask):
                return float(np.size(mask))

        assert Area().total([np.zeros((2, 3))] * 2) == 12 and read_cost(Area()).unit == "pixels"
        assert describe_cost(Area())["cost"].endswith("Area")
        with pytest.raises(TypeError, match="abstract"):
            Cost()


class TestBadInput:
    @pytest.mark.parametrize(
        ("text", "error", "says"),
        [
            ("click", ValueError, "no cost 'click'; there are images, clicks, boundary"),
            ("clicks:tol=3", ValueError, "has no option tol; it has tolerance, connectivity"),
            ("clicks:tolerance", ValueError, "an option is written name=value"),
            ("clicks:tolerance=ten", ValueError, "tolerance must be a number of pixels >= 0, got 'ten'"),
            (3, TypeError, "cost must be None, a text such as"),
        ],
    )
    def test_texts_that_are_no_cost(self, text, error, says):
        with pytest.raises(error, match=says):
            read_cost(text)

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"tolerance": -1}, "tolerance must be .* got -1"),
            ({"tolerance": float("nan")}, "got nan"),
            ({"tolerance": True}, "got True"),
            ({"connectivity": 8}, "connectivity must be 1 .* got 8"),
            ({"holes": 1}, "holes must be True or False"),
            ({"background": "0"}, "background must be a class"),
            ({"ignore_label": None}, "ignore_label must be an int"),
            ({"min_clicks": 0}, "min_clicks must be an int >= 1, got 0"),
        ],
    )
    def test_settings(self, options, says):
        with pytest.raises(ValueError, match=says):
            ClickCost(**options)

    @pytest.mark.parametrize("mask", [np.zeros((2, 3, 4), int), np.full((2, 2), 0.5), None, [["a"]]])
    def test_masks(self, mask):
        for call, who in (
            (ClickCost(), "ClickCost"),
            (BoundaryCost(), "BoundaryCost"),
            (polygons, "polygons"),
            (approximate_mask, "approximate_mask"),
            (polygon_regions, "polygon_regions"),
        ):
            with pytest.raises(ValueError, match=rf"^{who}: .*(shape \(H, W\)|must be whole numbers)"):
                call(mask)

    def test_polygons(self):
        with pytest.raises(ValueError, match="outer must have at least 3 vertices, got 2"):
            Polygon(1, [(0, 0), (1, 1)])
        with pytest.raises(ValueError, match="a hole must have at least 3 vertices, got 1"):
            Polygon(1, [(0, 0), (0, 9), (9, 9)], [[(1, 1)]])
        with pytest.raises(ValueError, match="finite vertices"):
            Polygon(1, [(0, 0), (0, 1), (np.nan, 1)])
        with pytest.raises(ValueError, match=r"shape \(m, 2\), got shape \(2, 3\)"):
            Polygon(1, [(0, 0, 0), (1, 1, 1)])
        with pytest.raises(ValueError, match="uncovered must be .* got 'white'"):
            draw_polygons([], (2, 2), uncovered="white")


@pytest.mark.nightly
def test_the_benchmark_runs_at_a_tiny_size(tmp_path):
    """Two masks in the form of the archive; what polygons keep is said, and the picture is there."""
    image = io.BytesIO()
    Image.fromarray(np.random.RandomState(0).randint(255, size=(40, 50, 3), dtype=np.uint8)).save(image, "JPEG")
    data = np.frombuffer(image.getvalue(), dtype=np.uint8)
    masks = np.stack([blobs(seed, (40, 50), 3) for seed in range(2)]).astype(np.uint8)
    path, page, picture = tmp_path / "made.npz", tmp_path / "page.md", tmp_path / "picture.png"
    offsets, classes = np.arange(3) * len(data), np.array(["a", "b", "Void"])
    np.savez(path, mask_train=masks, classes=classes, jpeg_train=np.tile(data, 2), offsets_train=offsets)
    script = Path(__file__).parent.parent / "benchmarks" / "annotation_cost.py"
    command = [sys.executable, script, "--archive", path, "--page", page, "--picture", picture]
    environment = {**os.environ, "PYTHONPATH": str(script.parent.parent)}
    result = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
    exact = next(line for line in page.read_text().splitlines() if line.startswith("| 0 |"))
    assert "| 100.00 | 100.00 | 100.0 | 0.0 |" in exact and picture.stat().st_size > 1000
