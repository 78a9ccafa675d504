"""Labels that look wrong are found, asked again with the label hidden, and corrected with their history."""

import csv
import sys

import numpy as np
import pytest
from made_labeling import lines, skal, tickets

from skal.labeling import Project, ProjectError, ask_again, consensus_of, predict_out_of_fold, suspicious_labels

MODELS = """
from sklearn.linear_model import RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

def nearest():
    return KNeighborsClassifier(1)

def ridge():
    return RidgeClassifier()
"""


def with_flips(path, n=150, n_flips=12, seed=0):
    """Write labelled tickets, of which some have a wrong label; return all true labels, and the wrong ones."""
    truth = tickets(path, n=n, n_labeled=n, seed=seed)
    names = sorted(set(truth.values()))
    rng = np.random.RandomState(seed)
    wrong = set(rng.choice(list(truth), n_flips, replace=False).tolist())
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    for row in rows[1:]:
        if row[0] in wrong:
            row[3] = rng.choice([name for name in names if name != row[3]])
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return truth, wrong


def test_classes_of_too_few_rows_are_named_or_counted(tmp_path):
    data = tmp_path / "rows.csv"
    names = ["cat", "dog"] * 10 + [f"rare {k}" for k in range(8)]
    data.write_text("id,a,label\n" + "".join(f"r{k},{k % 2},{name}\n" for k, name in enumerate(names)))
    with Project.create(tmp_path / "p", data, target="label", id="id") as project:
        found = suspicious_labels(project)
    (note,) = found.notes
    assert note.endswith("cannot be checked: rare 0, rare 1, rare 2, rare 3, rare 4 and 3 more.")
    assert (found.n_checked, found.n_unchecked) == (20, 8)
    assert str(found).startswith("0 labels of 20 look wrong; 8 more cannot be checked.")


@pytest.mark.parametrize(("n_rare", "n_checked"), [(2, 20), (4, 20), (5, 25)])
def test_classes_of_fewer_rows_than_folds_are_not_checked(tmp_path, needs_cleanlab, n_rare, n_checked):
    """A class of two rows is known from one row alone: both would look wrong, and be right."""
    data = tmp_path / "rows.csv"
    names = ["cat", "dog"] * 10 + ["rare"] * n_rare
    data.write_text("id,a,label\n" + "".join(f"r{k},{k % 2},{name}\n" for k, name in enumerate(names)))
    with Project.create(tmp_path / "p", data, target="label", id="id") as project:
        found = suspicious_labels(project)
    assert (found.n_checked, found.n_unchecked) == (n_checked, len(names) - n_checked)


@pytest.fixture(scope="module")
def needs_cleanlab():
    pytest.importorskip("cleanlab", reason="cleanlab is not installed")


@pytest.fixture
def flipped(tmp_path, needs_cleanlab):
    truth, wrong = with_flips(tmp_path / "tickets.csv")
    with Project.create(
        tmp_path / "tickets.skal", tmp_path / "tickets.csv", target="label", id="ticket_id"
    ) as project:
        yield project, truth, wrong


