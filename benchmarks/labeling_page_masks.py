"""Masks of 12 megapixels on the labelling page: how long a reply takes, and how long everybody else waits meanwhile.

The server runs in this process without a network; a task of its event loop looks at the clock every two milliseconds.

    python benchmarks/labeling_page_masks.py --height 3000 --width 4000
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from skal.label_page import Desk, DeskOptions, Fields, LabelPage, OnePerson
from skal.labeling import Project

CLASSES = ["sky", "road", "car"]
_CELL = 10  # pixels a side of the squares of a proposal


def made(folder, height, width):
    """A project of photos, one of them asked with a proposal of squares of random classes."""
    photos = folder / "photos"
    photos.mkdir()
    rng = np.random.default_rng(0)
    for number in range(4):
        small = rng.integers(0, 255, (height // _CELL, width // _CELL, 3)).astype(np.uint8)
        Image.fromarray(small).resize((width, height)).save(photos / f"{number}.jpg")
    project = Project.create(folder / "photos.skal", photos, answer="mask", classes=CLASSES, batch=3)
    row = project.ask(4).ids[0]
    cells = rng.integers(0, 3, (height // _CELL, width // _CELL)).astype(np.uint8)
    squares = np.kron(cells, np.ones((_CELL, _CELL), np.uint8))
    proposal = project.kind.store.write(squares, squares.shape, CLASSES)
    ordinary = project.on_page

    def on_page(id, earlier=None):
        found = ordinary(id, earlier)
        if id != row:
            return found
        from skal.labeling.masks.page import mask_on_page

        return {**found, "proposal": mask_on_page(project.kind.store, proposal, CLASSES)}

    project.on_page = on_page
    return project


class Loop:
    """Requests to the page, and the longest pause of the loop meanwhile."""

    def __init__(self, page, token):
        self.app = page.app({"http://page:1"})
        self.token = token
        self.longest = 0.0

    async def look(self):
        """Look at the clock until cancelled."""
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.002)
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now

    async def post(self, path, **content):
        """Send a request; return the reply, its seconds, and the longest pause."""
        body = json.dumps({"request": str(uuid.uuid4()), **content}).encode()
        left, parts = [{"type": "http.request", "body": body, "more_body": False}], []

        async def receive():
            return left.pop() if left else {"type": "http.disconnect"}

        async def send(message):
            parts.append(message)

        headers = {"host": "page:1", "content-type": "application/json", "authorization": f"Bearer {self.token}"}
        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
        scope |= {
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "server": ("page", 1),
            "client": ("me", 2),
        }
        scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
        await asyncio.sleep(0.05)
        self.longest, started = 0.0, time.perf_counter()
        await self.app(scope, receive, send)
        took = time.perf_counter() - started
        await asyncio.sleep(0.01)
        reply = b"".join(part.get("body", b"") for part in parts[1:])
        if parts[0]["status"] != 200:
            raise SystemExit(reply.decode())
        return json.loads(reply), took, self.longest, len(reply) / 1e6


async def measured(page, token, height, width):
    """Rows of the table."""
    loop = Loop(page, token)
    looking = asyncio.create_task(loop.look())
    found, *first = await loop.post("/api/next")
    question = found["questions"][0]
    wave = [[float(x), height * (0.3 + 0.2 * np.sin(x / 200))] for x in range(0, width, 4)]
    stroke = [[float(x), height * (0.7 + 0.1 * np.cos(x / 300))] for x in range(0, width, 8)]
    shapes = [
        {"kind": "start", "mask": question["proposal"]["mask"]},
        {"kind": "polygon", "class": "sky", "points": [*wave, [width, 0], [0, 0]]},
        {"kind": "stroke", "class": "car", "size": 60, "points": stroke},
    ]
    label = {"shapes": shapes, "clicks": 9, "size": [width, height]}
    _, *second = await loop.post("/api/answer", row=question["row"], label=label, seconds=3)
    _, *third = await loop.post("/api/undo")
    looking.cancel()
    return {"a question with a proposal": first, "an answer on it": second, "undo": third}


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--height", type=int, default=3000)
    parser.add_argument("--width", type=int, default=4000)
    chosen = parser.parse_args(arguments)
    worker = ThreadPoolExecutor(1)
    with tempfile.TemporaryDirectory() as folder:
        project = worker.submit(made, Path(folder), chosen.height, chosen.width).result()
        person = OnePerson(project.folder)
        desk = worker.submit(lambda: Desk(project, person.names, Fields.of_project(project), DeskOptions())).result()
        page = LabelPage(desk, person, {"name": "photos"}, worker=worker)
        found = asyncio.run(measured(page, person.token, chosen.height, chosen.width))
        worker.submit(project.close).result()
        page.workers.close()
    print(f"| load {os.getloadavg()[0]:.0f} | until the reply, s | longest pause, s | MB |\n|---|--:|--:|--:|")
    for name, (took, longest, size) in found.items():
        print(f"| {name} | {took:.2f} | {longest:.2f} | {size:.1f} |")


if __name__ == "__main__":
    main()
