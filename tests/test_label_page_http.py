"""The page over HTTP: what is refused, by whom, and that nothing of it is stored."""

import json
import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_label_page import CLASSES, Client, made_desk, made_project, request, rows

from skal.label_page import OnePerson, People, static_files
from skal.labeling import Project, ProjectError


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    project, truth = made_project(tmp_path_factory.mktemp("http"), 60)
    project.ask(30)
    return project, truth


@pytest.fixture
def client(asked):
    return Client(made_desk(asked[0], ["first", "second"]), ["first", "second"])


def n_events(project):
    with sqlite3.connect(project.folder / "journal.sqlite") as journal:
        return journal.execute("SELECT COUNT(*) FROM events").fetchone()[0]


def test_a_day_at_the_page(asked, client):
    project, truth = asked
    session = client.get("/api/session").json
    assert session["annotator"] == "first" and session["token"] is None and session["people"] == 2
    assert [one["key"] for one in session["project"]["classes"]] == ["1", "2", "3"]
    found = client.post("/api/next", {"request": request()}).json
    row, following = rows(found)
    assert found["questions"][0]["fields"][0] == {"name": "body", "type": "text", "url": None} | {
        "value": project.data_rows.rows.shown["body"][project.ids.index(row)]
    }
    said = {"request": request(), "row": row, "label": truth[row], "seconds": 1.5, "saw_guess": True}
    found = client.post("/api/answer", said).json
    assert found["taken"] == {"label": truth[row], "kind": "new"} and rows(found)[0] == following
    assert client.post("/api/answer", said).json["taken"]["kind"] == "repeated"
    assert [event.why for event in project.history(row) if event.label] == [{"saw_guess": True}]
    skipped = client.post("/api/answer", {"request": request(), "row": following, "skip": "blurred"}).json
    assert skipped["taken"] == {"skip": "blurred", "kind": "new"}
    client.post("/api/note", {"request": request(), "row": row, "note": "sure"})
    other = next(label for label in CLASSES if label != truth[row])
    assert client.post("/api/correct", {"request": request(), "row": row, "label": other}).json["taken"] == {
        "label": other,
        "kind": "changed",
    }
    listed = client.get("/api/answers?search=&limit=10").json
    assert listed["total"] == 2 and [one["row"] for one in listed["answers"]] == [row, following]
    assert listed["answers"][0]["note"] == "sure" and listed["answers"][1]["skip"] == "blurred"
    assert client.get(f"/api/answers?class={other}").json["total"] == 1
    assert client.get("/api/answers?search=BLURR").json["answers"][0]["row"] == following
    assert client.get("/api/answers?search=nothing+of+this").json == {"total": 0, "answers": []}
    assert client.get(f"/api/row?id={row}").json["own"] == other
    assert client.get("/api/progress").json["total"] == 2, "a corrected row is one, a skipped one too"
    for undone in (row, following, row):
        assert client.post("/api/undo", {"request": request()}).json["undone"]["rows"] == [undone]
    nothing = client.post("/api/undo", {"request": request()})
    assert nothing.status == 409 and nothing.json["code"] == "nothing"
    client.token = "second"
    assert client.get("/api/answers").json["total"] == 0
    assert client.get(f"/api/row?id={row}").json["history"] == []


def test_an_area_of_the_map(asked):
    project, _ = asked
    drawn = {"state": "ready", "rows": project.ids[:4], "x": [0, 0, 1, 1], "y": [0, 1, 0, 1]}
    client = Client(made_desk(project, ["first"]), pool_map=lambda: drawn)
    found = client.get("/api/map").json
    assert len(found["label"]) == len(found["mark"]) == 4 and set(found["mark"]) <= {"asked", "audit", "none"}
    area = [row for row in project.ids if row not in project.read_answers().asked][:20]
    sample = client.post("/api/map/sample", {"request": request(), "rows": area}).json["rows"]
    assert len({one["row"] for one in sample} & set(area)) == 12 and sample[0]["fields"][0]["name"] == "body"
    assert client.post("/api/map/ask", {"request": request(), "rows": area[:2]}).json["asked"] == 2
    said = {"request": request(), "rows": area[2:], "label": "bug", "looked": 12}
    assert client.post("/api/map/label", said).json["taken"]["n"] == 18
    undone = client.post("/api/undo", {"request": request()}).json["undone"]
    assert sorted(undone["rows"]) == sorted(area[2:])
    assert Client(made_desk(project, ["first"])).get("/api/map").json == {"state": "none"}