class TestFinding:
    def test_known_flips_are_found_better_than_by_chance(self, flipped):
        project, truth, wrong = flipped
        found = suspicious_labels(project)
        assert found.n_checked == 150
        hits = wrong & set(found.ids[: len(wrong)])
        assert len(hits) >= 9  # by chance 1 of 12 is expected, and 9 have a probability below 1e-8
        assert set(found.rows["annotators"]) == {"(data)"}
        line = found.rows.set_index("id").loc[sorted(hits)[0]]
        assert line["predicted"] == truth[line.name]
        assert list(found.rows["quality"]) == sorted(found.rows["quality"])

    def test_few_rows_by_hand(self, tmp_path, needs_cleanlab):
        """Ten rows at -1 and ten at +1; one of them has the label of the other side."""
        with open(tmp_path / "points.csv", "w", newline="", encoding="utf-8") as file:
            sheet = csv.writer(file)
            sheet.writerow(["point_id", "x", "label"])
            sheet.writerows(
                [f"p{i}", (-1) ** (i + 1) + i / 1000, ("low", "high")[i % 2] if i != 7 else "low"] for i in range(20)
            )
        with Project.create(tmp_path / "p.skal", tmp_path / "points.csv", estimator="logistic") as project:
            found = suspicious_labels(project)
        assert found.ids == ["p7"]
        assert found.rows.iloc[0][["label", "predicted"]].tolist() == ["low", "high"]
        assert "1 label of 20 looks wrong" in str(found)

    def test_the_model_of_a_row_has_not_seen_its_label(self, tmp_path):
        """A model that knows its rows by heart: with the labels in sight all predictions would be right."""
        rng = np.random.RandomState(0)
        with open(tmp_path / "noise.csv", "w", newline="", encoding="utf-8") as file:
            sheet = csv.writer(file)
            sheet.writerow(["a", "b", "label"])
            sheet.writerows([*rng.normal(size=2), "ab"[rng.randint(2)]] for _ in range(100))
        (tmp_path / "mine.py").write_text(MODELS)
        estimator = f"{tmp_path / 'mine.py'}:nearest"
        with Project.create(tmp_path / "n.skal", tmp_path / "noise.csv", estimator=estimator) as project:
            found = predict_out_of_fold(project)
        right = np.mean(np.array(found.predicted) == np.array(found.labels))
        assert 0.25 <= right <= 0.75
        assert np.allclose(found.proba.sum(axis=1), 1.0)
        assert len(set(found.ids)) == 100

    def test_a_label_too_many_and_one_too_few(self, tmp_path, needs_cleanlab):
        """Rows of words; a row has a label if and only if it has its word, but for four rows."""
        rng = np.random.RandomState(0)
        has = rng.random_sample((80, 2)) < 0.5
        with open(tmp_path / "texts.csv", "w", newline="", encoding="utf-8") as file:
            sheet = csv.writer(file)
            sheet.writerow(["text_id", "text", "label"])
            for i, (a, b) in enumerate(has.tolist()):
                words = f"we have {'money ' * a}and {'crash ' * b}today in number {i}"
                labels = {name for name, there in (("refund", a), ("bug", b)) if there}
                if i in (7, 30, 41, 52):
                    labels ^= {"bug"}
                sheet.writerow([f"t{i}", words, "; ".join(sorted(labels)) or "(none)"])
        with Project.create(
            tmp_path / "t.skal", tmp_path / "texts.csv", id="text_id", answer="labels", estimator="logistic"
        ) as project:
            found = suspicious_labels(project)
        assert len(found) >= 2
        assert set(found.ids) <= {"t7", "t30", "t41", "t52"}

    def test_a_number_far_off(self, tmp_path, needs_cleanlab):
        rng = np.random.RandomState(0)
        with open(tmp_path / "points.csv", "w", newline="", encoding="utf-8") as file:
            sheet = csv.writer(file)
            sheet.writerow(["point_id", "x", "label"])
            for i, x in enumerate(rng.normal(size=60)):
                sheet.writerow([f"p{i}", round(x, 3), round(2 * x + 0.1 * rng.normal() + 5 * (i == 11), 3)])
        with Project.create(
            tmp_path / "p.skal", tmp_path / "points.csv", id="point_id", answer="number", estimator="ridge"
        ) as project:
            found = suspicious_labels(project)
            with pytest.raises(ProjectError, match="one class, not numbers"):
                consensus_of(project)
        assert found.ids[0] == "p11"
        assert len(found) < 6

    def test_a_class_of_one_row_is_told_and_left_out(self, flipped):
        project, truth, wrong = flipped
        project.tell(["T0000"], ["praise"], "ann", allow=["praise"])
        ask_again(project, ["T0000"])
        project.tell(["T0000"], ["praise"], "ben")  # an answer to a check counts alone, so that no tie is left
        found = suspicious_labels(project)
        assert "praise" in str(found)
        assert "T0000" not in found.ids

    def test_too_few_labels(self, tmp_path, needs_cleanlab):
        tickets(tmp_path / "tickets.csv", n=30, n_labeled=4)
        project = Project.create(tmp_path / "t.skal", tmp_path / "tickets.csv", id="ticket_id")
        with project, pytest.raises(ProjectError, match="needs 10 labelled rows, and two classes"):
            suspicious_labels(project)

    def test_a_model_without_probabilities(self, tmp_path, needs_cleanlab):
        with open(tmp_path / "points.csv", "w", encoding="utf-8") as file:
            file.write("x,label\n" + "\n".join(f"{i % 7},{'ab'[i % 2]}" for i in range(20)))
        (tmp_path / "mine.py").write_text(MODELS)
        estimator = f"{tmp_path / 'mine.py'}:ridge"
        project = Project.create(tmp_path / "n.skal", tmp_path / "points.csv", estimator=estimator)
        with project, pytest.raises(ProjectError, match="has none: take another estimator"):
            suspicious_labels(project)

    def test_cleanlab_missing_is_said(self, flipped, monkeypatch):
        project, *_ = flipped
        monkeypatch.setitem(sys.modules, "cleanlab", None)
        monkeypatch.setitem(sys.modules, "cleanlab.filter", None)
        with pytest.raises(ImportError, match=r"skal\[label\]"):
            suspicious_labels(project)


