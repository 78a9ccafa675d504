"""The labelling page as a person meets it: the command in a process of its own, and a browser before it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from skal.label_page import write_rows
from skal.labeling import Project

ROW = "document.getElementById('main').dataset.row"
KEPT = """() => new Promise((done) => {
    const opened = indexedDB.open("skal", 1);
    opened.onsuccess = () => {
        const count = opened.result.transaction("outbox").objectStore("outbox").count();
        count.onsuccess = () => { opened.result.close(); done(count.result); };
    };
})"""


class Server:
    """``skal label`` on some data, ended with the block."""

    def __init__(self, data, *options):
        self.data = data
        self.options = [str(option) for option in options]
        self.port = 0
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.end(signal.SIGINT)

    def start(self):
        """Start it, on the port it had before."""
        command = [
            sys.executable,
            "-m",
            "skal.cli",
            "label",
            str(self.data),
            "--port",
            str(self.port),
            "--no-browser",
        ]
        self.process = subprocess.Popen(
            [*command, *self.options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"},
        )
        self.url = self.line(r"(http://\S+/)(?=\s|$)")
        self.port = int(re.search(r":(\d+)/", self.url)[1])

    def line(self, pattern):
        """Read what it prints until a line fits, and return the group."""
        said = []
        for line in self.process.stdout:
            said.append(line)
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError("".join(said))

    def end(self, how):
        """End it by a signal and wait."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()


def ready(data, n_questions=20, **settings):
    """Make the project of some data with questions that wait, so that the command begins without a training."""
    with Project.create(data.with_suffix(".skal"), data, **settings) as project:
        project.ask(n_questions)
        write_rows(project.folder, project.data_rows.stamp, project.data_rows.rows.shown, project.settings.target)


NO_TRAINING = ("--ahead", "0")


class Person:
    """A tab of a browser."""

    def __init__(self, context, url):
        self.tab = context.new_page()
        self.tab.set_default_timeout(60_000)
        self.errors = []
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("dialog", lambda dialog: self.errors.append(dialog.message))
        self.open(url)

    def open(self, url):
        self.tab.goto(url)
        self.wait("Boolean({row})")

    @property
    def row(self):
        return self.tab.evaluate(ROW)

    def wait(self, condition, argument=None):
        self.tab.wait_for_function(f"was => {condition.replace('{row}', ROW)}", arg=argument, timeout=60_000)

    def press(self, *keys):
        """Press keys, each at the next question; return the rows that were on the screen."""
        rows = []
        for key in keys:
            rows.append(self.row)
            self.tab.keyboard.press(key)
            self.wait("{row} && {row} !== was", rows[-1])
        return rows

    def all_kept(self):
        """Wait until nothing waits in the browser."""
        deadline = time.monotonic() + 60
        while self.tab.evaluate(KEPT):
            assert time.monotonic() < deadline, "answers wait in the browser"
            time.sleep(0.05)


@contextmanager
def chromium():
    """A browser, or a skip with the reason."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")
    pytest.importorskip("uvicorn", reason='needs uvicorn (pip install "skal[label]")')
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("needs chromium (apt-get install chromium)")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield opened
        finally:
            opened.close()