OTHER_SITES = {
    "rebound name": ({"host": "evil.example:1"}, 421),
    "rebound port": ({"host": "page:2"}, 421),
    "no port": ({"host": "page"}, 421),
    "host twice": ({"host": None, "more": [("host", "page:1"), ("host", "evil.example")]}, 421),
    "no host": ({"host": None}, 421),
    "another origin": ({"origin": "http://evil.example"}, 403),
    "no origin": ({"origin": "null"}, 403),
    "a file": ({"origin": "file://"}, 403),
    "another scheme": ({"origin": "https://page:1"}, 403),
    "another port": ({"origin": "http://page:2"}, 403),
    "a longer name": ({"origin": "http://page:1.evil.example"}, 403),
    "another site": ({"sec-fetch-site": "cross-site"}, 403),
    "the same site": ({"sec-fetch-site": "same-site"}, 403),
    "a form": ({"content-type": "text/plain"}, 415),
    "an upload": ({"content-type": "multipart/form-data; boundary=x"}, 415),
    "packed": ({"content-encoding": "gzip"}, 415),
    "no token": ({"authorization": None}, 401),
    "an empty token": ({"authorization": "Bearer "}, 401),
    "a wrong token": ({"authorization": "Bearer third"}, 401),
    "another way": ({"authorization": "Basic Zmlyc3Q6"}, 401),
}


@pytest.mark.parametrize("case", OTHER_SITES)
def test_requests_of_others_are_refused(asked, client, case):
    said, status = OTHER_SITES[case]
    more = list(said.get("more", ()))
    drop = [name for name in said if name != "more"]
    headers = [(name, value) for name, value in said.items() if isinstance(value, str)] + more
    row = asked[0].waiting()[0].row
    before = n_events(asked[0])
    for path, content in (
        ("/api/answer", {"request": request(), "row": row, "label": "bug"}),
        ("/api/next", {"request": request()}),
        ("/api/undo", {"request": request()}),
    ):
        assert client.post(path, content, headers=headers, drop=drop).status == status
    if status != 415:
        assert client.get("/api/progress", headers=headers, drop=drop).status == status
    assert n_events(asked[0]) == before


def test_the_page_itself_may_be_reached_by_a_link(client):
    headers = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")]
    assert client.get("/", headers=headers).status in (200, 404)  # a link in a letter
    assert client.get("/api/progress", headers=headers).status == 403
    assert client.get("/", headers=[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]).status == 403
    public = "public.example"  # behind a proxy for TLS
    headers = [("host", public), ("origin", f"https://{public}"), ("sec-fetch-site", "same-origin")]
    assert client.get("/api/progress", headers=headers, drop=["host"]).status == 200
    headers[1] = ("origin", f"http://{public}")
    assert client.get("/api/progress", headers=headers, drop=["host"]).status == 403


LONG = "x" * 10_001
MALFORMED = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"{}",
    b'{"request": "short", "row": "R", "label": "bug"}',
    b'{"request": "request-1", "row": "R", "label": "bug", "other": 1}',
    b'{"request": "request-1", "row": "R", "row": "S", "label": "bug"}',
    b'{"request": "request-1", "row": "R", "label": NaN}',
    b'{"request": "request-1", "row": "R", "label": 1e999}',
    b'{"request": "request-1", "row": "R", "label": Infinity}',
    b'{"request": "request-1", "row": "R", "label": true}',
    b'{"request": "request-1", "row": "R", "label": null}',
    b'{"request": "request-1", "row": "R", "label": "bug", "skip": "both"}',
    b'{"request": "request-1", "row": "R"}',
    b'{"request": "request-1", "row": 7, "label": "bug"}',
    b'{"request": "request-1", "row": ["R"], "label": "bug"}',
    b'{"request": "request-1", "label": "bug"}',
    b'{"request": "../../../etc", "row": "R", "label": "bug"}',
    b'{"request": 12345678, "row": "R", "label": "bug"}',
    b'{"request": "request-1", "row": "R", "label": "bug", "seconds": -1}',
    b'{"request": "request-1", "row": "R", "label": "bug", "seconds": "1"}',
    b'{"request": "request-1", "row": "R", "label": "bug", "new_class": 1}',
    b'{"request": "request-1", "row": "R", "label": "half \\ud800"}',
    b'{"request": "request-1", "row": "R", "label": "nul \\u0000"}',
    b'{"request": "request-1", "row": "R", "label": ["bug", 3]}',
    b'{"request": "request-1", "row": "R", "label": {"a": "\\ud800"}}',
    b'{"request": "request-1", "row": "R", "label": ' + b"9" * 5000 + b"}",
    b'{"request": "request-1", "row": "R", "label": ' + b"9" * 30 + b"}",
    b'{"request": "request-1", "row": "R", "label": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"a": ' + b'{"a": ' * 13 + b"1" + b"}" * 14,
    json.dumps({"request": "request-1", "row": LONG, "label": "bug"}).encode(),
    json.dumps({"request": "request-1", "row": "R", "label": LONG}).encode(),
    json.dumps({"request": "request-1", "row": "R", "label": ["bug"] * 501}).encode(),
    '{"request": "request-1", "row": "R", "label": "bug"}'.encode("utf-16"),
    b"\xff\xfe",
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_requests_are_refused(asked, client, body):
    row = asked[0].waiting()[0].row
    before = n_events(asked[0])
    found = client.send("POST", "/api/answer", body.replace(b'"R"', json.dumps(row).encode()))
    assert found.status == 400 and found.json["code"] == "malformed", found.body
    assert n_events(asked[0]) == before


