"""What the labelling page costs: time to the first question, from key to next question, memory, answers a second.

While people answer, a model is trained whose fit keeps one core busy for `--fit` seconds: nobody may notice. Key to
next question is the request that carries the answer and brings the next question, as the server gives it; what the
browser adds is measured in tests/test_label_page_browser.py. The page itself does not wait for it: it holds the next
question already.

    python benchmarks/labeling_page.py first --asreview ENV/bin/asreview --repetitions 3
    python benchmarks/labeling_page.py keys --people 1 5 20 --answers 200
    python benchmarks/labeling_page.py large --rows 1000000
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from statistics import median

import httpx
import numpy as np
import pandas as pd
from _labeling_commands import versions
from _labeling_data import tickets
from _labeling_page_client import Page

_SLOW_MODEL = '''
import time
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


class Slow(LogisticRegression):
    """A logistic regression whose fit keeps one core busy for {seconds} seconds."""

    def fit(self, X, y, sample_weight=None):
        end = time.monotonic() + {seconds}
        while time.monotonic() < end:
            sum(range(10_000))
        return super().fit(X, y, sample_weight)


def text_of(frame):
    return frame["body"].astype(str)


def make_model():
    from sklearn.preprocessing import FunctionTransformer

    return make_pipeline(FunctionTransformer(text_of), HashingVectorizer(n_features=2**12), Slow())
'''


def written(folder, rows, labeled=60):
    """Write tickets, some of them labelled, and return the truth by id."""
    table, truth = tickets(rows, 0)
    known = set(truth.index[:: max(1, rows // labeled)][:labeled]) if labeled else set()
    table["label"] = [label if row in known else "" for row, label in truth.items()]
    table.to_csv(folder / "tickets.csv", index=False)
    return dict(truth)


def first_question(folder, *, new=True):
    """Seconds from the command to the first question, and to the first that a model chose; memory then."""
    if new:
        shutil.rmtree(folder / "tickets.skal", ignore_errors=True)
    found = {}
    with Page(folder, "tickets.csv", "--target", "label", "--id", "ticket_id") as page:
        person = page.person()
        while "chosen" not in found:
            asked = person.next()["questions"]
            if asked:
                found.setdefault("question", time.perf_counter() - page.started)
                if any(one["by"] == "strategy" for one in asked):
                    found["chosen"] = time.perf_counter() - page.started
                    break
                person.post("/api/answer", row=asked[0]["row"], skip="not sure", seconds=1.0)
            time.sleep(0.02)
        return {**found, "mb": sum(page.memory())}


def of_asreview(asreview, folder):
    """The same of ASReview: first page, first question; rows of one class are the relevant ones."""
    table = pd.read_csv(folder / "tickets.csv", dtype=str, keep_default_na=False)
    relevant = next(label for label in table["label"] if label)
    known = table["label"].map(lambda label: "" if not label else int(label == relevant))
    titled = pd.DataFrame({"title": table["ticket_id"], "abstract": table["body"], "included": known})
    titled.to_csv(folder / "titled.csv", index=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "ASREVIEW_LAB_PATH": str(folder / "asreview"), "HOME": str(folder)}
    started = time.perf_counter()
    command = [asreview, "lab", "--no-browser", "--port", str(port), "--skip-update-check"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
            while True:
                if process.poll() is not None:
                    raise SystemExit(f"{' '.join(command)} ended with {process.returncode}.")
                try:
                    client.get("/").raise_for_status()
                    break
                except httpx.TransportError:
                    time.sleep(0.02)
            found = {"page": time.perf_counter() - started}
            with open(folder / "titled.csv", "rb") as file:
                made = client.post(
                    "/api/projects/create", data={"mode": "oracle"}, files={"file": ("titled.csv", file, "text/csv")}
                ).raise_for_status()
            path = f"/api/projects/{made.json()['id']}"
            client.put(f"{path}/review", data={"status": "review", "trigger_model": "true"}).raise_for_status()
            while True:  # 400 while its own processes hold the database
                answer = client.get(f"{path}/get_record")
                if answer.status_code == 200 and answer.json()["result"] is not None:
                    break
                time.sleep(0.05)
            found["question"] = found["chosen"] = time.perf_counter() - started
        return {**found, "mb": sum(_peak(pid) for pid in _group(process.pid))}
    finally:
        os.killpg(process.pid, 9)
        process.wait()
        shutil.rmtree(folder / "asreview", ignore_errors=True)


def _group(leader):
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(path.name)) == leader:
                found.append(int(path.name))
        except ProcessLookupError:
            continue
    return found


def _peak(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmHWM")), 0.0)


def keys(folder, truth, n_people, n_answers, fit):
    """Seconds from an answer sent to the next question received, while a model is trained."""
    shutil.rmtree(folder / "tickets.skal", ignore_errors=True)
    (folder / "slow_model.py").write_text(_SLOW_MODEL.replace("{seconds}", str(fit)))
    names = [f"person{k}" for k in range(n_people)]
    options = ["--target", "label", "--id", "ticket_id", "--estimator", "slow_model.py:make_model"]
    with Page(folder, "tickets.csv", *options, people=names) as page:
        people = [page.person(place) for place in range(n_people)]
        waits, while_training, failures = [], [], []
        begun = time.perf_counter()

        def work(person):
            try:
                found = person.next()
                for _ in range(n_answers):
                    if not found["questions"]:
                        time.sleep(0.05)
                        found = person.next()
                        continue
                    row = found["questions"][0]["row"]
                    sent = time.perf_counter()
                    found = person.answer(row, truth[row])
                    waits.append(time.perf_counter() - sent)
                    while_training.append(found["progress"]["training"]["state"] == "running")
                    time.sleep(0.05)  # nobody presses keys faster than twenty times a second
            except Exception as error:
                failures.append(f"{type(error).__name__}: {error}")

        threads = [threading.Thread(target=work, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - begun
        if failures:
            raise SystemExit(failures[0])
        ms = 1000 * np.array(waits)
        busy = ms[np.array(while_training)]
        return {
            "people": n_people,
            "answers": len(ms),
            "while_training": len(busy),
            "p50": float(np.percentile(busy, 50)) if len(busy) else None,
            "p99": float(np.percentile(busy, 99)) if len(busy) else None,
            "all_p99": float(np.percentile(ms, 99)),
            "answers_a_second": len(ms) / took,
            "server_mb": page.memory()[0],
            "load": os.getloadavg()[0],
        }


def _spread(seconds):
    if None in seconds:
        return "-"
    return f"{median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f})"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="+", choices=["first", "keys", "large"])
    parser.add_argument("--rows", type=int, default=5000, help="of the tickets")
    parser.add_argument("--large-rows", type=int, default=1_000_000)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--people", type=int, nargs="+", default=[1, 5, 20])
    parser.add_argument("--answers", type=int, default=200, help="of each person")
    parser.add_argument("--fit", type=float, default=30.0, help="seconds")
    parser.add_argument("--asreview", help="path of its command, in an environment of its own")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args(arguments)
    result = {"versions": versions()}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        truth = written(folder, chosen.rows)
        if "first" in chosen.parts:
            found = {"skal": [], "ASReview": []}
            for _ in range(chosen.repetitions):  # in turn: what else the machine does meets both
                found["skal"].append(first_question(folder))
                if chosen.asreview:
                    found["ASReview"].append(of_asreview(chosen.asreview, folder))
            result["first"] = found
            print(
                "| s from the command: median (range) | first page | first question | first chosen by a model | MB |"
            )
            print("|---|--:|--:|--:|--:|")
            for name, runs in found.items():
                if runs:
                    parts = [_spread([run.get(part) for run in runs]) for part in ("page", "question", "chosen")]
                    print(f"| {name} | {' | '.join(parts)} | {max(run['mb'] for run in runs):.0f} |")
        if "keys" in chosen.parts:
            result["keys"] = []
            print("\n| people | answers | during a fit | p50 ms | p99 ms | answers a second | server MB | load |")
            print("|--:|--:|--:|--:|--:|--:|--:|--:|")
            for n_people in chosen.people:
                found = keys(folder, truth, n_people, chosen.answers, chosen.fit)
                result["keys"].append(found)
                p50, p99 = ("-" if found[p] is None else f"{found[p]:.0f}" for p in ("p50", "p99"))
                print(
                    f"| {n_people} | {found['answers']} | {found['while_training']} | {p50} | {p99} "
                    f"| {found['answers_a_second']:.0f} | {found['server_mb']:.0f} | {found['load']:.1f} |",
                    flush=True,
                )
        if "large" in chosen.parts:
            written(folder, chosen.large_rows)
            found = [first_question(folder, new=k == 0) for k in range(chosen.repetitions + 1)]
            result["large"] = {"rows": chosen.large_rows, "made": found[0], "opened": found[1:]}
            again = _spread([run["question"] for run in found[1:]])
            print(
                f"\n{chosen.large_rows} rows, first question: {found[0]['question']:.1f} s when made, then {again} s."
            )
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
