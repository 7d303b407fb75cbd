"""Files that no program of ours wrote: bytes changed at random, and values that a hostile hand would put into JSON and zips."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, -5, 1.5, 2**31, 2**63, -(2**63), 10**400, float("nan"), float("inf"), -float("inf"), 1e308, 5e-324, "",
    "a", "\ud800", "a\udfffb", "\0", "../../x", "/dev/zero", "x" * 100_000, [], {}, [[]], {"a": 1}, [1, "a", None], [1.5] * 1000,
    [10**18], ["running"], "running",
)  # fmt: skip
TEXTS = ("", "null", "[]", "{}", "[" * 100_000, '{"a":' * 20_000, "1" * 5000, "NaN", '"\\ud800"', "\ufeff{}", "{", "1e999", "\x00")


def parts(numbers: Sequence[int]) -> list[Any]:
    """Return the parts of a fuzz: the first is long, as what .ci/run goes through, the others are under a mark of their own."""
    return [pytest.param(number, marks=pytest.mark.fuzz if place else pytest.mark.long) for place, number in enumerate(numbers)]


def changed_bytes(content: bytes, draw: random.Random) -> bytes:
    """Return a content with some of its bytes flipped, cut off, left out, doubled, zeroed or inserted."""
    made = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 5, 30))):
        at, count = draw.randrange(len(made) + 1), draw.choice((1, 4, 8, 64, 1000))
        how = draw.randrange(7)
        if how == 0 and made:
            made[min(at, len(made) - 1)] ^= 1 << draw.randrange(8)
        elif how == 1:
            made[at : at + count] = draw.randbytes(min(count, len(made[at : at + count])))
        elif how == 2:
            del made[at:]
        elif how == 3:
            del made[at : at + count]
        elif how == 4:
            made[at:at] = made[at : at + count]
        elif how == 5:
            made[at : at + count] = bytes(len(made[at : at + count]))
        else:
            made[at : at + 4] = draw.choice((b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"PK\x01\x02", b"PK\x05\x06", b"\x80\x02}q"))
    return bytes(made)


def changed_near(content: bytes, mark: bytes, draw: random.Random) -> bytes:
    """Return a content with one byte changed in the 46 after a place where a mark stands, such as the head of a zip's entry."""
    places = [found.start() for found in re.finditer(re.escape(mark), content)]
    made = bytearray(content)
    for _ in range(draw.choice((1, 1, 3))):
        at = draw.choice(places) + draw.randrange(len(mark), 46)
        if at < len(made):
            made[at] = draw.choice((0, 1, 0x7F, 0x80, 0xFF, draw.randrange(256)))
    return bytes(made)


def changed_json(text: str, draw: random.Random) -> str:
    """Return JSON with one value, anywhere in it, that is left out, of another type or size, or no JSON at all."""
    if draw.random() < 0.1:
        return draw.choice(TEXTS)
    whole = json.loads(text)
    holders = _holders(whole)
    if not holders:
        return json.dumps(draw.choice(ODD))
    holder, key = draw.choice(holders)
    how = draw.randrange(5)
    if how == 0:
        del holder[key]
    elif how == 1 and isinstance(holder, dict):
        holder[draw.choice(("", "x", "\ud800"))] = draw.choice(ODD)
    elif how == 2 and isinstance(holder[key], list):
        holder[key] = holder[key] * draw.choice((0, 2, 50))
    else:
        holder[key] = draw.choice(ODD)
    return json.dumps(whole)


def _holders(value: Any) -> list[tuple[Any, Any]]:
    if not isinstance(value, dict | list):
        return []
    own = [(value, key) for key in (value if isinstance(value, dict) else range(len(value)))]
    return own + [pair for _, key in own for pair in _holders(value[key])]


def zipped(files: dict[str, bytes], *, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def one_of(draw: random.Random, *ways: Callable[[], bytes]) -> bytes:
    """Return what one of several ways makes."""
    return draw.choice(ways)()
