"""Raw results in one JSON file, a record a case, so that a long run can be done in pieces."""

import json
from pathlib import Path

VERSION = 1


def key_of(job, size, threads, device):
    return "|".join([job, *(f"{name}={value}" for name, value in size.items()), f"threads={threads}", device])


def read(path):
    if path is None or not Path(path).exists():
        return {"version": VERSION, "cases": {}}
    stored = json.loads(Path(path).read_text())
    if stored.get("version") != VERSION:
        raise SystemExit(f"{path} has results of version {stored.get('version')}, not {VERSION}: use another file.")
    return stored


def write(path, stored):
    if path is None:
        return
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partly = path.with_suffix(".partly")
    partly.write_text(json.dumps(stored, indent=1) + "\n")
    partly.replace(path)
