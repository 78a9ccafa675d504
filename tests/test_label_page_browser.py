"""People label in a real browser: by keyboard, two at once, and while the server dies."""

import signal

import pytest
from made_labeling import tickets
from made_page import KEPT, NO_TRAINING, Person, Server, chromium, ready

from skal.labeling import Project

MARKUP = "<img src=x onerror=alert(1)>"
CLASSES = ["bug", "refund", "question", MARKUP]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture
def data(tmp_path):
    tickets(tmp_path / "tickets.csv", n=80)
    ready(tmp_path / "tickets.csv", 50, classes=CLASSES)
    return tmp_path / "tickets.csv"


def answers(data):
    """Label or None for a skip by row, and how many answers were written in all."""
    project = Project.open(data.with_suffix(".skal"))
    state = project.read_answers()
    held = {row: next(iter(given.values())).label for row, given in state.by_row.items()}
    kinds = [event.kind for row in held for event in project.history(row)]
    project.close()
    return held, kinds


def test_thirty_rows_by_keyboard_five_taken_back_two_skipped_three_corrected(browser, data):
    with Server(data, *NO_TRAINING) as server:
        anna = Person(browser.new_context(locale="en-GB"), server.url)
        keys = [str(1 + k % 3) for k in range(30)]
        rows = anna.press(*keys)
        assert len(set(rows)) == 30
        truth = dict(zip(rows, [("bug", "refund", "question")[k % 3] for k in range(30)], strict=True))

        # Undo goes back answer by answer, each row on the screen with what was said of it; also while the server has
        # confirmed the first of them only.
        undos = []

        def slow(route):
            undos.append(route)
            if len(undos) > 2:
                route.continue_()

        anna.tab.route("**/api/undo", slow)
        for row in reversed(rows[-5:]):
            anna.tab.keyboard.press("Backspace")
            anna.wait("{row} === was", row)
            assert truth.pop(row) in anna.tab.locator("#eyebrow").inner_text()
        undos[0].continue_()
        while len(undos) < 2:
            anna.tab.wait_for_timeout(20)
        assert anna.press("4", "4", "4") == rows[-5:-2]
        undos[1].continue_()
        truth.update(dict.fromkeys(rows[-5:-2], MARKUP))
        anna.press("u")
        row = anna.row
        anna.tab.keyboard.press("s")
        anna.tab.keyboard.press("4")
        anna.wait("{row} && {row} !== was", row)
        truth.update({rows[-2]: None, row: None})
        assert row == rows[-1]

        # A class is its letters, on its button and among the answers.
        assert anna.tab.locator(".class .name").all_inner_texts() == ["bug", "refund", "question", MARKUP]
        anna.tab.keyboard.press("l")
        anna.tab.locator(".answer", has_text=MARKUP).first.wait_for()
        assert anna.tab.locator("img").count() == 0

        # Three answers are found again and corrected.
        for wrong in rows[:3]:
            shown = anna.row
            anna.tab.locator(f'.answer[data-row="{wrong}"]').click()
            anna.wait("{row} === was", wrong)
            anna.tab.keyboard.press("3")
            anna.wait("{row} === was", shown)
            truth[wrong] = "question"

        # A double click is one answer.
        truth[anna.row] = "refund"
        anna.tab.locator(".class").nth(1).dblclick()
        anna.all_kept()
        shown = anna.row
        anna.tab.reload()
        anna.wait("{row} === was", shown)
        assert anna.errors == []
    held, kinds = answers(data)
    assert held == truth
    assert (kinds.count("undo"), kinds.count("skip"), kinds.count("correct")) == (5, 2, 3)


def test_an_answer_under_way_when_the_server_is_killed_arrives_once(browser, data):
    with Server(data, *NO_TRAINING) as server:
        ben = Person(browser.new_context(locale="en-GB"), server.url)
        rows = ben.press("1", "2")
        ben.all_kept()
        server.process.send_signal(signal.SIGSTOP)
        rows += ben.press("3")
        ben.tab.get_by_text("Not kept yet: 1 answer").wait_for()  # nothing has failed yet, it only takes too long
        server.end(signal.SIGKILL)
        server.start()
        ben.all_kept()
        ben.tab.get_by_text("Not kept yet").first.wait_for(state="hidden")

        # The tab is closed before the server is there again: the next one sends what it left.
        server.process.send_signal(signal.SIGSTOP)
        rows += ben.press("2")
        server.end(signal.SIGKILL)
        ben.tab.get_by_text("Not kept yet: 1 answer").wait_for()
        assert ben.tab.evaluate(KEPT) == 1
        ben.tab.close()
        server.start()
        ben = Person(ben.tab.context, server.url)
        ben.all_kept()
        ben.tab.keyboard.press("Backspace")  # of another tab's answer
        ben.wait("{row} === was", rows[-1])
        ben.press("3")
        ben.all_kept()

        # The server has the answer, but its word is lost: the same request is sent again.
        lost = []

        def lose(route):
            if not lost:
                lost.append(route.fetch().status)
                route.abort()
            else:
                route.continue_()

        ben.tab.route("**/api/answer", lose)
        rows += ben.press("1")
        ben.all_kept()
        assert lost == [200]
        assert ben.errors == []
    held, kinds = answers(data)
    assert held == dict(zip(rows, ["bug", "refund", "question", "question", "bug"], strict=True))
    assert kinds.count("label") == 6


def test_two_people_and_two_tabs(browser, data):
    with Server(data, *NO_TRAINING, "--annotator", "first", "--annotator", "second", "--language", "de") as server:
        links = {name: server.line(rf"{name}: (http://\S+)") for name in ("first", "second")}
        anna = Person(browser.new_context(), links["first"])
        ben = Person(browser.new_context(), links["second"])
        assert "token" not in anna.tab.url
        of_anna, of_ben = [], []
        for key in "123123":
            of_anna += anna.press(key)
            of_ben += ben.press(key)
        assert len({*of_anna, *of_ben}) == 12
        assert anna.tab.get_by_role("heading", name="Welche Klasse passt?").count() == 1

        # What is answered in one tab leaves the other.
        second = Person(anna.tab.context, links["first"])
        assert second.row == anna.row
        (row,) = anna.press("1")
        second.wait("{row} && {row} !== was", row)
        assert second.row == anna.row
        for one in (anna, ben, second):
            one.all_kept()
            assert one.errors == []

        stranger = browser.new_context().new_page()
        stranger.goto(server.url)
        stranger.get_by_role("heading", name="Link").wait_for()
    held, kinds = answers(data)
    assert len(held) == 13
    assert kinds.count("label") == 13


LINES_OF_WORDS = """() => [...document.querySelectorAll(".class .name")].flatMap((name) =>
  [...name.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return [node.data, new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size];
  }))"""


def test_a_long_name_of_a_class_breaks_between_its_words(browser, tmp_path):
    names = [f"balance_not_updated_after_transfer_{k}" for k in range(6)] + [
        f"card.payment-fee/charged_{k}" for k in range(6)
    ]
    data = tmp_path / "tickets.csv"
    tickets(data, n=20)
    with Server(data, "--target", "label", "--classes", ",".join(names)) as server:  # which makes the project
        anna = Person(browser.new_context(viewport={"width": 1200, "height": 800}), server.url)
        shown = anna.tab.locator(".class .name")
        assert shown.all_text_contents() == names
        assert shown.first.bounding_box()["height"] > 1.5 * shown.first.evaluate(
            "e => parseFloat(getComputedStyle(e).fontSize)"
        )
        lines = anna.tab.evaluate(LINES_OF_WORDS)
        assert {count for _, count in lines} == {1}, lines
