"""The server and its trainer as processes: what is printed, what ends when, and that labelling goes on."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pytest
from made_label_page import made_project, request, rows
from made_labeling import lines, skal

from skal.label_page import Patience, Supervisor, write_rows
from skal.labeling import Project

ROOT = Path(__file__).parents[1]


class Served:
    """A page that runs in a process of its own."""

    def __init__(self, data, *options, code=None):
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests"), str(Path(data).parent)])
        environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "skal.cli"]
        command += ["label", str(data), "--port", "0", "--no-browser", *options]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(command, env=environment, **pipes)
        self.address = self.process.stdout.readline().strip()
        self.token = None

    def call(self, path, content=None, **headers):
        data = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", **headers}
        with urllib.request.urlopen(
            urllib.request.Request(self.address.rstrip("/") + path, data, headers), timeout=60
        ) as got:
            return json.loads(got.read())

    def enter(self):
        self.token = self.call("/api/session")["token"]
        return self.call("/api/next", {"request": request()})

    def trainers(self):
        """Ids of the processes of this server's trainer."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                about = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(about[1]) == self.process.pid and about[0] != "Z":
                found.append(int(entry.name))
        return found

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=120)
        return out, err


@contextmanager
def served(data, *options, code=None):
    server = Served(data, *options, code=code)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.process.communicate()


def refused(data, *options):
    """What a command says that ends at once; one that serves the page in spite of it is ended."""
    with served(data, *options) as server:
        assert server.address == "", "the page is served"
        said = server.process.communicate(timeout=120)[1]
    assert server.process.returncode == 2, said
    return " ".join(said.split())


def until(condition, seconds=120, told=()):
    """Wait for what is bound to happen."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not happen: {told[-3:]}")


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")

FAILING = """
import os
from sklearn.linear_model import LogisticRegression

class Model(LogisticRegression):
    def fit(self, X, y, sample_weight=None):
        what = open(os.environ["SKAL_TEST_MODE"]).read()
        if what == "fail":
            raise RuntimeError("no model today")
        if what == "memory":
            raise MemoryError
        if what == "kill":
            os.kill(os.getpid(), 9)
        if what == "hang":
            os.kill(os.getpid(), 19)
        return super().fit(X[list("abc")], y)

    def predict(self, X):
        return super().predict(X[list("abc")])

    def predict_proba(self, X):
        return super().predict_proba(X[list("abc")])
