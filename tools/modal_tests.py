"""Run modAL's own core tests against skal, with one import changed: ``modAL`` is ``skal.modal``.

``python tools/modal_tests.py FOLDER`` takes the folder of modAL's tests (``core_tests.py`` and ``mock.py``), which
are in its repository and not in its packages. Each test is told as passed, or with the reason why skal differs; one
that fails without a reason here, or passes in spite of one, fails the run.
"""

from __future__ import annotations

import argparse
import importlib
import io
import pkgutil
import random
import sys
import unittest
import warnings
from pathlib import Path
from typing import Any

import numpy as np

import skal.modal

_UNSCALED = "its mocks give random numbers for probabilities; skal refuses rows that do not add up to 1"
_DEEP = "it tests DeepActiveLearner on skorch's nets; skal's nets are estimators of their own (skal.neural)"
_NO_MEMBERS = "its mock has a vote and no members to ask; skal reads the members"
_TWICE = "it teaches the same rows twice, which skal refuses unless duplicates='allow'"
DIFFERENT = {
    "TestAcquisitionFunctions.test_selection": "its optimizer was taught nothing, and so has no best value",
    "TestActiveLearner.test_add_training_data": "it calls a private method, which keeps rows without training",
    "TestActiveLearner.test_nan": _TWICE,
    "TestActiveLearner.test_query": "its strategy gives a bare int, of which skal makes an array of one, and its row",
    "TestBayesianOptimizer.test_teach": _TWICE,
    "TestCommittee.test_predict_proba": _UNSCALED,
    "TestCommittee.test_vote_proba": _UNSCALED,
    "TestDeepActiveLearner.test_batch_size": _DEEP,
    "TestDeepActiveLearner.test_num_epochs": _DEEP,
    "TestDeepActiveLearner.test_teach": _DEEP,
    "TestDisagreements.test_consensus_entropy_sampling": _NO_MEMBERS,
    "TestDisagreements.test_max_disagreement_sampling": _NO_MEMBERS,
    "TestDisagreements.test_vote_entropy_sampling": _NO_MEMBERS,
    "TestDropout.test_get_predictions": _DEEP,
    "TestDropout.test_mc_dropout_bald": _DEEP,
    "TestDropout.test_mc_dropout_max_entropy": _DEEP,
    "TestDropout.test_mc_dropout_max_variationRatios": _DEEP,
    "TestDropout.test_mc_dropout_mean_st": _DEEP,
    "TestDropout.test_set_dropout_mode": _DEEP,
    "TestEER.test_eer": "it expects an AssertionError where skal raises a ValueError with the allowed values",
    "TestMultilabel.test_SVM_loss": "it calls a private function; skal's losses read predict_proba alone",
    "TestUncertainties.test_margin_sampling": _UNSCALED,
    "TestUncertainties.test_uncertainty_sampling": _UNSCALED,
}


def change_the_import() -> None:
    """Let ``import modAL`` and those of its modules find skal's."""
    sys.modules["modAL"] = skal.modal
    for module in pkgutil.walk_packages(skal.modal.__path__, "skal.modal."):
        sys.modules[module.name.replace("skal.modal", "modAL")] = importlib.import_module(module.name)


def outcomes(folder: Path) -> dict[str, str]:
    """Return for each core test "" if it passes, else the last line of what went wrong."""
    change_the_import()
    sys.path.insert(0, str(folder))
    module = importlib.import_module("core_tests")
    found = {}
    suites: Any = unittest.defaultTestLoader.loadTestsFromModule(module)
    for suite in suites:
        for test in suite:
            name = ".".join(test.id().split(".")[-2:])
            if name.startswith("TestExamples."):
                continue  # it runs modAL's example scripts
            random.seed(0)
            np.random.seed(0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = unittest.TextTestRunner(io.StringIO(), buffer=True).run(test)
            wrong = [text for _, text in (*result.errors, *result.failures)]
            found[name] = wrong[0].partition("\nStdout:")[0].strip().splitlines()[-1] if wrong else ""
    return found


def main() -> int:
    """Print what came out; 1 if it is not what is expected."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of modAL's tests")
    parser.add_argument("--table", action="store_true", help="print the differences as a table of Markdown")
    arguments = parser.parse_args()
    if not (arguments.folder / "core_tests.py").is_file():
        parser.error(f"{arguments.folder} must hold core_tests.py, as the folder tests of modAL's repository does")
    found = outcomes(arguments.folder.resolve())
    if arguments.table:
        print("| test of modAL | why it differs |\n|---|---|")
        print("\n".join(f"| `{name}` | {reason} |" for name, reason in sorted(DIFFERENT.items())))
    unexpected = 0
    for name, wrong in sorted(found.items()):
        expected = (name in DIFFERENT) == bool(wrong)
        unexpected += not expected
        if not arguments.table or not expected:
            mark = "passes" if not wrong else "differs" if name in DIFFERENT else "FAILS"
            print(f"{mark:8} {name}" + ("" if not wrong else f": {DIFFERENT.get(name, wrong)}"))
            if wrong and name in DIFFERENT:
                print(f"         ({wrong[:160]})")
    n_passed = sum(not wrong for wrong in found.values())
    print(f"{n_passed} of {len(found)} pass, {unexpected} not as expected")
    return int(unexpected > 0)


if __name__ == "__main__":
    sys.exit(main())
