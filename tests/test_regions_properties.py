"""Regions partition an image, and whatever order they are paid in, they and the rest cost what the image costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skal.annotation import BoundaryCost, ClickCost, Cost, RegionOracle, polygon_regions, superpixel_regions

VOID = 255
SHAPE = (5, 6)
masks = hnp.arrays(np.uint8, SHAPE, elements=st.sampled_from([0, 1, 2, VOID]))
blocks = hnp.arrays(np.uint8, (3, 3), elements=st.sampled_from([0, 1, VOID])).map(
    lambda small: np.kron(small, np.ones((4, 4), dtype=np.uint8))
)


class Area(Cost):
    """Labelled pixels: a price that adds up whatever the regions are."""

    name = unit = "pixels"

    def __call__(self, mask):
        return float((np.asarray(mask) != VOID).sum())


class Sum(Cost):
    """Classes of labelled pixels, so that a price says which pixels were in it."""

    name = unit = "classes"

    def __call__(self, mask):
        return float(sum(4.0 ** int(c) for c in np.ravel(mask) if c != VOID))


def pieces(mask, connectivity, left_out):
    """Connected pieces of the classes, by flooding pixel after pixel: a set of sets of pixels."""
    found, todo = set(), {tuple(at) for at in np.argwhere(~np.isin(mask, left_out))}
    steps = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if 0 < abs(i) + abs(j) <= connectivity]
    while todo:
        piece, edge = set(), [todo.pop()]
        while edge:
            at = edge.pop()
            piece.add(at)
            near = {(at[0] + i, at[1] + j) for i, j in steps} & todo
            near = {other for other in near if mask[other] == mask[at]}
            todo -= near
            edge.extend(near)
        found.add(frozenset(piece))
    return found


def pay(oracle, mask, maps, data):
    """Label some regions of image 0, in any order, perhaps in two goes, and then the rest; return what was paid."""
    numbers = np.unique(maps[maps >= 0]).tolist()
    chosen = data.draw(st.permutations(numbers))[: data.draw(st.integers(0, len(numbers)))]
    paid = 0.0
    for go in (chosen[: len(chosen) // 2], chosen[len(chosen) // 2 :]):
        expected = sum(oracle.price(0, number) for number in go)
        bill = oracle.label([(0, number) for number in go])
        assert bill == expected
        paid += bill
        known = np.where(np.isin(maps, chosen[: oracle.n_regions]), mask, VOID)
        for image, seen in zip(*oracle.labeled_masks(), strict=True):
            assert image == 0 and (seen == known).all()
        open_map = oracle.open_regions[0]
        assert (open_map == np.where(np.isin(maps, chosen[: oracle.n_regions]), -1, maps)).all()
        assert oracle.open_regions.n_open == len(numbers) - oracle.n_regions
    expected = oracle.price(0)
    rest = oracle.label_images([0])
    assert rest == expected and oracle.spent == paid + rest and oracle.open_regions.n_open == 0
    assert (oracle.open_regions[0] < 0).all()
    if (mask != VOID).any():
        assert (oracle.labeled_masks()[1][0] == mask).all()
    return paid, rest


@given(masks, hnp.arrays(np.int32, SHAPE, elements=st.integers(-2, 4)), st.sampled_from([Area(), Sum()]), st.data())
def test_any_regions_and_the_rest_cost_what_the_image_costs(mask, maps, cost, data):
    oracle = RegionOracle([mask], [maps], cost=cost)
    assert sum(pay(oracle, mask, maps, data)) == cost(mask)


@given(st.one_of(masks, blocks), st.sampled_from([0, 1, 3]), st.sampled_from([1, 2]), st.booleans(), st.data())
def test_pieces_and_the_rest_cost_the_clicks_of_the_image(mask, tolerance, connectivity, holes, data):
    cost = ClickCost(tolerance, connectivity, holes)
    maps = polygon_regions(mask, connectivity=connectivity)
    oracle = RegionOracle([mask], [maps], cost=cost)
    assert sum(pay(oracle, mask, maps, data)) == cost(mask)


@given(masks, hnp.arrays(np.int32, SHAPE, elements=st.integers(0, 3)), st.data())
def test_the_rest_of_an_image_costs_what_its_open_part_costs(mask, maps, data):
    """Boundaries between regions are in no region, so these do not add up; the rest is priced alone all the same."""
    cost, chosen = BoundaryCost(), data.draw(st.sets(st.integers(0, 3)))
    chosen = sorted(chosen & set(maps.ravel().tolist()))
    oracle = RegionOracle([mask], [maps], cost=cost)
    for number in chosen:
        assert oracle.price(0, number) == cost(np.where(maps == number, mask, VOID))
    oracle.label([(0, number) for number in chosen])
    assert oracle.price(0) == cost(np.where(np.isin(maps, chosen), VOID, mask))


@given(masks, st.sampled_from([1, 2]), st.sampled_from([None, 0, 2]))
def test_polygon_regions_are_the_connected_pieces_of_the_classes(mask, connectivity, background):
    maps = polygon_regions(mask, connectivity=connectivity, background=background)
    left_out = [VOID] if background is None else [VOID, background]
    numbers = np.unique(maps[maps >= 0])
    assert ((maps == -1) == np.isin(mask, left_out)).all() and numbers.tolist() == list(range(len(numbers)))
    assert {frozenset(map(tuple, np.argwhere(maps == number).tolist())) for number in numbers} == {
        frozenset((int(i), int(j)) for i, j in piece) for piece in pieces(mask, connectivity, left_out)
    }


@pytest.mark.parametrize("seed", range(3))
def test_superpixels_are_connected_and_cover_the_image(seed):
    rng = np.random.default_rng(seed)
    patches = np.kron(rng.integers(0, 200, (3, 4, 4)), np.ones((1, 5, 6), dtype=int))
    image = (patches + rng.integers(0, 20, patches.shape)).astype(np.uint8)
    maps = superpixel_regions(image, 12)
    numbers = np.unique(maps)
    assert maps.shape == (20, 24) and numbers.tolist() == list(range(len(numbers))) and len(numbers) > 1
    assert len(pieces(maps, 1, [])) == len(numbers)
