"""The words and colours of the page: every language says everything, and everything can be read."""

import ast
import json
import re
from importlib.resources import files

import pytest

STATIC = files("skal.label_page").joinpath("static")
TEXTS = {tag: json.loads(STATIC.joinpath(f"texts/{tag}.json").read_text("utf-8")) for tag in ("en", "de")}
SOURCES = {one.name: one.read_text("utf-8") for one in STATIC.iterdir() if one.name.endswith((".js", ".html"))}


def test_both_languages_have_the_same_texts_with_the_same_places():
    assert list(TEXTS["en"]) == list(TEXTS["de"])
    for name, english in TEXTS["en"].items():
        german = TEXTS["de"][name]
        assert english.strip() and german.strip(), name
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", german)), name


def used():
    """Names of texts that the page asks for, and beginnings of those that it puts together."""
    names, beginnings = set(), set()
    for source in SOURCES.values():
        names |= set(re.findall(r'data-text(?:-label)?="([^"]+)"', source))
        names |= set(re.findall(r'\bt\(\s*"([^"]+)"', source))
        for name in re.findall(r'\btn\(\s*"([^"]+)"', source):
            names |= {f"{name}.one", f"{name}.other"}
        for inside in re.findall(r"\bt\(([^()]*\?[^()]*)\)", source):
            names |= set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', inside))
        beginnings |= set(re.findall(r"`([a-z_.]+\.[a-z_]*)\$\{", source))
    return names, beginnings


def test_every_text_that_is_asked_for_is_there():
    names, _ = used()
    assert len(names) > 100
    assert sorted(names - set(TEXTS["en"])) == []


def test_no_text_is_left_over():
    names, beginnings = used()
    every = "".join(SOURCES.values())
    left = [
        name
        for name in TEXTS["en"]
        if name not in names and f'"{name}"' not in every and not name.startswith(tuple(beginnings))
    ]
    assert left == []


def calls(name):
    """Calls of a function in the Python files of the page: their arguments, those that are texts."""
    for one in files("skal.label_page").iterdir():
        if not one.name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(one.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield [texts_in(given) for given in node.args]


def texts_in(given):
    """Texts that an argument may be; none where it is computed."""
    parts = list(ast.walk(given))
    return {leaf.value for leaf in parts if isinstance(leaf, ast.Constant)} if not any(map(is_call, parts)) else set()


def is_call(part):
    return isinstance(part, ast.Call)


def test_what_the_server_says_has_a_text_in_every_language():
    """Why an answer was refused, what happened to a training, and each code that a person can meet."""
    reasons = {name for _, _, *more in calls("Problem") for given in more for name in given}
    assert {"no_new_classes", "no_label", "empty_area"} <= reasons
    assert {f"refused.{name}" for name in reasons} <= set(TEXTS["en"])
    troubles = {name for _, *more in calls("Trouble") for given in more[:1] for name in given}
    assert {"memory", "silent", "long", "exit"} <= troubles
    assert {f"trouble.{name}" for name in troubles - {""}} <= set(TEXTS["en"])
    codes = {code for first, *_ in calls("Problem") for code in first}
    of_programs = {"malformed", "method", "no_such_page", "not_json", "origin", "host"}  # the page does none of these
    otherwise = {"refused", "no_picture"}  # a reason, or the project's words; a text in the place of the image
    assert {f"problem.{code}" for code in codes - of_programs - otherwise} <= set(TEXTS["en"])


def test_text_of_the_data_enters_as_text():
    """Nothing parses markup, runs text, or takes what another server has."""
    every = "".join(SOURCES.values())
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "srcdoc"):
        assert way not in every
    assert re.findall(r'(?:href|src)="(?!/|#)[^"]*"', SOURCES["index.html"]) == []
    assert "<script>" not in SOURCES["index.html"] and "style=" not in SOURCES["index.html"]


def colours(dark):
    """Colours of one scheme, by name."""
    found = {}
    for name in ("style.css", "panels.css"):
        css = STATIC.joinpath(name).read_text("utf-8")
        light, _, night = css.partition("@media (prefers-color-scheme: dark)")
        for part in (light, night) if dark else (light,):
            root = re.search(r":root \{(.*?)\}", part, re.DOTALL)[1]
            found.update(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", root))
    return found


def luminance(colour):
    """Relative luminance of WCAG 2."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Contrast of two colours, as WCAG 2 defines it."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_contrasts_suffice_for_reading_and_for_telling_marks_apart(dark):
    found = colours(dark)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    texts = {"ink": ("bg", "card", "tint"), "soft": ("bg", "card"), "accent": ("bg", "card", "tint")}
    texts |= {"on-accent": ("accent",), "warn": ("warn-bg", "bg"), "bad": ("bad-bg", "bg")}
    for ink, grounds in texts.items():
        for ground in grounds:
            assert contrast(found[ink], found[ground]) >= 4.5, (ink, ground)
    for ground in ("bg", "card"):
        assert contrast(found["edge"], found[ground]) >= 3
        assert contrast(found["focus"], found[ground]) >= 3
    marks = {name: colour for name, colour in found.items() if name.startswith("map-")}
    assert len(marks) == 19
    assert {name for name, colour in marks.items() if contrast(colour, found["card"]) < 3} == set()