"""


@needs_proc
def test_labelling_goes_on_whatever_becomes_of_the_trainer(tmp_path, monkeypatch):
    """One server: the model fails, runs out of memory, is killed, hangs, and at last is trained."""
    (tmp_path / "fragile.py").write_text(FAILING)
    mode = tmp_path / "mode"
    monkeypatch.setenv("SKAL_TEST_MODE", str(mode))
    monkeypatch.syspath_prepend(str(tmp_path))
    from made_labeling import numbers

    truth = numbers(tmp_path / "data.csv", 300, n_labeled=30)
    said = {"estimator": "fragile:Model", "strategy": "margin_sampling", "id": "row_id"}
    project = Project.create(tmp_path / "data.skal", tmp_path / "data.csv", **said)
    write_rows(project.folder, project.data_rows.stamp, project.data_rows.rows.shown, "label")
    project.close()
    # The waits between two tries are those of the server, made short.
    code = (
        "import skal.label_page.supervisor as s; P = s.Patience;"
        "import skal.label_page as p;"
        "p.Patience = lambda work: P(silence=8, work=600, again=0.4, again_at_most=0.8);"
        "from skal.cli import main; main()"
    )
    mode.write_text("fail")
    with served(tmp_path / "data.csv", code=code) as server:
        found = server.enter()
        expected = {
            "fail": "no model today",
            "memory": "out of memory",
            "kill": "signal 9",
            "hang": "no sign of life",
        }
        for what, words in expected.items():
            mode.write_text(what)
            told = []

            def is_told(words=words, told=told):
                told.append(server.call("/api/progress")["training"])
                return words in (told[-1]["message"] or "")  # which stays while it is tried again

            until(is_told, told=told)
            for _ in range(3):
                question = found["questions"][0]
                said = {"request": request(), "row": question["row"], "label": truth[question["row"]]}
                found = server.call("/api/answer", said)
                assert found["taken"]["kind"] == "new" and len(found["questions"]) == 2
                assert found["questions"][0]["by"] == "reserve" and found["state"] == "asking"
        mode.write_text("well")
        until(lambda: server.call("/api/progress")["left_in_round"] > 0)
        # The questions are in the journal a moment before the trainer says so.
        told = []

        def is_idle():
            told.append(server.call("/api/progress")["training"])
            return told[-1]["state"] == "idle"

        until(is_idle, told=told)
        training = told[-1]
        assert training["message"] is None and training["took"] > 0
        assert json.loads((project.folder / "training.json").read_text())["took"] == training["took"]
        trainer = until(server.trainers)[0]
        assert os.getpriority(os.PRIO_PROCESS, trainer) == min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)
        os.kill(trainer, signal.SIGKILL)
        assert server.call("/api/next", {"request": request()})["state"] == "asking"
        out, err = server.end()
    assert server.process.returncode == 0 and "Traceback" not in err
    assert not any(is_alive(pid) for pid in [trainer])


@needs_proc
def test_a_killed_server_takes_its_trainer_with_it_and_the_next_goes_on(tmp_path):
    project, truth = made_project(tmp_path, 40)
    write_rows(project.folder, project.data_rows.stamp, project.data_rows.rows.shown, "label")
    project.ask(10)
    project.close()
    data = tmp_path / "tickets.csv"
    with served(data, "--ahead", "10") as server:
        row, following = rows(server.enter())
        token = server.token
        said = {"request": request(), "row": row, "label": truth[row]}
        assert server.call("/api/answer", said)["taken"]["kind"] == "new"
        trainer = until(server.trainers)[0]
        server.process.kill()
        server.process.wait()
        until(lambda: not is_alive(trainer))
    with served(data, "--ahead", "0") as server:
        found = server.enter()
        assert rows(found)[0] == following and server.token == token  # an open page goes on
        assert server.call("/api/answer", said)["taken"]["kind"] == "repeated"
        server.end(signal.SIGTERM)
        assert server.process.returncode == 0
    with Project.open(project.folder) as again:
        assert [event.label for event in again.history(row) if event.label] == [truth[row]]


def test_people_get_links_and_the_page_is_theirs_alone(tmp_path):
    project, _ = made_project(tmp_path, 40)
    write_rows(project.folder, project.data_rows.stamp, project.data_rows.rows.shown, "label")
    project.ask(10)
    project.close()
    data = tmp_path / "tickets.csv"
    with served(data, "--annotator", "first", "--annotator", "second", "--ahead", "0") as server:
        links = dict(server.process.stdout.readline().strip().split(": ", 1) for _ in range(2))
        assert set(links) == {"first", "second"}
        with pytest.raises(urllib.error.HTTPError) as caught:
            server.call("/api/session")
        assert caught.value.code == 401
        held = {}
        for name, link in links.items():
            assert link.startswith(server.address)
            server.token = link.partition("#token=")[2]
            assert server.call("/api/session")["annotator"] == name
            held[name] = set(rows(server.call("/api/next", {"request": request()})))
        assert len(held["first"] | held["second"]) == 4
        # One who sends nothing, one who sends slowly, and one who never reads stop nobody.
        port = int(server.address.rstrip("/").rpartition(":")[2])
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(450)]
        for k, one in enumerate(slow):
            with suppress(OSError):  # those that are too many are closed
                one.sendall(b"POST /api/answer HTTP/1.1\r\nHost: 127.0" if k % 2 else b"G")
        assert server.call("/api/progress")["n_rows"] == 40
        files = Path(f"/proc/{server.process.pid}/fd")
        assert not files.exists() or len(list(files.iterdir())) < 430
        for one in slow:
            one.close()
        server.end()
    public = {"Host": "label.example.org", "Origin": "https://label.example.org"}  # as a reverse proxy hands them on
    people = ("--annotator", "first", "--annotator", "third", "--ahead", "0")
    with served(data, *people, "--port", str(port), "--public-name", f"https://{public['Host']}") as server:
        assert server.address == "https://label.example.org/"
        server.address = f"http://127.0.0.1:{port}"
        server.token = links["first"].partition("#token=")[2]
        assert server.call("/api/session", **public)["annotator"] == "first"
        assert "first has a link already" in server.process.stdout.readline()
        assert server.process.stdout.readline().startswith("third: https://label.example.org/#token=")


def test_what_cannot_be_served_is_told_in_one_line(tmp_path):
    project, _ = made_project(tmp_path, 12)
    project.close()
    data = tmp_path / "tickets.csv"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = skal("label", data, "--no-browser", "--port", taken.getsockname()[1], code=2)
        assert "is in use" in said and "--port 0" in said
    assert "needs to know them" in skal("label", data, "--no-browser", "--host", "0.0.0.0", code=2)
    assert "--as is for one" in skal("label", data, "--as", "me", "--annotator", "first", code=2)
    assert "--language is en or de" in skal("label", data, "--language", "fr", code=2)
    assert "overlap must be a share" in skal("label", data, "--overlap", "2", code=2)
    said = refused(data, "--new-link", "frist")
    assert "--new-link frist: nobody of this name has a link" in said


def test_a_project_has_one_page_and_a_killed_one_does_not_count(tmp_path):
    project, truth = made_project(tmp_path, 120)
    write_rows(project.folder, project.data_rows.stamp, project.data_rows.rows.shown, "label")
    project.ask(4)
    project.close()
    data, sheet = tmp_path / "tickets.csv", tmp_path / "sheet.csv"
    with served(data, "--ahead", "0") as server:
        said = refused(data, "--classes", "other")
        assert f"tickets.skal is open on the page {server.address} already" in said and "Ctrl-C" in said
        skal("next", data, "-n", "2", "--out", sheet)  # sheets go on beside it
        asked = [{**row, "label": truth[row["ticket_id"]]} for row in lines(sheet)]
        pd.DataFrame(asked).to_csv(sheet, index=False)
        assert "2 answers taken" in skal("take", data, sheet)
        assert server.enter()["questions"]
        server.process.kill()
        server.process.wait()
    assert (project.folder / "page.address").read_text() == server.address
    with served(data, "--ahead", "0") as server:
        assert server.enter()["questions"]
        server.end()
    assert not (project.folder / "page.address").exists()
    with Project.open(project.folder) as again:
        assert again.classes == ["bug", "question", "refund"]


def test_a_page_without_a_class_to_choose_is_refused(tmp_path):
    project, _ = made_project(tmp_path, 12, classes=())
    write_rows(project.folder, project.data_rows.stamp, project.data_rows.rows.shown, "label")
    project.ask(4)
    project.close()
    data = tmp_path / "tickets.csv"
    said = refused(data)
    assert "tickets.csv has no labels and no class was named" in said
    assert "--classes a,b" in said and "--new-classes" in said
    (tmp_path / "one").mkdir()
    one, _ = made_project(tmp_path / "one", 12, classes=["bug"])
    write_rows(one.folder, one.data_rows.stamp, one.data_rows.rows.shown, "label")
    one.close()
    said = refused(one.data_path)
    assert "has one class, 'bug'" in said and "--classes a,b" in said and "--new-classes" in said
    with served(data, "--new-classes", "--ahead", "0") as server:
        assert server.enter()["questions"]
        server.process.send_signal(signal.SIGINT)
        assert server.process.stdout.read().splitlines()[-1] == "Stop with Ctrl-C; answers are kept."


def test_without_the_extra_it_is_named(tmp_path):
    code = (
        "import sys; sys.modules['uvicorn'] = None; sys.argv = ['skal', 'label', 'x.csv'];"
        "from skal.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=_environment())
    assert done.returncode == 2 and 'pip install "skal[label]"' in done.stderr


def test_the_server_loads_nothing_that_trains():
    code = (
        "import sys, skal.label_page.server, skal.cli.page;"
        "first = ('numpy', 'starlette', 'uvicorn');"  # the trainer of a new project is started before these
        "print([name for name in first if name in sys.modules]);"
        "import skal.label_page._serving;"
        "heavy = ('torch', 'sklearn', 'scipy', 'pandas', 'matplotlib');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=_environment(), check=True
    )
    assert done.stdout.split() == ["[]", "[]"]


def _environment():
    return {**os.environ, "PYTHONPATH": str(ROOT)}


TRAINER = """
import json, os, sys, time
def say(**message):
    print(json.dumps(message), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    what = task.get("what")
    if what == "garbage":
        print("what a library prints", flush=True)
    if what == "stop":
        os.kill(os.getpid(), 19)
    if what == "leave":
        sys.exit(3)
    if what == "work":
        while True:
            say(said="beat"); time.sleep(0.05)
    say(said={"open": "open", "choose": "chosen", "map": "map"}[task["do"]], took=0.5, folder="", notes=[])
"""


def supervised(tasks, patience):
    """Tell a made trainer what to do, one task after the other, and return what was heard and known after each."""

    async def run():
        messages = asyncio.Queue()
        command = [sys.executable, "-c", TRAINER]
        supervisor = Supervisor({}, messages.put_nowait, patience, command=command)
        found = []
        for name, what in tasks:
            while not supervisor.is_free:
                await asyncio.sleep(0.01)
            await supervisor.tell(name, what=what)
            message = await messages.get()
            while message["said"] == "open" and name != "open":
                message = await messages.get()
            found.append((message["said"], supervisor.training.state, supervisor.training.message))
        pid = supervisor.pid
        await supervisor.stop()
        return found, pid

    return asyncio.run(run())


def test_a_trainer_is_started_again_after_every_kind_of_end():
    patience = Patience(silence=3.0, work=5.0, again=0.01, again_at_most=0.02)
    tasks = [("choose", "well"), ("choose", "leave"), ("map", "well"), ("choose", "stop"), ("choose", "work")]
    tasks += [("choose", "garbage"), ("map", "leave"), ("choose", "well")]
    found, pid = supervised(tasks, patience)
    said = [one[0] for one in found]
    assert said == ["chosen", "stopped", "map", "stopped", "stopped", "stopped", "no_map", "chosen"]
    states = [one[1] for one in found]
    assert states == ["idle", "failed", "failed", "hanging", "hanging", "failed", "failed", "idle"]
    assert "exit code 3" in found[1][2] and "no sign of life" in found[3][2] and "hung" in found[4][2]
    assert found[-1][2] is None and pid is not None
    assert not is_alive(pid)


def test_each_further_try_waits_longer():
    async def run():
        supervisor = Supervisor({}, lambda message: None, Patience(again=0.2, again_at_most=0.5), command=["false"])
        waits = []
        for _ in range(3):
            started = time.monotonic()
            await supervisor.tell("choose")
            while supervisor.training.state == "running":
                await asyncio.sleep(0.01)
            while not supervisor.is_free:
                await asyncio.sleep(0.01)
            waits.append(time.monotonic() - started)
        await supervisor.stop()
        return waits

    waits = asyncio.run(run())
    assert waits[0] >= 0.2 and waits[1] >= 0.4 and waits[2] >= 0.5


def test_threads_of_a_page_end(tmp_path):
    before = threading.active_count()
    supervised([("choose", "well")], Patience())
    assert threading.active_count() <= before + 1  # that of asyncio which waits for children
