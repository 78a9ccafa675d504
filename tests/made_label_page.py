"""Made projects for the labelling page, and people who answer."""

import asyncio
import itertools
import json
from concurrent.futures import Executor, Future

from made_labeling import tickets

from skal.label_page import Desk, DeskOptions, Fields, LabelPage
from skal.labeling import Project

CLASSES = ["bug", "question", "refund"]
_numbers = itertools.count()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def request():
    """Return the name of a new request."""
    return f"request-{next(_numbers):06d}"


def made_project(folder, n=40, **options):
    """Make a project of tickets, and return it with the label of each row."""
    truth = tickets(folder / "tickets.csv", n)
    given = {"classes": CLASSES, "seed": 3, **options}
    return Project.create(folder / "tickets.skal", folder / "tickets.csv", **given), truth


def made_desk(project, names=("",), clock=None, **options):
    """Return a desk for people, whose seconds pass when a test says so."""
    return Desk(project, list(names), Fields.of_project(project), DeskOptions(**options), clock=clock or Clock())


def rows(found):
    """Ids of the questions that are before a person."""
    return [question["row"] for question in found["questions"]]


class Tokens:
    """Tokens as they are: the name is the token."""

    def __init__(self, names):
        self.names = list(names)

    def name_of(self, token):
        return token if token in self.names else None


class Answered:
    """What came back."""

    def __init__(self, messages):
        start = messages[0]
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    @property
    def json(self):
        """The body, read as JSON."""
        return json.loads(self.body)


class SameThread(Executor):
    """Does at once what it is given, in the thread in which the project was opened."""

    def submit(self, work, /, *arguments, **named):
        """Do it."""
        done = Future()
        try:
            done.set_result(work(*arguments, **named))
        except BaseException as error:
            done.set_exception(error)
        return done


class Client:
    """The page as HTTP sees it: whatever is sent arrives as it is."""

    def __init__(self, desk, names=("first",), **options):
        self.page = LabelPage(desk, Tokens(names), {"name": "tickets.csv"}, worker=SameThread(), **options)
        self.app = self.page.app({"http://page:1", "https://public.example"})
        self.token = names[0]

    def send(self, method, path, body=b"", headers=(), parts=None, drop=()):
        """Send a request; `headers` are added, those named in `drop` are left out."""
        path, _, query = path.partition("?")
        given = {"host": "page:1", "authorization": f"Bearer {self.token}"}
        if method == "POST":
            given["content-type"] = "application/json"
        lines = [(name, value) for name, value in given.items() if name not in drop]
        lines = [*lines, *headers]
        parts = [body] if parts is None else parts
        left = [
            {"type": "http.request", "body": part, "more_body": k + 1 < len(parts)} for k, part in enumerate(parts)
        ]
        sent = []

        async def receive():
            return left.pop(0) if left else {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "server": ("127.0.0.1", 1),
            "client": ("127.0.0.1", 2),
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines],
        }
        asyncio.run(self.app(scope, receive, send))
        return Answered(sent)

    def get(self, path, **more):
        """Ask."""
        return self.send("GET", path, **more)

    def post(self, path, content, **more):
        """Send JSON."""
        return self.send("POST", path, json.dumps(content).encode(), **more)
