"""tools/mutants.py, tried in a repository of one function; and its list for skal, which must fit the code."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "mutants.py"


def tool():
    spec = importlib.util.spec_from_file_location("mutants", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mutants = tool()

ADULT = (
    "def is_adult(age):\n    return age >= 18\n\n\ndef price(age, base=10):\n    return base if age >= 18 else 5\n"
)
TESTS = "from skal import is_adult\n\n\ndef test_ages():\n    assert is_adult(40) and not is_adult(17)\n"


def entry(name="never", old="return age >= 18", new="return False", test="tests/test_age.py::test_ages"):
    return (
        f"[[mutant]]\nname = '{name}'\nfile = 'skal.py'\nold = '''{old}'''\nnew = '''{new}'''\ntests = ['{test}']\n"
    )


@pytest.fixture
def repository(tmp_path):
    """A module, a test that does not look at the age of 18, and an empty list of mutants."""
    (tmp_path / "tests" / "mutants").mkdir(parents=True)
    (tmp_path / "skal.py").write_text(ADULT)
    (tmp_path / "tests" / "test_age.py").write_text(TESTS)
    return tmp_path


def write_list(repository, *entries, file="ages.toml"):
    (repository / "tests" / "mutants" / file).write_text("\n".join(entries))


def run(repository, *arguments):
    """Run the tool, pytest and all; return its exit status and the lines that it printed."""
    command = [sys.executable, str(TOOL), "--root", str(repository), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()


def asked(repository, capsys, *arguments):
    """As `run`, in this process."""
    with pytest.raises(SystemExit) as end:
        mutants.main(["--root", str(repository), *arguments])
    return end.value.code, capsys.readouterr().out.splitlines()


def test_a_survivor_is_told_from_what_is_caught_and_fails_the_run(repository):
    survivor = entry("from-19", new="return age > 18")
    stale = entry("gone", old="return age > 21")
    write_list(repository, entry(), survivor, stale, entry("left out", "base=10", "base=11"))
    status, lines = run(repository, "--jobs", "2", "never", "19", "gone")
    assert (status, len(lines)) == (1, 5)
    assert lines[:3] == ["caught    never", "SURVIVED  from-19", "STALE     gone"]
    assert lines[4] == "1 of 3 caught, 1 survived, 1 stale."
    assert (repository / "skal.py").read_text() == ADULT, "breaks are made in a copy"


@pytest.mark.parametrize(
    ("unbroken", "broken", "status", "printed"),
    [
        (0, 1, False, ["caught    never", "1 of 1 caught, 0 survived, 0 stale."]),
        (0, -1, False, ["caught (no end) never", "1 of 1 caught, 0 survived, 0 stale."]),  # an endless loop
        (0, 2, True, ["STALE     never", "as pytest says", "0 of 1 caught, 0 survived, 1 stale."]),  # not collected
        (0, 0, True, ["SURVIVED  never", "0 of 1 caught, 1 survived, 0 stale."]),
        (1, 1, "The named tests do not pass on the unbroken code:\nas pytest says", []),
    ],
)
def test_what_pytest_ends_with_decides(repository, capsys, monkeypatch, unbroken, broken, status, printed):
    def run_tests(folder, tests, time_limit=None):
        is_whole = (folder / "skal.py").read_text() == ADULT
        assert time_limit == (None if is_whole else mutants.TIME_LIMIT), "all named tests together take their time"
        return (unbroken if is_whole else broken), "as pytest says"

    monkeypatch.setattr(mutants, "run_tests", run_tests)
    write_list(repository, entry())
    found, lines = asked(repository, capsys, "--jobs", "1")
    assert (found, lines) == (status, printed)


@pytest.mark.parametrize(
    ("stale", "why"),
    [
        (entry(old="return age > 21"), "its old text occurs 0 times in skal.py, not once"),
        (entry(old="age >= 18"), "its old text occurs 2 times in skal.py, not once"),
        (entry(new="return age >= 18"), "it changes nothing"),
        (entry(new="return ("), "skal.py does not compile after the break"),
        (entry(test="tests/test_age.py::test_years"), "there is no test tests/test_age.py::test_years"),
        (entry(test="tests/test_age.py::TestAge::test_ages"), "no test tests/test_age.py::TestAge::test_ages"),
        (entry(test="tests/test_years.py"), "there is no test tests/test_years.py"),
        (entry().replace("'skal.py'", "'skal/ages.py'"), "No such file or directory"),
    ],
)  # fmt: skip
def test_an_entry_that_no_longer_fits_is_stale(repository, capsys, stale, why):
    write_list(repository, stale, entry("fits"))
    status, lines = asked(repository, capsys, "--check")
    assert status == 1
    assert lines[0] == "STALE     never" and why in lines[1]
    assert lines[-1] == "1 of 2 fit the code and the tests."


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ((entry(), entry(new="return True")), "never come twice"),
        ((entry().replace("['tests/test_age.py::test_ages']", "[]"),), "never name no test"),
        ((entry().replace("new =", "with ="),), "never must have"),
    ],
)
def test_a_list_that_is_not_sound_is_refused(repository, capsys, entries, said):
    for number, one in enumerate(entries):  # of several files, too
        write_list(repository, one, file=f"{number}.toml")
    assert said in str(asked(repository, capsys, "--check")[0])


def test_a_word_that_no_name_contains_is_told(repository, capsys):
    write_list(repository, entry())
    assert asked(repository, capsys, "always") == ("No mutant has such a name.", [])


def test_the_list_of_skal_fits_the_code_and_the_tests():
    """Without this it would rot between two runs of `make mutants`."""
    root = TOOL.parents[1]
    listed = mutants.read_mutants(root / "tests" / "mutants")
    assert len(listed) >= 50
    assert {one.name: why for one in listed if (why := mutants.staleness(one, root))} == {}
