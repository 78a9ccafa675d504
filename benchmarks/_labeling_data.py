"""Made data of labelling jobs: tickets with a text, and photographs of cells."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFilter

TICKETS = {  # class: its share, and its words
    "bug": (0.35, "crash error fails broken exception stack freeze wrong screen blank"),
    "refund": (0.25, "refund money charge invoice paid back card billing twice amount"),
    "question": (0.18, "how where can find setting change help question manual guide"),
    "feature": (0.12, "would like add feature please support option dark mode export"),
    "account": (0.07, "login password account locked email reset user access signin two"),
    "praise": (0.03, "great thanks love awesome helpful team best nice happy good"),
}
_FILLER_WORDS = "the a is my on in and with for to it when after before today again still this that order app page"
_FILLER = _FILLER_WORDS.split()
CELLS = {"round": 0.4, "rod": 0.25, "ring": 0.15, "cluster": 0.12, "budding": 0.08}


def tickets(n, seed):
    """Return tickets and their true classes.

    A text has words of its class (28 %), of any class (10 %) and filler; some begin with "=", some have a line break,
    quotes and commas. Products and channels say nothing of the class, nor do the minutes, which have gaps.
    """
    rng = np.random.default_rng(seed)
    names = list(TICKETS)
    words = [TICKETS[name][1].split() for name in names]
    truth = rng.choice(len(names), n, p=[TICKETS[name][0] for name in names])
    bodies = []
    for k in truth:
        kinds = rng.random(rng.integers(6, 16))
        body = " ".join(
            str(rng.choice(words[k] if kind < 0.28 else words[rng.integers(len(names))] if kind < 0.38 else _FILLER))
            for kind in kinds
        )
        if rng.random() < 0.02:
            body = f"=HYPERLINK({body})"
        if rng.random() < 0.03:
            body += f'\nsent from my "phone", {rng.choice(_FILLER)}'
        bodies.append(body)
    minutes = [None if rng.random() < 0.1 else int(rng.gamma(2, 30)) for _ in range(n)]
    table = pd.DataFrame(
        {
            "ticket_id": [f"T{i:06d}" for i in range(n)],
            "body": bodies,
            "product": rng.choice(["phone", "web", "desk"], n),
            "channel": rng.choice(["mail", "chat"], n),
            "wait_minutes": pd.array(minutes, dtype="Int64"),
        }
    )
    return table, pd.Series([names[k] for k in truth], index=table["ticket_id"])


def write_photos(folder, n, seed, first=0):
    """Write photographs of one kind of cell each, in mixed sizes, formats and light; return their true classes.

    About a fifth are grey, a third PNG. The second of them, if `first` is 0, lies on its side with an EXIF mark, and
    a further file that is no image is written.
    """
    rng = np.random.default_rng((seed, first))
    names = list(CELLS)
    kinds = rng.choice(len(names), n, p=list(CELLS.values()))
    folder.mkdir(parents=True, exist_ok=True)
    truth = {}
    for i, kind in enumerate(kinds, start=first):
        image = _photo(rng, names[kind])
        png = rng.random() < 0.33
        file = folder / f"cell_{i:04d}.{'png' if png else 'jpg'}"
        if i == 1:
            exif = Image.Exif()
            exif[0x0112] = 6  # shown after a quarter turn
            file = file.with_suffix(".jpg")
            image.transpose(Image.Transpose.ROTATE_90).save(file, exif=exif)
        else:
            image.save(file)
        truth[file.name] = names[kind]
    if first == 0:
        (folder / "cell_broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(300))
    return pd.Series(truth)


def _photo(rng, kind):
    """A cell on a background of debris, somewhere near the middle."""
    width, height = (int(side) for side in rng.integers(70, 320, 2))
    size = 128
    back, fore = rng.integers(150, 230, 3), rng.integers(40, 140, 3)
    image = Image.new("RGB", (size, size), tuple(int(c) for c in back))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(4, 14)):
        _ellipse(draw, rng.uniform(0, size, 2), rng.uniform(1, 5, 2), 0.0, _near(rng, fore, 60))
    center = size / 2 + rng.uniform(-14, 14, 2)
    radius, angle = rng.uniform(14, 30), rng.uniform(0, math.pi)
    along = np.array([math.cos(angle), math.sin(angle)])
    ink = _near(rng, fore, 10)
    if kind == "round":
        _ellipse(draw, center, (radius, radius * rng.uniform(0.8, 1.0)), angle, ink)
    elif kind == "rod":
        _ellipse(draw, center, (radius * 1.5, radius * rng.uniform(0.3, 0.55)), angle, ink)
    elif kind == "ring":
        _ellipse(draw, center, (radius, radius * rng.uniform(0.8, 1.0)), angle, ink)
        _ellipse(draw, center, np.array([radius, radius]) * rng.uniform(0.45, 0.7), angle, _near(rng, back, 15))
    elif kind == "cluster":
        for _ in range(rng.integers(4, 8)):
            _ellipse(draw, center + rng.normal(0, radius * 0.6, 2), [radius * 0.4] * 2, 0.0, _near(rng, fore, 15))
    else:
        _ellipse(draw, center, (radius * 0.8, radius * 0.8), angle, ink)
        _ellipse(draw, center + along * radius * 1.05, (radius * 0.45, radius * 0.45), angle, ink)
    image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 1.5))))
    pixels = np.asarray(image, dtype=np.float64) + rng.normal(0, rng.uniform(4, 18), (size, size, 3))
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).resize((width, height))
    return image.convert("L") if rng.random() < 0.2 else image


def _near(rng, color, spread):
    return tuple(int(np.clip(c + rng.integers(-spread, spread + 1), 0, 255)) for c in color)


def _ellipse(draw, center, radii, angle, ink):
    turns = np.linspace(0, 2 * math.pi, 40)
    x, y = radii[0] * np.cos(turns), radii[1] * np.sin(turns)
    across = center[0] + x * math.cos(angle) - y * math.sin(angle)
    down = center[1] + x * math.sin(angle) + y * math.cos(angle)
    draw.polygon([(float(a), float(b)) for a, b in zip(across, down, strict=True)], fill=ink)
