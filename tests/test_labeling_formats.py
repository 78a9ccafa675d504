"""Files of other labelling tools: what goes out is what comes back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from skal.labeling.formats import brush_of_mask, mask_of_brush


class TestBrush:
    @settings(max_examples=100)
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

    @settings(max_examples=100)
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
