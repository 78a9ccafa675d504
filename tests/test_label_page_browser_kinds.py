"""Every kind of answer in a real browser: images, several labels, numbers, yes or no; the map; a phone."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest
from made_labeling import tickets
from made_page import NO_TRAINING, Person, Server, chromium, ready
from PIL import Image

from skal.labeling import Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def english(browser):
    return browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})


def table(path, texts):
    with open(path, "w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(["row_id", "body", "score"])
        sheet.writerows([f"r{k}", text, k % 7] for k, text in enumerate(texts))
    return path


def held(folder):
    project = Project.open(folder)
    found = {row: next(iter(given.values())) for row, given in project.read_answers().by_row.items()}
    kinds = [event.kind for row in found for event in project.history(row)]
    project.close()
    return SimpleNamespace(labels={row: event.label for row, event in found.items()}, events=found, kinds=kinds)


def test_images_are_looked_into_and_classed(english, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for k in range(12):
        Image.fromarray(np.full((40, 60, 3), 20 * k, dtype=np.uint8)).save(folder / f"IMG_{k}.png")
    ready(folder, classes=["yes", "no"])
    with Server(folder, *NO_TRAINING) as server:
        anna = Person(english, server.url)
        image = anna.tab.locator(".frame img")
        anna.tab.wait_for_function("() => document.querySelector('.frame:not(.loading) img')?.naturalWidth === 60")
        before = image.bounding_box()
        anna.tab.keyboard.press("+")
        anna.wait("document.querySelector('.frame img').getBoundingClientRect().width > was", before["width"])
        assert image.bounding_box()["width"] == pytest.approx(1.3 * before["width"], rel=0.02)
        anna.tab.locator(".frame").hover()
        anna.tab.mouse.wheel(0, 600)
        anna.wait("document.querySelector('.frame img').getBoundingClientRect().width < was", before["width"])
        rows = anna.press("y", "n", "1", "2")
        anna.all_kept()
        assert anna.errors == []
    assert list(held(tmp_path / "photos.skal").labels.items()) == list(zip(rows, ["yes", "no"] * 2, strict=True))


def test_several_labels_a_row(english, tmp_path):
    data = table(tmp_path / "rows.csv", [f"letter {k} about things" for k in range(40)])
    ready(data, target="topics", answer="labels", classes=["app", "bill", "praise"])
    with Server(data, *NO_TRAINING) as server:
        anna = Person(english, server.url)
        anna.tab.keyboard.press("Enter")
        anna.tab.locator(".toast").wait_for()  # nothing is selected: that is said, and the question stays
        first = anna.row
        anna.tab.keyboard.press("3")
        anna.tab.keyboard.press("1")
        rows = anna.press("Enter", "0")
        assert rows[0] == first
        anna.tab.keyboard.press("Backspace")
        anna.wait("{row} === was", rows[1])
        anna.tab.keyboard.press("Backspace")
        anna.wait("{row} === was", rows[0])
        pressed = anna.tab.locator(".class[aria-pressed=true] .name")
        assert pressed.all_inner_texts() == ["app", "praise"]
        anna.tab.keyboard.press("1")
        anna.press("Enter")
        anna.all_kept()
        assert anna.errors == []
    assert held(tmp_path / "rows.skal").labels == {rows[0]: "praise"}


def test_numbers_with_a_point_or_a_comma(english, tmp_path):
    data = table(tmp_path / "rows.csv", [f"letter {k} about things" for k in range(40)])
    ready(data, target="minutes", answer="number", range=(0, 90))
    with Server(data, *NO_TRAINING, "--language", "de") as server:
        anna = Person(english, server.url)
        first = anna.row
        anna.tab.keyboard.type("120")
        anna.tab.keyboard.press("Enter")
        anna.tab.locator("#number[aria-invalid=true]").wait_for()
        anna.tab.locator("#number").fill("1,500")  # 1500 to one person, 1.5 to another
        anna.tab.keyboard.press("Enter")
        anna.tab.get_by_text("Bitte 1500 oder 1,5 schreiben.").first.wait_for()
        anna.tab.locator("#number").fill("")
        anna.tab.keyboard.type("12,5")
        assert anna.tab.locator("#number-hint").inner_text() == "12,5 wird als 12.5 gelesen."
        rows = anna.press("Enter")
        anna.tab.keyboard.type("7")
        rows += anna.press("Enter")
        assert rows[0] == first
        anna.all_kept()
        assert anna.errors == []
    assert held(tmp_path / "rows.skal").labels == dict(zip(rows, ["12.5", "7"], strict=True))


def test_an_area_of_the_map_is_looked_at_labelled_at_once_and_taken_back_as_one(english, tmp_path):
    tickets(tmp_path / "tickets.csv", n=60)
    with Server(tmp_path / "tickets.csv", "--target", "label", "--classes", "bug,refund,question") as server:
        anna = Person(english, server.url)
        anna.tab.keyboard.press("m")
        anna.tab.locator(".legend li").first.wait_for(timeout=60_000)
        for key in ("ArrowRight", "a", "a"):  # the nearest row, its nine neighbours, ten more
            anna.tab.keyboard.press(key)
        anna.tab.get_by_role("heading", name="20 rows in this area").wait_for()
        anna.tab.get_by_role("button", name="Look at a sample").click()
        anna.tab.locator(".sample").nth(11).wait_for()
        assert anna.tab.locator(".sample").count() == 12
        anna.tab.locator("#pane-map .class", has_text="refund").click()
        anna.tab.get_by_role("button", name="Label all", exact=True).click()
        anna.tab.get_by_text("20 rows labelled").first.wait_for()
        anna.tab.locator("#question-title").focus()
        anna.tab.keyboard.press("Backspace")
        anna.tab.get_by_text("20 labels were taken back").first.wait_for()
        anna.all_kept()
        assert anna.errors == []
    assert held(tmp_path / "tickets.skal").labels == {}


def test_a_long_text_on_a_narrow_phone_and_by_a_screen_reader(browser, tmp_path):
    long = "שלום עולם\n\n  an indented line\n" + "word " * 2000
    data = table(tmp_path / "rows.csv", [long + " ".join(f"letter{j}" for j in range(k, 8 + k)) for k in range(10)])
    classes = [f"{word} {k}" for k in range(6) for word in ("card", "transfer", "account")]
    ready(data, 5, target="topic", classes=classes, columns={"score": "drop"})
    phone = browser.new_context(
        locale="de-DE", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    with Server(data, *NO_TRAINING) as server:
        anna = Person(phone, server.url)
        assert anna.tab.evaluate("document.documentElement.scrollWidth") == 360
        small = anna.tab.evaluate(
            "[...document.querySelectorAll('button, input, select')].filter(one => one.checkVisibility())"
            ".map(one => [one.textContent, one.getBoundingClientRect()])"
            ".filter(([, box]) => box.height < 44 || box.width < 24).map(([text]) => text)"
        )
        assert small == []
        # Landmarks, one heading that has the focus, the row as its description.
        for role in ("banner", "main", "navigation"):
            assert anna.tab.get_by_role(role).count() == 1
        assert anna.tab.evaluate("document.activeElement.id") == "question-title"
        assert anna.tab.get_by_role("heading", level=1, name="Welche Klasse passt?").count() == 1
        shown = anna.tab.locator(".text")
        assert shown.inner_text().startswith("שלום עולם\n\n  an indented line\nword word")
        assert anna.tab.evaluate("getComputedStyle(document.querySelector('.text')).direction") == "rtl"
        assert anna.tab.evaluate("document.body.scrollHeight <= innerHeight")  # the text scrolls, not the page

        row = anna.row
        anna.tab.get_by_role("searchbox", name="Klasse suchen").fill("ACCOUNT 4")
        assert anna.tab.locator(".class:visible").all_inner_texts() == ["account 4"]
        anna.tab.keyboard.press("Enter")
        anna.wait("{row} && {row} !== was", row)
        anna.tab.wait_for_function("() => document.getElementById('live').innerText.endsWith('4. Nächste Frage.')")
        anna.all_kept()
        assert anna.errors == []
    assert held(tmp_path / "rows.skal").labels == {row: "account 4"}
