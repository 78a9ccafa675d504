"""The digest of code: every edit that changes what runs changes it, and nothing else does."""

import copy
import functools
import importlib
import os
import random
import re
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skal
from skal.identity import CodeDigest, code_digest
from skal.query import margin_sampling

MINE = '''\
"""A module of the user's."""
import numpy as np
import toolbox
from toolbox import shift
from pack.deep import bend

FACTOR = 3
WEIGHTS = np.arange(3.0)
NAMES = {"b", "a", "c"}


class Base:
    """What is shared."""

    limit = 5

    def clip(self, x):
        return min(x, self.limit)


class Mine(Base):
    def __init__(self, a=1):
        self.a = a

    @staticmethod
    def twice(x):
        return 2 * x

    @property
    def size(self):
        return self.a + FACTOR

    def run(self, x):
        return self.twice(helper(self.clip(x)))


def helper(x):
    """Say nothing."""
    return x * FACTOR + len(NAMES)


def score(x, share=0.5):
    """Score a row."""
    # A comment.
    def inner(z):
        return z + shift(z) + bend(z)
    return inner(helper(x)) * share + toolbox.scale(x) + WEIGHTS.sum()


def late(x):
    from toolbox import scale
    return scale(x)


def whole():
    return toolbox


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)
'''
TOOLBOX = """\
def scale(x):
    return 2 * x

def shift(x):
    return x + 1

def unused():
    return 1
"""
RECURSION = MINE[MINE.index("def even") :]
HELPER = 'def helper(x):\n    """Say nothing."""\n    return x * FACTOR + len(NAMES)\n'
FILES = {
    "mine.py": MINE,
    "toolbox.py": TOOLBOX,
    "pack/__init__.py": "",
    "pack/deep.py": "from . import deeper\n\n\ndef bend(x):\n    return deeper.twist(x)\n",
    "pack/deeper.py": "def twist(x):\n    return -x\n",
}


@pytest.fixture
def digest_in(tmp_path, monkeypatch):
    """Digest something of the user's files, which are imported fresh every time."""

    def digest(name, files=FILES, **options):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        with monkeypatch.context() as patch:
            patch.syspath_prepend(folder)
            tops = {Path(path).parts[0].removesuffix(".py") for path in files}
            for loaded in [module for module in sys.modules if module.partition(".")[0] in tops]:
                patch.delitem(sys.modules, loaded)
            importlib.invalidate_caches()
            try:
                found = code_digest(getattr(importlib.import_module("mine"), name), **options)
            finally:
                for loaded in [module for module in sys.modules if module.partition(".")[0] in tops]:
                    del sys.modules[loaded]
        assert found.unseen == ()
        return found.digest

    return digest


def edited(old, new, path="mine.py"):
    assert FILES[path].count(old) == 1, f"{old!r} must stand in {path} once"
    return {**FILES, path: FILES[path].replace(old, new)}


EDITS = {
    "body": ("score", edited("* share + toolbox", "* share - toolbox")),
    "inner function": ("score", edited("return z + shift(z)", "return z - shift(z)")),
    "default": ("score", edited("share=0.5", "share=0.6")),
    "helper": ("score", edited("return x * FACTOR", "return x + FACTOR")),
    "constant": ("score", edited("FACTOR = 3", "FACTOR = 4")),
    "constant set": ("score", edited('"b", "a", "c"', '"b", "a", "d"')),
    "constant array": ("score", edited("np.arange(3.0)", "np.arange(3.0) + 1e-9")),
    "module, by attribute": ("score", edited("return 2 * x", "return 3 * x", "toolbox.py")),
    "module, by name": ("score", edited("return x + 1", "return x + 2", "toolbox.py")),
    "package": ("score", edited("return deeper.twist(x)", "return deeper.twist(2 * x)", "pack/deep.py")),
    "module of a package": ("score", edited("return -x", "return -x - x", "pack/deeper.py")),
    "import in a function": ("late", edited("return 2 * x", "return 3 * x", "toolbox.py")),
    "module handed on": ("whole", edited("return 1", "return 2", "toolbox.py")),
    "mutual recursion": ("even", edited("return n != 0 and", "return n > 0 and")),
    "method": ("Mine", edited("return self.twice(helper(self.clip(x)))", "return self.twice(self.clip(x))")),
    "helper of a method": ("Mine", edited("return x * FACTOR", "return x + FACTOR")),
    "static method": ("Mine", edited("    return 2 * x\n\n    @property", "    return 4 * x\n\n    @property")),
    "property": ("Mine", edited("return self.a + FACTOR", "return self.a - FACTOR")),
    "base class": ("Mine", edited("return min(x, self.limit)", "return max(x, self.limit)")),
    "class attribute of a base": ("Mine", edited("limit = 5", "limit = 6")),
    "bases": ("Mine", edited("class Mine(Base)", "class Mine")),
    "default of a method": ("Mine", edited("a=1", "a=2")),
}


