"""The labelling page as a benchmark sees it: a server of its own, and people who answer by requests."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

LINK = re.compile(r"(http://\S+?:(\d+)/)(?:#token=(\S+))?")


class Page:
    """A running `skal label`.

    Parameters
    ----------
    folder : Path
        Where it runs.
    arguments : sequence
        After ``skal label``.
    people : sequence of str, default=()
        Annotators with links of their own; none: the one person of this machine.
    port : int, default=0
        0: any that is free.
    tokens : sequence of str, default=()
        Of the links that the people have already; a server that starts again prints none.
    """

    def __init__(self, folder, *arguments, people=(), port=0, tokens=()):
        self.started = time.perf_counter()
        command = [sys.executable, "-m", "skal.cli", "label", *map(str, arguments), "--no-browser"]
        command += ["--port", str(port), *(part for name in people for part in ("--annotator", name))]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.lines, self.tokens, self.port = [], list(tokens), None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if found := LINK.search(line):
                self.port = int(found[2])
                self.tokens += [found[3]] if found[3] else []
                if len(self.tokens) >= len(people):
                    break
        if self.port is None:
            raise SystemExit("\n".join(["skal label did not start:", *self.lines]))
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def person(self, place=0):
        """Return a person with a session."""
        return Person(self.port, self.tokens[place] if self.tokens else None)

    def trainers(self):
        """Return the process ids of the children of the server."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return [int(number) for number in path.read_text().split()]
        except OSError:
            return []

    def memory(self):
        """Return the peak memory of the server and of its children, in MB."""
        found = []
        for pid in (self.process.pid, *self.trainers()):
            try:
                text = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            peak = re.search(r"VmHWM:\s+(\d+) kB", text)
            found.append(int(peak[1]) / 1e3 if peak else 0.0)
        return found

    def kill(self, *, trainer=False):
        """End the server, or only its trainer, without a word (SIGKILL)."""
        for pid in self.trainers() if trainer else [self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not trainer:
            self.process.wait()

    def close(self):
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()


class Person:
    """Somebody who answers over one connection."""

    def __init__(self, port, token=None):
        self.port, self.token, self.connection = port, token, None
        found = self.get("/api/session")
        self.token, self.session = found["token"] or token, found

    def get(self, path):
        """Return what the server says, or raise `Refused`."""
        return self._sent("GET", path, None)

    def post(self, path, **body):
        """Send; a request id is made where none is given."""
        return self._sent("POST", path, {"request": str(uuid.uuid4()), **body})

    def next(self):
        """Return questions and what goes with them."""
        return self.post("/api/next")

    def answer(self, row, label, **more):
        """Answer a question."""
        return self.post("/api/answer", row=row, label=label, seconds=1.0, **more)

    def _sent(self, method, path, body):
        headers = {"Host": f"127.0.0.1:{self.port}"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers |= {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{self.port}"}
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        if answer.status >= 400:
            raise Refused(answer.status, text.decode("utf-8", "replace"))
        return json.loads(text)


class Refused(Exception):
    """The server said no.

    Attributes
    ----------
    status : int
        Of HTTP.
    """

    def __init__(self, status, text):
        super().__init__(f"{status}: {text[:300]}")
        self.status = status


def host_of(url):
    """Return host and port of a link."""
    parts = urlsplit(url)
    return parts.hostname, parts.port
