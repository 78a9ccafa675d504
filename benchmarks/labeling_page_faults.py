"""The labelling page under attack: kills of server and trainer, a full disk, and requests that no page would send.

An answer counts as acknowledged when the client has read the server's reply. After the last kill the journal is read:
each acknowledged answer must be there, once, and with its label. An answer that was sent and not acknowledged is sent
again with the same request id, as the page does.

    python benchmarks/labeling_page_faults.py kills --kills 1000
    python benchmarks/labeling_page_faults.py hostile --requests 10000
    python benchmarks/labeling_page_faults.py disk
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from pathlib import Path

from _labeling_page_client import Page, Person, Refused
from labeling_page import written

from skal.labeling import Project

_OPTIONS = ("tickets.csv", "--target", "label", "--id", "ticket_id")


def kills(folder, truth, n_kills, minutes, seed=0):
    """Kill server and trainer while three clients answer; return what became of the answers."""
    rng = random.Random(seed)
    port, names = _free_port(), ["first", "second", "third"]
    state = {"page": Page(folder, *_OPTIONS, people=names, port=port), "over": False}
    tokens = list(state["page"].tokens)
    acknowledged: list[tuple[str, str, str]] = []
    again = Counter()

    def client(name, token):
        while not state["over"]:
            try:
                person = Person(port, token)
                found = person.next()
                while not state["over"]:
                    if not found["questions"]:
                        time.sleep(0.02)
                        found = person.next()
                        continue
                    row = found["questions"][0]["row"]
                    found = _kept(port, token, row, truth[row], again, state)
                    if found is None:
                        break
                    acknowledged.append((name, row, truth[row]))
            except (OSError, http.client.HTTPException, Refused):
                time.sleep(0.02)

    threads = [threading.Thread(target=client, args=pair) for pair in zip(names, tokens, strict=True)]
    for thread in threads:
        thread.start()
    done = Counter()
    end = time.monotonic() + 60 * minutes
    while sum(done.values()) < n_kills and time.monotonic() < end:
        if rng.random() < 0.8:  # else it may be killed while it starts
            _wait_for_more_than(len(acknowledged), acknowledged)
        time.sleep(rng.uniform(0.0, 0.4))
        trainer = rng.random() < 0.3 and _has_trainer(state["page"])
        state["page"].kill(trainer=trainer)
        done["trainer" if trainer else "server"] += 1
        if not trainer:
            state["page"] = Page(folder, *_OPTIONS, people=names, port=port, tokens=tokens)
        if sum(done.values()) % 50 == 0:
            print(dict(done), len(acknowledged), file=sys.stderr, flush=True)
    time.sleep(2)
    state["over"] = True
    for thread in threads:
        thread.join()
    state["page"].close()
    with Project.open(folder / "tickets.skal") as project:
        events = [event for row in project.answers() for event in project.history(row) if event.kind == "label"]
        held = project.answers()
    given = Counter((event.annotator, event.row) for event in events)
    lost = [one for one in acknowledged if held.get(one[1], {}).get(one[0]) != one[2]]
    return {
        "kills": dict(done),
        "acknowledged": len(acknowledged),
        "present": sum(count for count in given.values()),
        "lost": len(lost),
        "doubled": sum(count > 1 for count in given.values()),
        "sent again": again["again"],
        "rows of two people": sum(len([who for who in answers if who in names]) > 1 for answers in held.values()),
    }


def _has_trainer(page):
    end = time.monotonic() + 5
    while not page.trainers() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(page.trainers())


def _wait_for_more_than(n, acknowledged):
    end = time.monotonic() + 20
    while len(acknowledged) <= n and time.monotonic() < end:
        time.sleep(0.002)


def _kept(port, token, row, label, again, state):
    """Send an answer until it is acknowledged, always with the same id."""
    request = str(uuid.uuid4())
    first = True
    while not state["over"]:
        try:
            again["again"] += not first
            first = False
            return Person(port, token).post("/api/answer", request=request, row=row, label=label, seconds=1.0)
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
        except Refused as error:
            if error.status < 500:
                raise
            time.sleep(0.02)
    return None


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def hostile(folder, truth, n_requests, seed=0):
    """Send what no page sends; return what the server said, and whether anything was stored."""
    rng = random.Random(seed)
    said = Counter()
    with Page(folder, *_OPTIONS, people=["first", "second"]) as page:
        person = page.person()
        found = person.next()
        while not found["questions"]:
            time.sleep(0.05)
            found = person.next()
        question = found["questions"][0]["row"]
        request = str(uuid.uuid4())
        person.post("/api/answer", request=request, row=question, label=truth[question], seconds=1.0)
        before = _answers(folder)
        slow = [socket.create_connection(("127.0.0.1", page.port)) for _ in range(50)]
        for one in slow:
            one.sendall(b"POST /api/answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{")
        open_row = person.next()["questions"][0]["row"]
        for _ in range(n_requests):
            name = rng.choice(sorted(_ATTACKS))
            status = _ATTACKS[name](rng, page.port, person.token, open_row, truth[open_row], request, question)
            said[name, status] += 1
        for one in slow:
            one.close()
        after = _answers(folder)
        alive = person.next()["questions"][0]["row"] == open_row
    return {
        "requests": n_requests,
        "by kind": {f"{name}: {status}": count for (name, status), count in sorted(said.items(), key=str)},
        "stored": len(after) - len(before),
        "changed": sum(after.get(key) != value for key, value in before.items()),
        "server alive": alive,
    }


def _answers(folder):
    with Project.open(folder / "tickets.skal") as project:
        return {(row, who): label for row, given in project.answers().items() for who, label in given.items()}


def _raw(port, method, path, body=b"", **headers):
    """Send bytes as they are, and return the status, or what happened instead."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {"Host": f"127.0.0.1:{port}", "Content-Length": str(len(body)), **headers}
        for name, value in sent.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders(body)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    finally:
        connection.close()


