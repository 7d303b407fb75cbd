"""Damage as it happens to files: bytes flipped, lines cut or doubled, delimiters swapped, encodings mixed, ends missing."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import numpy as np

Mutation = Callable[[bytes, np.random.Generator], bytes]


def mutated(content: bytes, random: np.random.Generator) -> bytes:
    """Return a file's bytes with one to three kinds of damage."""
    for _ in range(int(random.integers(1, 4))):
        content = MUTATIONS[int(random.integers(len(MUTATIONS)))](content, random)
    return content


def _flip(content: bytes, random: np.random.Generator) -> bytes:
    made = bytearray(content)
    for _ in range(int(random.integers(1, 12)) if made else 0):
        made[int(random.integers(len(made)))] = int(random.integers(256))
    return bytes(made)


def _cut(content: bytes, random: np.random.Generator) -> bytes:
    return content[: int(random.integers(len(content) + 1))]


def _cut_front(content: bytes, random: np.random.Generator) -> bytes:
    return content[int(random.integers(len(content) + 1)) :]


def _lose_bytes(content: bytes, random: np.random.Generator) -> bytes:
    start, stop = np.sort(random.integers(0, len(content) + 1, 2))
    return content[:start] + content[max(stop, start) :] if stop - start < 200 else content[:start] + content[start + 200 :]


def _on_lines(change: Callable[[list[bytes], np.random.Generator], list[bytes]]) -> Mutation:
    return lambda content, random: b"\n".join(change(content.split(b"\n"), random))


def _drop_lines(lines: list[bytes], random: np.random.Generator) -> list[bytes]:
    return [line for line in lines if random.random() > 0.3]


def _double_lines(lines: list[bytes], random: np.random.Generator) -> list[bytes]:
    return [line for line in lines for _ in range(1 + (random.random() < 0.3))]


def _shuffle_lines(lines: list[bytes], random: np.random.Generator) -> list[bytes]:
    return [lines[place] for place in random.permutation(len(lines))]


def _cut_lines(lines: list[bytes], random: np.random.Generator) -> list[bytes]:
    return [line[: int(random.integers(len(line) + 1))] if random.random() < 0.3 else line for line in lines]


def _join_lines(lines: list[bytes], random: np.random.Generator) -> list[bytes]:
    return [b"".join(lines[start : start + 2]) for start in range(0, len(lines), 2)] if random.random() < 0.5 else [b"".join(lines)]


def _strange_cells(lines: list[bytes], random: np.random.Generator) -> list[bytes]:
    strange = [b"", b"1e999", b"nan", b"-inf", b"9" * 400, b"0x10", b'"', b"'", b"=1+1", b"\xff\xfe", b"-", b"1e-320", b"1_000", b"#N/A",
               b"24:00", b"2024-02-30", b"99999999999999999999", "²".encode(), "\u0661\u0662".encode(), b"\t", b";;;;"]  # fmt: skip
    made = []
    for line in lines:
        cells = line.split(b",")
        if random.random() < 0.2:
            cells[int(random.integers(len(cells)))] = strange[int(random.integers(len(strange)))]
        made.append(b",".join(cells))
    return made


def _swap(content: bytes, random: np.random.Generator) -> bytes:
    signs = [b",", b";", b"\t", b"|", b" ", b":", b"\r", b"\n", b'"', b"'", b".", b"-", b"\0", b"#"]
    first, second = random.choice(len(signs), 2, replace=False)
    return content.replace(signs[first], signs[second])


def _mixed_encodings(content: bytes, random: np.random.Generator) -> bytes:
    text = content.decode("latin-1")
    at = int(random.integers(len(text) + 1))
    kinds = ["utf-8", "utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig"]
    first, second = (kinds[int(random.integers(len(kinds)))] for _ in range(2))
    return text[:at].encode(first) + ("Grüße, 東京" + text[at:]).encode(second, errors="replace")


def _quotes(content: bytes, random: np.random.Generator) -> bytes:
    at = int(random.integers(len(content) + 1))
    return content[:at] + random.choice([b'"', b"'", b'""', b'"\n"', b'\\"']).item() + content[at:]


def _packed_and_cut(content: bytes, random: np.random.Generator) -> bytes:
    packed = gzip.compress(content, 1)
    return packed[: int(random.integers(len(packed) + 1))] if random.random() < 0.7 else _flip(packed, random)


def _wide(content: bytes, random: np.random.Generator) -> bytes:
    at = int(random.integers(len(content) + 1))
    return content[:at] + random.choice([b",", b";", b" ", b"\n", b"1,"]).item() * int(random.integers(1, 3000)) + content[at:]


MUTATIONS: tuple[Mutation, ...] = (
    _flip, _cut, _cut_front, _lose_bytes, *map(_on_lines, (_drop_lines, _double_lines, _shuffle_lines, _cut_lines, _join_lines,
    _strange_cells)), _swap, _mixed_encodings, _quotes, _packed_and_cut, _wide,
)  # fmt: skip


def seed_of(name: str, number: int) -> int:
    """Return the seed of a file's mutation, the same on every machine."""
    return zlib.crc32(f"{name} {number}".encode())