@pytest.mark.parametrize(("name", "files"), EDITS.values(), ids=EDITS)
def test_an_edit_gives_another_digest(digest_in, name, files):
    assert digest_in(name) != digest_in(name, files)


HARMLESS = {
    "comment": edited("# A comment.", "# Another comment,\n    # of two lines."),
    "docstring": edited('"""Score a row."""', '"""Score a row, said otherwise."""'),
    "no docstring": edited('    """Say nothing."""\n', ""),
    "docstring of the module": edited('"""A module of the user\'s."""', '"""Another."""'),
    "docstring of a class": edited('"""What is shared."""', '"""What both have."""'),
    "formatting": edited("def score(x, share=0.5):", "def score(\n    x,\n    share = 0.5,\n):"),
    "parentheses": edited("return x * FACTOR + len(NAMES)", "return ((x * FACTOR)\n            + len(NAMES))"),
    "annotations": edited("def score(x, share=0.5):", "def score(x: float, share: float = 0.5) -> float:"),
    "moved in the file": {
        **FILES,
        "mine.py": MINE.replace(MINE[MINE.index("def even") :], "").replace(
            "def helper", MINE[MINE.index("def even") :] + "\n\ndef helper"
        ),
    },
    "a function that is not called": edited(
        "def unused():\n    return 1", "def unused():\n    return 2", "toolbox.py"
    ),
    "order of a set": edited('"b", "a", "c"', '"c", "b", "a"'),
    "moved to another file": {
        **FILES,
        "mine.py": MINE.replace(
            'def helper(x):\n    """Say nothing."""\n    return x * FACTOR + len(NAMES)\n', ""
        ).replace("class Base", "from other import helper\n\n\nclass Base"),
        "other.py": 'FACTOR, NAMES = 3, {"a", "b", "c"}\n\n\ndef helper(x):\n    return x * FACTOR + len(NAMES)\n',
    },
}


@pytest.mark.parametrize("name", ["score", "Mine"])
@pytest.mark.parametrize("files", HARMLESS.values(), ids=HARMLESS)
def test_what_changes_nothing_that_runs_gives_the_same_digest(digest_in, name, files):
    assert digest_in(name) == digest_in(name, files)


SETS = "def f(x): return x in {'p', 'q', 'r', 's'} and (lambda y: {'m', 'n'} | {y})(x)"


def test_other_processes_and_hash_seeds_give_the_same_digest(tmp_path, digest_in):
    for path, text in FILES.items():
        (tmp_path / "files" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "files" / path).write_text(text)
    program = textwrap.dedent(f"""
        from skal.identity import code_digest
        import mine
        exec({SETS!r})
        print(code_digest(mine.score).digest, code_digest(mine.Mine).digest, code_digest(f).digest)
    """)
    found = set()
    for seed in ("1", "2"):
        paths = os.pathsep.join([str(tmp_path / "files"), str(Path(skal.__file__).parents[1])])
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths}
        ran = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True, cwd=tmp_path
        )
        found.add(tuple(ran.stdout.split()))
    assert len(found) == 1
    score, cls, executed = found.pop()
    assert score == digest_in("score") and cls == digest_in("Mine")
    assert (
        executed
        == code_digest(
            of_text("def f(x): return x in {'p', 'q', 'r', 's'} and (lambda y: {'m', 'n'} | {y})(x)")
        ).digest
    )