def _body(row, label, **more):
    return json.dumps({"request": str(uuid.uuid4()), "row": row, "label": label, "seconds": 1.0, **more}).encode()


def _good(port, token):
    return {
        "Authorization": f"Bearer {token}",
        "Content_Type": "application/json",
        "Origin": f"http://127.0.0.1:{port}",
    }


def _no_token(rng, port, token, row, label, request, old):
    wrong = rng.choice(["", "Bearer", "Bearer x", f"Bearer {token[:-1]}", f"Basic {token}", f"Bearer {token}x"])
    headers = {**_good(port, token), "Authorization": wrong}
    return _raw(port, "POST", "/api/answer", _body(row, label), **headers)


def _other_host(rng, port, token, row, label, request, old):
    host = rng.choice(["evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "", "[::1]x", "0.0.0.0"])
    return _raw(port, "POST", "/api/answer", _body(row, label), **{**_good(port, token), "Host": host})


def _other_origin(rng, port, token, row, label, request, old):
    origin = rng.choice(["http://evil.example", "null", f"https://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"])
    return _raw(port, "POST", "/api/answer", _body(row, label), **{**_good(port, token), "Origin": origin})


def _form(rng, port, token, row, label, request, old):
    kind = rng.choice(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
    return _raw(port, "POST", "/api/answer", _body(row, label), **{**_good(port, token), "Content_Type": kind})


def _malformed(rng, port, token, row, label, request, old):
    whole = _body(row, label)
    wrong = [
        whole[: rng.randrange(len(whole))],
        bytes(rng.randrange(256) for _ in range(50)),
        b"[" * 5000,
        b'{"a":' * 3000,
        b"null",
        b"[]",
        b"1e999",
        json.dumps({"request": "x", "row": row, "label": label}).encode(),
        _body(row, label, unknown=1),
        _body(row, {"a": 1}),
        _body(row, None),
        _body(7, label),
        _body(row, label, seconds="long"),
        _body(row, label, seconds=-5),
        _body("no such row", label),
        _body(row, "no such class"),
        _body("x" * 5000, label),
    ]
    return _raw(port, "POST", "/api/answer", rng.choice(wrong), **_good(port, token))


def _oversized(rng, port, token, row, label, request, old):
    body = _body(row, label, note="x" * rng.choice([300_000, 2_000_000]))
    return _raw(port, "POST", "/api/answer", body, **_good(port, token))


def _replayed(rng, port, token, row, label, request, old):
    body = json.dumps({"request": request, "row": old, "label": label, "seconds": 1.0}).encode()
    return _raw(port, "POST", "/api/answer", body, **_good(port, token))


def _file(rng, port, token, row, label, request, old):
    path = rng.choice(
        [
            "/../project.toml",
            "/static/../../project.toml",
            "/static/%2e%2e/%2e%2e/app.py",
            "/static//etc/passwd",
            "/journal.sqlite",
            "/api/image?row=../../etc/passwd&field=file",
            "/api/image?row=" + "x" * 3000,
            "/api/row?id=%00",
            "/static/index.html%00.js",
            "/.git/config",
        ]
    )
    return _raw(port, "GET", path, **_good(port, token))


def _other_method(rng, port, token, row, label, request, old):
    method = rng.choice(["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "GET", "HEAD"])
    return _raw(port, method, "/api/answer", _body(row, label), **_good(port, token))


_ATTACKS = {
    "no or a wrong token": _no_token,
    "another host": _other_host,
    "another origin": _other_origin,
    "a form": _form,
    "malformed": _malformed,
    "oversized": _oversized,
    "replayed": _replayed,
    "a file": _file,
    "another method": _other_method,
}


def disk(folder, truth):
    """Label until no file may grow any more, and go on when there is room again."""
    limit = 3_000_000  # bytes: no file of the server may grow beyond

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    code = (
        "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "from skal.cli import main; sys.argv[0] = 'skal'; main()"
    )
    port = _free_port()
    command = [sys.executable, "-c", code, "label", *_OPTIONS, "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limited
    )
    kept, refused = [], Counter()
    try:
        person = _patient(port)
        found = person.next()
        while sum(refused.values()) < 20:
            if not found["questions"]:
                time.sleep(0.05)
                found = person.next()
                continue
            row = found["questions"][0]["row"]
            try:
                found = person.answer(row, truth[row], note="x" * 20_000)
                kept.append((row, truth[row]))
            except Refused as error:
                refused[error.status] += 1
        alive = process.poll() is None
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        row = found["questions"][0]["row"]
        found = person.answer(row, truth[row])
        kept.append((row, truth[row]))
    finally:
        process.terminate()
        process.wait()
    present = {row: label for (row, _), label in _answers(folder).items()}
    return {
        "acknowledged": len(kept),
        "refused": dict(refused),
        "alive on a full disk": alive,
        "lost": sum(present.get(row) != label for row, label in kept),
    }


def _patient(port):
    for _ in range(600):
        try:
            return Person(port)
        except OSError:
            time.sleep(0.1)
    raise SystemExit("skal label did not start.")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="+", choices=["kills", "hostile", "disk"])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=60.0, help="of kills, at most")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    result = {}
    for part in chosen.parts:
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            truth = written(folder, chosen.rows)
            if part == "kills":
                result[part] = kills(folder, truth, chosen.kills, chosen.minutes)
            elif part == "hostile":
                result[part] = hostile(folder, truth, chosen.requests)
            else:
                result[part] = disk(folder, truth)
            print(json.dumps({part: result[part]}, indent=1), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
