"""How the house is built, as `tools/house.py` measures it: no circles, and nothing behind another room's back."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

import skal

ROOT = Path(skal.__file__).parents[1]
TOOLS = Path(__file__).parents[1] / "tools"


def tool(name):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


house_code = tool("house_code")
SKAL = house_code.Package(ROOT / "skal")


@pytest.mark.parametrize("room", SKAL.rooms)
def test_modules_of_a_room_import_each_other_one_way(room):
    """Imports at the top, inside functions and under TYPE_CHECKING alike."""
    assert house_code.circles(SKAL.module_imports(room)) == []


def test_rooms_import_each_other_one_way():
    assert house_code.circles(SKAL.room_imports()) == []


def test_private_modules_are_imported_by_their_own_room():
    assert SKAL.private_imports() == []


@pytest.fixture
def package(tmp_path):
    """Two rooms and a module beside them, with every kind of import."""
    files = {
        "__init__.py": "from made.one import go\n",
        "one/__init__.py": "from made.one._a import go\n",
        "one/_a.py": "def go(x: Any, y: int = 0, *rest: Any, **more: dict[str, Any]):\n    from made.one import _b\n",
        "one/_b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from made.one._c import C\n",
        "one/_c.py": "import made.one._a\nclass C:\n    def method(self, z):\n        pass\n",
        "two/__init__.py": "",
        "two/d.py": "from made.one._a import go\nfrom made.one import go\nimport made.one._c\nimport numpy\n",
        "alone.py": "from made import two\nfrom made.two import d\n",
    }
    for name, source in files.items():
        path = tmp_path / "made" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return house_code.Package(tmp_path / "made")


def test_the_measure_sees_every_kind_of_import(package):
    assert package.rooms == ["alone", "one", "two"] and package.functions == 2 and len(package.modules) == 8
    assert package.lines == 17 and package.parameters() == ["Any", "int", "Any", "dict[str, Any]", ""]
    assert package.imports("made.two.d") == ["made.one._a", "made.one", "made.one._c"]
    assert package.imports("made.alone") == ["made.two", "made.two.d"]
    assert package.room_imports() == {"alone": {"two"}, "one": set(), "two": {"one"}}
    assert package.private_imports() == [("made.two.d", "made.one._a"), ("made.two.d", "made.one._c")]
    circle = ["made.one._a", "made.one._b", "made.one._c"]
    assert house_code.circles(package.module_imports("one")) == [circle]


@pytest.mark.parametrize(
    "imports, expected",
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"a"}}, [["a"]]),
        ({"a": {"b"}, "b": {"a"}, "c": {"a"}}, [["a", "b"]]),
        ({"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}}, [["a", "b"], ["c", "d"]]),
    ],
)
def test_circles(imports, expected):
    assert house_code.circles(imports) == expected


def test_a_package_that_defines_a_name_hides_its_module_of_that_name(tmp_path):
    (tmp_path / "made" / "room").mkdir(parents=True)
    (tmp_path / "made" / "room" / "__init__.py").write_text("from made.room.f import f\n")
    (tmp_path / "made" / "room" / "f.py").write_text("def f(): pass\n")
    (tmp_path / "made" / "other.py").write_text("from made.room import f\n")
    assert house_code.Package(tmp_path / "made").imports("made.other") == ["made.room"]


def test_the_way_of_a_call_is_counted(tmp_path):
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    two.write_text("def inner(f):\n    return f()\ndef leaf():\n    return 0\n")
    one.write_text("import two\ndef outer():\n    return [two.inner(lambda: back()) for _ in range(3)]\n"
                   "def back():\n    return two.leaf()\n")  # fmt: skip
    sys.path.insert(0, str(tmp_path))
    try:
        import one as module

        with (walk := tool("house_way").Walk(tmp_path)):
            module.outer()
    finally:
        sys.path.remove(str(tmp_path))
        for name in ("one", "two"):
            del sys.modules[name]
    # outer, then three times inner, back and leaf: a move before each, but none from a leaf to the next inner
    assert walk.counts() == {"functions": 4, "files": 2, "moves": 7, "crossings": 3}


@pytest.mark.nightly  # rooms without circles: test_imports.py, each time
def test_the_whole_is_printed_for_a_checkout():
    done = subprocess.run(
        [sys.executable, str(TOOLS / "house.py"), "--root", str(ROOT), "--json", "--way", "core_set"],
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout)
    assert found["circles between rooms"] == [] and found["rooms"] == len(SKAL.rooms)
    way = found["ways"].pop("core_set")
    assert found["ways"] == {} and 0 < way["files"] < way["functions"] and 0 < way["crossings"] < way["moves"]


def test_a_folder_without_the_package_is_refused(tmp_path):
    done = subprocess.run(
        [sys.executable, str(TOOLS / "house.py"), "--root", str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 2 and "has no package skal: name a checkout" in done.stderr