def test_a_row_that_does_not_exist_and_a_label_that_is_none(asked, client):
    before = n_events(asked[0])
    for row in ("nobody", "../tickets.csv", "' OR 1=1 --", "<img src=x onerror=alert(1)>"):
        found = client.post("/api/answer", {"request": request(), "row": row, "label": "bug"})
        assert (found.status, found.json["code"]) == (404, "unknown_row")
        assert client.get(f"/api/row?id={row}").status == 404
        assert client.get(f"/api/image?row={row}&field=image").status == 404
    row = asked[0].waiting()[0].row
    for label in ("nonsense", " ", "<img src=x>"):
        found = client.post("/api/answer", {"request": request(), "row": row, "label": label})
        assert (found.status, found.json["code"]) == (422, "refused")
    assert n_events(asked[0]) == before


def test_what_is_too_large_is_refused_before_it_is_read(asked, client):
    before = n_events(asked[0])
    big = b'{"request": "request-1", "note": "' + b"x" * 300_000 + b'"}'
    assert client.send("POST", "/api/note", big).status == 413
    assert client.send("POST", "/api/note", b"{}", headers=[("content-length", "300000000")]).status == 413
    assert client.send("POST", "/api/note", b"{}", headers=[("content-length", "-1")]).status == 413
    pieces = [b"x" * 100_000] * 1000  # without a length, and without an end
    assert client.send("POST", "/api/note", parts=pieces).status == 413
    assert client.send("POST", "/api/answer", parts=pieces).status == 413  # a mask may be larger, but not this
    assert client.get("/api/row?id=" + "x" * 3000).status == 413
    assert n_events(asked[0]) == before


PATHS = [
    "/project.toml",
    "/static/../project.toml",
    "/static/..%2f..%2fproject.toml",
    "/static/%2e%2e/app.py",
    "/static//etc/passwd",
    "/../../etc/passwd",
    "/static/",
    "/api/",
    "/api/next/",
    "/tickets.skal/journal.sqlite",
    "//api/next",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_but_the_own_files_is_readable(client, path):
    found = client.get(path)
    assert found.status == 404 and found.json["code"] == "no_such_page"


def test_other_methods_are_refused(client):
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        assert client.send(method, "/api/answer").status == 405
    assert client.get("/api/answer").status == 405
    assert client.post("/api/progress", {"request": request()}).status == 405
    assert client.get("/api/answers?offset=-1").status == 400
    assert client.get("/api/answers?limit=1000").status == 400
    assert client.get("/api/answers?limit=1&limit=2").status == 400
    assert client.get("/api/row?id=a&more=1").status == 400


def test_every_response_says_what_the_browser_may_do_with_it(client):
    answers = [client.get(path) for path in ("/api/progress", "/nothing", *static_files())]
    answers.append(client.get("/api/progress", drop=["host"]))
    for found in answers:
        policy = found.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["cross-origin-resource-policy"] == "same-origin"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in found.headers
    assert client.get("/api/progress").headers["cache-control"] == "no-store"


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["T0001", "bug"]),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=8), parts, max_size=4),
    max_leaves=12,
)
KEYS = ["request", "row", "label", "skip", "seconds", "note", "rows", "looked", "new_class", "clicks"]
POSTS = ["next", "answer", "undo", "correct", "note", "map/sample", "map/ask", "map/label"]


@pytest.fixture(scope="module")
def one_client(asked):
    return Client(made_desk(asked[0], ["first"]))


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(POSTS),
    content=st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=6) | ANYTHING,
    cut=st.integers(0, 200),
)
def test_no_request_is_answered_by_a_fault(one_client, path, content, cut):
    client = one_client
    if isinstance(content, dict) and cut % 2:
        content = {**content, "request": request()}
    body = json.dumps(content).encode()
    found = client.send("POST", f"/api/{path}", body if cut > 100 else body[: max(cut, 1)])
    assert found.status in (200, 400, 404, 409, 422), found.body
    assert found.status == 200 or set(found.json) - {"reason"} == {"error", "code"}


