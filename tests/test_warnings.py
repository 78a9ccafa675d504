"""The warnings that are errors in these tests: pytest's setting reaches the modules that it is meant for."""

import warnings

import numpy as np
import pytest

DEPRECATIONS = (DeprecationWarning, FutureWarning)


@pytest.mark.parametrize("module", ["skal", "skal.query", "skal.query.embedding.diversity"])
@pytest.mark.parametrize("category", [*DEPRECATIONS, RuntimeWarning])
def test_a_warning_in_the_package_is_an_error(category, module):
    with pytest.raises(category, match="made for this test"):
        warnings.warn_explicit("made for this test", category, "made.py", 1, module=module)


@pytest.mark.parametrize("division", ["one / zero", "np.divide([1.0], zero)", "np.mean([])"])
def test_arithmetic_without_a_result_is_an_error_in_code_and_below_it(division):
    """The last is NumPy's own warning, in a module of NumPy."""
    namespace = {"__name__": "skal.scores.made", "np": np, "one": np.float64(1.0), "zero": np.float64(0.0)}
    with pytest.raises(RuntimeWarning):
        exec(division, namespace)


@pytest.mark.parametrize("category", DEPRECATIONS)
def test_a_deprecation_in_another_package_is_its_own_matter(category):
    with pytest.warns(category, match="made for this test"):
        warnings.warn_explicit("made for this test", category, "made.py", 1, module="elsewhere.skal")


def test_what_the_next_pytest_drops_is_an_error():
    with pytest.raises(pytest.PytestDeprecationWarning):
        warnings.warn("made for this test", pytest.PytestDeprecationWarning, stacklevel=1)
