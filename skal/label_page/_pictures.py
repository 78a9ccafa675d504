"""Images as a browser shows them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from skal.label_page._problem import Problem

_LARGEST = 64 * 1024 * 1024


def picture(path: Path) -> tuple[bytes, str]:
    """Return an image and its media type; formats that browsers do not show are written as PNG.

    Parameters
    ----------
    path : Path
        Of the file. What it is is seen from its first bytes and not from its name, so that nothing else is served.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise Problem("no_picture", f"The image is larger than {_LARGEST // 1024 // 1024} MB.")
        content = path.read_bytes()
    except OSError:
        raise Problem("no_picture", "The image cannot be read.") from None
    kind = _media_type(content[:16])
    return (content, kind) if kind else (_as_png(content), "image/png")


def _media_type(first: bytes) -> str | None:
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if first.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if first[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "image/webp"
    return None


def _as_png(content: bytes) -> bytes:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content)) as image:
            deep = image.mode in ("I", "F") or image.mode.startswith("I;16")
            shown: Any = _in_eight_bits(image) if deep else image
            if shown.mode not in ("1", "L", "LA", "P", "RGB", "RGBA"):
                shown = shown.convert("RGB")
            out = io.BytesIO()
            shown.save(out, "PNG")
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Problem("no_picture", "The image is damaged, or of a format that is not known.") from None


def _in_eight_bits(image: Any) -> Any:
    """Stretch the values of an image of more than eight bits to those that a screen shows."""
    import numpy as np
    from PIL import Image

    values = np.asarray(image, dtype=float)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scaled = (values - low) * (255.0 / (high - low)) if high > low else np.zeros_like(values)
    return Image.fromarray(scaled.round().astype(np.uint8))