def test_a_large_request_is_read_beside_the_others(asked, client):
    """In a thread: reading it would make everybody wait."""
    sizes = []
    read = client.page.workers.read

    async def seen(work, *given):
        sizes.append(len(given[0]))
        return await read(work, *given)

    client.page.workers.read = seen
    rows_of_an_area = [f"{row:>030}" for row in range(2000)]
    answer = {"request": request(), "rows": rows_of_an_area, "label": "bug", "looked": 3}
    assert client.post("/api/map/label", answer).json["code"] == "unknown_row"
    assert len(sizes) == 1 and sizes[0] > 60_000
    assert client.post("/api/map/label", {**answer, "rows": rows_of_an_area[:3]}).json["code"] == "unknown_row"
    assert len(sizes) == 1
    shapes = [{"kind": "polygon", "class": "bug", "points": [[k, k] for k in range(5000)]}]
    wrong = {"request": request(), "row": asked[0].ids[0], "label": {"shapes": shapes}, "key": 1}
    assert client.post("/api/answer", wrong).json["code"] == "malformed" and len(sizes) == 2


def test_the_log_has_neither_labels_nor_content(asked, client, caplog):
    project, truth = asked
    caplog.set_level("INFO", "skal.label_page")
    row = client.post("/api/next", {"request": request()}).json["questions"][0]["row"]
    client.post("/api/answer", {"request": request(), "row": row, "label": truth[row], "note": "secret note"})
    client.get("/api/answers?search=secret")
    client.get(f"/api/row?id={row}")
    client.post("/api/undo", {"request": request()})
    client.desk = None
    client.page.desk.row = lambda *_: 1 / 0  # a fault whose message could say anything
    assert client.get(f"/api/row?id={row}").json["code"] == "fault"
    text = caplog.text
    assert "/api/answer 200" in text and "/api/row: ZeroDivisionError" in text
    for content in (row, truth[row], "secret", "division by zero", "first"):
        assert content not in text, content


def test_tokens_are_kept_as_hashes_alone(tmp_path):
    (tmp_path / "p.skal").mkdir()
    people = People(tmp_path / "p.skal")
    tokens = {name: people.add(name) for name in ("first", "second")}
    again = People(tmp_path / "p.skal")
    assert [again.name_of(token) for token in tokens.values()] == ["first", "second"]
    assert len(set(tokens.values())) == 2 and all(len(token) >= 43 for token in tokens.values())
    text = (tmp_path / "p.skal" / "people.json").read_text()
    assert not any(token in text for token in tokens.values())
    again.add("first")
    assert again.name_of(tokens["first"]) is None and again.name_of(tokens["second"]) == "second"
    assert again.name_of("") is None and again.name_of("\ud800") is None
    for name in ("", " ", "(data)"):
        with pytest.raises((ProjectError, ValueError)):
            again.add(name)
    (tmp_path / "p.skal" / "people.json").write_text("[")
    with pytest.raises(ProjectError, match=r"people\.json cannot be read"):
        People(tmp_path / "p.skal")


def test_the_token_of_this_machine_outlives_a_restart(asked):
    folder = asked[0].folder
    one, two = OnePerson(folder, "me"), OnePerson(folder, "me")
    assert one.token == two.token and one.name_of(one.token) == "me" and one.name_of("guess") is None
    client = Client(made_desk(asked[0], ["me"]), ["me"])
    client.page.people = one
    client.token = "none yet"
    session = client.get("/api/session").json
    client.token = session["token"]
    assert session["annotator"] == "me" and client.post("/api/next", {"request": request()}).status == 200


def test_answers_of_one_request_are_one_whatever_order_they_come_in(asked):
    """Eight clients send the same requests, each in an order of its own: every answer is there once."""
    project, truth = asked
    client = Client(made_desk(project, ["first"]))
    free = [row for row in project.ids if not project.read_answers().asked.get(row)][:8]
    before = n_events(project)
    sent = [{"request": request(), "row": row, "label": truth[row]} for row in free]
    rng = np.random.RandomState(0)
    for _ in range(4):
        for k in rng.permutation(len(sent)):
            assert client.post("/api/answer", sent[k]).status == 200
    with Project.open(project.folder) as again:
        for row in free:
            assert [one.label for one in again.history(row) if one.seq > before and one.label] == [truth[row]]