class TestAskingAgain:
    def test_questions_come_first_and_hide_the_label(self, flipped):
        project, _, _ = flipped
        worst = suspicious_labels(project).ids[:3]
        ask_again(project, worst)
        questions = project.ask(5, "ann")
        assert questions.ids == worst
        assert questions.rows["label"].isna().all()
        assert all(
            "label" not in (event.why or {}) and "guess" not in (event.why or {}) for event in questions.events
        )

    def test_a_second_answer_is_a_correction_with_its_history(self, flipped):
        project, truth, _ = flipped
        row = suspicious_labels(project).ids[0]
        before = dict(project.labels().set_index("id")["label"])[row]
        ask_again(project, [row])
        project.tell([row], [truth[row]], "ann")
        assert dict(project.labels().set_index("id")["label"])[row] == truth[row] != before
        assert [event.label for event in project.history(row) if event.label] == [before, truth[row]]
        project.undo("ann")
        assert dict(project.labels().set_index("id")["label"])[row] == before

    def test_what_was_looked_at_twice_is_not_listed_again(self, flipped):
        project, _, _ = flipped
        found = suspicious_labels(project)
        kept, other = found.ids[:2]
        label = dict(project.labels().set_index("id")["label"])[kept]
        ask_again(project, [kept, other])
        project.tell([kept], [label], "ann")  # right after all
        again = suspicious_labels(project)
        assert kept not in again.ids
        assert other not in again.ids  # still waits
        assert again.n_before == 2
        assert "asked again before: 2" in str(again)

    def test_answers_to_checks_say_nothing_of_agreement(self, flipped):
        project, truth, _ = flipped
        rows = sorted(truth)[:4]
        project.tell(rows, [truth[row] for row in rows], "ann")
        project.tell(rows[:2], [truth[row] for row in rows[:2]], "ben")
        assert project.agreement().n_rows == 2
        ask_again(project, rows)
        project.tell(rows, ["bug"] * 4, "ben")
        assert project.agreement().n_rows == 2
        assert project.agreement().same == 1.0
        assert "Agreement: " in str(project.status())


class TestAnnotators:
    def test_the_careless_one_is_told_apart(self, tmp_path, needs_cleanlab):
        truth = tickets(tmp_path / "tickets.csv", n=120)
        names, rng = sorted(set(truth.values())), np.random.RandomState(0)
        with Project.create(tmp_path / "t.skal", tmp_path / "tickets.csv", id="ticket_id") as project:
            for who, right in {"ann": 0.95, "ben": 0.95, "careless": 0.5}.items():
                told = {
                    row: label if rng.random_sample() < right else names[rng.randint(3)]
                    for row, label in truth.items()
                    if rng.random_sample() < 0.7
                }
                project.tell(list(told), list(told.values()), who)
            found = consensus_of(project)
            assert project.agreement().alpha < 0.8
        assert found.annotators["annotator"].iloc[-1] == "careless"
        assert found.annotators["quality"].iloc[-1] < 0.8 < found.annotators["quality"].iloc[-2]
        right = [truth[row] == label for row, label in zip(found.rows["id"], found.rows["label"], strict=True)]
        assert np.mean(right) > 0.95
        assert "careless: quality" in str(found)

    def test_without_overlap(self, flipped):
        project, *_ = flipped
        with pytest.raises(ProjectError, match="there are none"):
            consensus_of(project)


class TestCommands:
    def test_one_person_alone_is_told_in_one_sentence(self, tmp_path, monkeypatch, needs_cleanlab):
        monkeypatch.chdir(tmp_path)
        tickets("tickets.csv", n=30)
        with Project.create("tickets.skal", "tickets.csv", classes=["bug", "refund", "question"]) as project:
            project.tell(project.ask(12).ids, ["bug", "refund", "question"] * 4, "ann")
        said = skal("agreement", "tickets.csv").splitlines()
        assert said == [
            "No row has answers of several people. Ask for some: skal next tickets.csv --overlap 10 --annotator NAME."
        ]

    def test_check_next_take(self, tmp_path, monkeypatch, needs_cleanlab):
        monkeypatch.chdir(tmp_path)
        truth, wrong = with_flips(tmp_path / "tickets.csv")
        Project.create("tickets.skal", "tickets.csv", target="label", id="ticket_id").close()
        said = skal("check", "tickets.csv", "-n", 6)
        assert "look wrong" in said
        assert "To be asked again: 6 rows" in said
        skal("next", "tickets.csv", "-n", 4, "--out", "again.csv")
        sheet = lines("again.csv")
        assert len(sheet) == 6
        assert {line["label"] for line in sheet} == {""}
        assert len(wrong & {line["ticket_id"] for line in sheet}) >= 4
        for line in sheet:
            line["label"] = truth[line["ticket_id"]]
        with open("again.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(sheet[0]))
            writer.writeheader()
            writer.writerows(sheet)
        skal("take", "tickets.csv", "again.csv", "--annotator", "ann")
        skal("export", "tickets.csv", "--out", "out.csv")
        labels = {line["ticket_id"]: line["label"] for line in lines("out.csv")}
        assert all(labels[line["ticket_id"]] == truth[line["ticket_id"]] for line in sheet)
        said = skal("agreement", "tickets.csv")
        assert "No row has answers of several people" in said
        assert "(data): quality" in said