def of_text(source, name="f", **namespace):
    exec(textwrap.dedent(source), namespace)
    return namespace[name]


def digest(thing, **options):
    found = code_digest(thing, **options)
    assert found.digest is not None and found.unseen == ()
    return found.digest


def test_code_without_a_source_is_read_from_what_was_compiled():
    """As in a notebook's cell or in exec: the case of study_stale_code.py."""
    first = of_text("def f(x):\n    return -x")
    assert digest(first) == digest(of_text("\n\n# Moved.\ndef f(x):\n    'Said.'\n    return (-x)"))
    assert digest(first) != digest(of_text("def f(x):\n    return x"))
    assert digest(first) != digest(of_text("def f(x):\n    return -x - 1"))
    with_help = "def g(x):\n    return {}\ndef f(x):\n    return g(x)"
    assert digest(of_text(with_help.format("x"))) != digest(of_text(with_help.format("-x")))
    model = "class f:\n    'Doc.'\n    def fit(self, X):\n        return X ** {}\n"
    assert digest(of_text(model.format(1))) != digest(of_text(model.format(2)))
    assert digest(of_text(model.format(1))) == digest(of_text(model.format(1).replace("Doc.", "Other.")))


def test_a_file_that_was_edited_after_its_import_is_not_taken_for_what_runs(tmp_path, monkeypatch):
    path = tmp_path / "edited_later.py"
    path.write_text("def f(x):\n    return x + 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    old = importlib.import_module("edited_later")
    before = digest(old.f)
    path.write_text("def f(x):\n    return x + 2222\n")
    while_old_runs = digest(old.f)
    monkeypatch.delitem(sys.modules, "edited_later")
    importlib.invalidate_caches()
    after = digest(importlib.import_module("edited_later").f)
    assert len({before, while_old_runs, after}) == 3
    path.write_text("# A comment.\n\n\ndef f(x):\n    return x + 2222\n")
    assert (
        digest(importlib.import_module("edited_later").f) == after
    )  # the lines moved, the code is the one that runs
    monkeypatch.delitem(sys.modules, "edited_later")


def closure(content):
    def inner(x):
        return x, content

    return inner


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 2),
        (1, 1.0),
        (1, True),
        (0.0, -0.0),
        ("a", b"a"),
        ((1, 2), [1, 2]),
        ((1, (2, 3)), ((1, 2), 3)),
        ([1, [2]], [1, [3]]),
        ({"a": 1}, {"a": 2}),
        ({1, 2}, {1, 3}),
        (np.zeros(3), np.zeros((3, 1))),
        (np.zeros(3), np.zeros(3, np.float32)),
        (np.arange(6).reshape(2, 3), np.arange(6).reshape(2, 3)[:, ::-1]),
        (np.array(["a", None], dtype=object), np.array(["b", None], dtype=object)),
        (LogisticRegression, StandardScaler),
        (len, max),
        (np.add, np.subtract),
        (np.random.normal, np.random.uniform),
        (random.random, random.shuffle),
        (re.compile("a+"), re.compile("b+")),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 3]})),
        (sparse.eye_array(3).tocsr(), 2 * sparse.eye_array(3).tocsr()),
        ([].append, [1].append),
    ],
)
def test_contents_of_closures_count_by_value(one, other):
    assert digest(closure(one)) == digest(closure(one))
    assert digest(closure(one)) != digest(closure(other))


def test_large_arrays_count_by_their_bytes_whatever_their_layout():
    A = np.random.RandomState(0).normal(size=(1500, 2000))
    changed = A.copy()
    changed[-1, -1] += 1e-9
    assert digest(closure(A)) == digest(closure(A.copy())) == digest(closure(np.asfortranarray(A)))
    assert digest(closure(A)) != digest(closure(changed))


def test_sets_of_functions_have_no_order():
    functions = [of_text(f"def f(x): return x + {k}") for k in range(6)]
    assert digest(closure(frozenset(functions))) == digest(closure(frozenset(functions[::-1])))
    assert digest(closure(frozenset(functions))) != digest(closure(frozenset(functions[1:])))


def test_lambdas_on_one_line_are_told_apart():
    plus, minus = (lambda x: x + 1), (lambda x: x - 1)
    assert digest(plus) != digest(minus)


def test_things_that_contain_themselves_end():
    around = [1]
    around.append(around)
    assert digest(closure(around)) != digest(closure([1]))

    def again(n):
        return n and again(n - 1)

    assert digest(again) == digest(again)


class Model(ClassifierMixin, BaseEstimator):
    def __init__(self, C=1.0, inner=None, using=None):
        self.C, self.inner, self.using = C, inner, using

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self


def test_an_estimator_is_its_code_and_that_of_its_parameters_and_no_value_unless_asked():
    assert digest(Model(C=1.0)) == digest(Model(C=2.0)) == digest(Model().fit([[0]], [0]))
    assert digest(Model(C=1.0), values=True) != digest(Model(C=2.0), values=True)
    one, other = of_text("def f(x): return x"), of_text("def f(x): return -x")
    assert digest(Model(using=one)) != digest(Model(using=other))
    assert digest(Model(using=[("a", one)])) != digest(Model(using=[("a", other)]))
    assert digest(Model(inner=Model(using=one))) != digest(Model(inner=Model(using=other)))
    pipeline = make_pipeline(StandardScaler(), Model(using=one))
    assert digest(pipeline) != digest(make_pipeline(StandardScaler(), Model(using=other)))
    assert digest(pipeline) != digest(make_pipeline(StandardScaler(), LogisticRegression()))
    assert digest(pipeline) == digest(make_pipeline(StandardScaler(with_mean=False), Model(using=one, C=7)))


def test_options_count_by_value_where_they_are_known_to_the_code_alone():
    scaled = of_text("def f(x, factor): return x * factor")
    for make in (lambda C: LogisticRegression(C=C), lambda C: functools.partial(scaled, factor=C)):
        within = "def f(x): return model, x"
        assert digest(of_text(within, model=make(1.0))) == digest(of_text(within, model=make(1.0)))
        assert digest(of_text(within, model=make(1.0))) != digest(of_text(within, model=make(2.0)))
        assert digest(closure([make(1.0)])) != digest(closure([make(2.0)]))
        assert digest(Model(using=closure(make(1.0)))) != digest(Model(using=closure(make(2.0))))
        assert digest(Priced(make(1.0))) != digest(Priced(make(2.0)))
        assert digest(Model(using=[("name", make(1.0))])) == digest(Model(using=[("name", make(2.0))]))


def test_an_estimator_of_exec_that_was_edited_is_another():
    source = """
        from sklearn.base import BaseEstimator, ClassifierMixin
        from sklearn.linear_model import LogisticRegression
        class f(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                self.m_ = LogisticRegression(C={C}).fit(X, y)
                return self
    """
    assert digest(of_text(source.format(C=1.0))()) == digest(of_text(source.format(C=1.0))())
    assert digest(of_text(source.format(C=1.0))()) != digest(of_text(source.format(C=1e-6))())


STRATEGY = """
    from skal.outputs import proba
    from skal.query import query_strategy, score_strategy
    @score_strategy(reads=("proba",))
    def f(learner, X_pool, *, power=1.0):
        return {sign}proba(learner, X_pool).max(axis=1) ** power
"""


def test_a_decorated_strategy_is_known_by_its_body():
    one, other = of_text(STRATEGY.format(sign="-")), of_text(STRATEGY.format(sign=""))
    assert digest(one) == digest(of_text(STRATEGY.format(sign="-")))
    assert digest(one) != digest(other)
    assert digest(functools.partial(one, power=2.0)) != digest(functools.partial(other, power=2.0))
    assert digest(functools.partial(one, power=2.0)) == digest(functools.partial(one, power=3.0))
    assert digest(functools.partial(one, power=2.0), values=True) != digest(
        functools.partial(one, power=3.0), values=True
    )


def test_own_decorators_count():
    source = """
        import functools
        def louder(function):
            @functools.wraps(function)
            def wrapper(x):
                return {factor} * function(x)
            return wrapper
        @louder
        def f(x):
            return x {sign} 1
    """
    one = digest(of_text(source.format(factor=2, sign="+")))
    assert one != digest(of_text(source.format(factor=3, sign="+")))
    assert one != digest(of_text(source.format(factor=2, sign="-")))
    assert digest(functools.cache(of_text("def f(x): return x"))) != digest(
        functools.cache(of_text("def f(x): return -x"))
    )


class Priced:
    def __init__(self, price, held=None):
        self.price, self.held = price, held

    def __call__(self, mask):
        return self.price * mask.size


def test_an_object_that_is_called_is_its_class_and_its_state():
    assert digest(Priced(1.0)) == digest(Priced(1.0)) != digest(Priced(2.0))
    assert digest(Priced(1.0).__call__) != digest(Priced(2.0).__call__)
    source = "class f:\n    def __call__(self, mask):\n        return mask.{}"
    assert digest(of_text(source.format("size"))()) != digest(of_text(source.format("ndim"))())


def test_libraries_count_by_name_and_those_that_a_study_does_not_note_by_version_too(monkeypatch):
    lightgbm = pytest.importorskip("lightgbm")
    before = digest(lightgbm.LGBMClassifier)
    from skal.identity import _origins

    _origins._library.cache_clear()
    monkeypatch.setattr(_origins.metadata, "version", lambda name: "0.0.1")
    assert digest(lightgbm.LGBMClassifier) != before
    assert digest(LogisticRegression) == digest(LogisticRegression)
    _origins._library.cache_clear()


def test_what_cannot_be_digested_is_named_with_its_reason(tmp_path):
    with open(tmp_path / "table.txt", "w") as table:

        def reads_a_file(x):
            return table, x

        found = code_digest(reads_a_file)
        assert found.digest is not None
        assert len(found.unseen) == 1 and found.unseen[0].startswith("reads_a_file > table: ")
        assert code_digest(table).digest is None and code_digest(table).unseen
    locked = code_digest(Priced(1.0, held=threading.Lock()))
    assert locked.digest != code_digest(Priced(2.0, held=threading.Lock())).digest  # the rest is seen
    assert len(locked.unseen) == 1 and locked.unseen[0].startswith("Priced > state > held: ")
    moving = code_digest(closure(np.random.RandomState(0)))
    assert moving.unseen == ("inner > content: a generator of random numbers, whose state moves",)


def test_compiled_extensions_of_the_user_are_unseen(tmp_path, monkeypatch):
    """A module in C that lies in the user's folder, here one of Python's own under another name."""
    import types

    module = types.ModuleType("own_extension")
    module.__file__ = str(tmp_path / f"own_extension{importlib.machinery.EXTENSION_SUFFIXES[0]}")
    monkeypatch.setitem(sys.modules, "own_extension", module)
    found = code_digest(closure(module))
    assert found.unseen == ("inner > content: a compiled extension module",)


def test_nets_count_by_their_code_and_not_by_weights_that_are_drawn():
    torch = pytest.importorskip("torch")
    source = """
        import torch
        class f(torch.nn.Module):
            def __init__(self, width=3):
                super().__init__()
                self.width = width
                self.layer = torch.nn.Linear(2, width)
            def forward(self, x):
                return self.layer(x).{after}()
    """
    Net, Other = of_text(source.format(after="relu")), of_text(source.format(after="tanh"))
    found = code_digest(Net())
    assert found == code_digest(Net()) and found.unseen == ("f > _modules > layer: the weights of a torch module",)
    assert found.digest != code_digest(Other()).digest and found.digest != code_digest(Net(width=4)).digest
    assert digest(Net) != digest(Other)
    net = Net()
    assert digest(net, values=True) == digest(copy.deepcopy(net), values=True) != digest(Net(), values=True)
    halves = torch.arange(3).to(torch.bfloat16)
    assert digest(closure(halves)) == digest(closure(halves.clone())) != digest(closure(halves + 1))
    assert digest(closure(halves)) != digest(closure(halves.float()))


def test_skals_own_strategies_count_by_name_whatever_is_in_them(monkeypatch):
    """So another skal, whose version every row notes, does not look like an edit."""
    names = skal.query.strategies()
    before = {name: digest(getattr(skal.query, name)) for name in names}
    assert len(set(before.values())) == len(names) > 50
    monkeypatch.setattr(margin_sampling, "__doc__", "Said otherwise.")
    monkeypatch.setattr(margin_sampling, "__wrapped__", lambda learner, X_pool: None)
    assert digest(margin_sampling) == before["margin_sampling"]
    assert code_digest(margin_sampling) == CodeDigest(before["margin_sampling"])


def test_state_that_a_function_sets_itself_does_not_count():
    f = of_text("n = 0\ndef f():\n    global n\n    n += 1\n    return n")
    before = digest(f)
    assert f() == 1
    assert digest(f) == before


def test_a_file_is_parsed_once():
    from skal.identity import _sources

    _sources._functions_of.cache_clear()
    for _ in range(20):
        code_digest(Model(using=closure(1)))
    assert _sources._functions_of.cache_info().misses == 1


def test_caches_and_counters_of_a_module_do_not_matter_and_their_first_values_do(tmp_path, monkeypatch):
    source = (
        "CALLS, CACHE, SCALE = 0, {}, [1.0]\n"
        "class Counter:\n    n = 0\n"
        "def score(x):\n    global CALLS\n    CALLS += 1\n    Counter.n += 1\n    CACHE[x] = SCALE[0] * x\n"
        "    return CACHE[x]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)

    def module(name, text):
        (tmp_path / f"{name}.py").write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    first = module("counting", source)
    before = code_digest(first.score)
    first.score(2.0)
    assert (first.CALLS, first.Counter.n, first.CACHE) == (1, 1, {2.0: 2.0})
    assert code_digest(first.score) == before
    for old, new in (("n = 0", "n = 5"), ("0, {}, [1.0]", "0, {}, [2.0]"), ("0, {}, [1.0]", "0, {1: 1}, [1.0]")):
        assert code_digest(module(f"counting_{abs(hash(new))}", source.replace(old, new)).score) != before
    first.SCALE[0] = 3.0  # not from within the module: it counts by its value
    assert code_digest(first.score) != before


def test_a_list_that_a_closure_fills_does_not_matter_and_one_that_it_reads_does():
    calls, weights = [], [1.0]

    def score(x):
        calls.append(x)
        return weights[0] * x

    before = code_digest(score)
    score(2.0)
    assert calls == [2.0] and code_digest(score) == before
    weights = [2.0]
    assert code_digest(score) != before


def test_code_that_is_looked_up_by_a_text_is_named():
    def by_text(x):
        return globals()["helper"](x)

    def by_module(x):
        return importlib.import_module("toolbox").scale(x)

    assert "globals() looks up by a text" in code_digest(by_text).unseen[0]
    assert "import_module() looks up by a text" in code_digest(by_module).unseen[0]
    assert code_digest(by_text).digest is not None and code_digest(textwrap.dedent).unseen == ()
