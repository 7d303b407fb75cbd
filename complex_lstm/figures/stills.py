"""Pictures that need no script: small PNGs of tensors, lines and bars as SVG, for a page that is printed."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, UInt8
from plotly.colors import sample_colorscale

from complex_lstm.figures.theme import PALETTE

LINE = 18  # units of height for one series


def cells_as_png(shares: Float[np.ndarray, "row column"], scale: Any) -> str:
    """Return values from 0 to 1 in the colours of a Plotly scale, one pixel a cell, as an address that holds the image itself."""
    colours = sample_colorscale(scale, np.linspace(0, 1, 256).tolist(), colortype="tuple")
    table = (255 * np.array(colours)).round().astype(np.uint8)
    pixels = table[(255 * shares.clip(0, 1)).round().astype(int)]
    return f"data:image/png;base64,{base64.b64encode(_png(pixels)).decode()}"


def _png(pixels: UInt8[np.ndarray, "row column 3"]) -> bytes:
    """Return the bytes of a PNG file: eight bits a colour, no filter (PNG specification, sections 5 and 11)."""
    rows, columns, _ = pixels.shape
    unfiltered = np.concatenate([np.zeros((rows, 1), np.uint8), pixels.reshape(rows, -1)], axis=1)  # 0 before each row: no filter
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(unfiltered.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def lines_as_svg(values: Float[np.ndarray, "row column"]) -> str:
    """Return rows over time as lines below each other, all in one scale."""
    rows, columns = values.shape
    span = float(np.ptp(values)) or 1.0
    across = (np.arange(columns) + 0.5) * 100 / columns
    lines = []
    for row in range(rows):
        down = LINE * (row + 1 - 0.05 - 0.9 * (values[row] - values.min()) / span)
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in zip(across, down, strict=True))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{PALETTE[row % len(PALETTE)]}" vector-effect="non-scaling-stroke"/>')
    return f'<svg viewBox="0 0 100 {LINE * rows}" preserveAspectRatio="none" role="img">{"".join(lines)}</svg>'


@dataclass(frozen=True)
class Bars:
    """One trace of a bar chart: its name, what stands below its bars, and the range that it shares with others on its axis."""

    name: str
    below: tuple[str, ...]
    values: Float[np.ndarray, " bar"]
    low: float
    high: float
    colour: str


def bars_as_svg(bars: Bars) -> str:
    """Return bars from zero, upwards and downwards."""
    unit = 100 / ((bars.high - bars.low) or 1.0)
    drawn = []
    for number, value in enumerate(bars.values.tolist()):
        y, height = (bars.high - max(value, 0.0)) * unit, abs(value) * unit
        drawn.append(f'<rect x="{number + 0.1}" y="{y:.2f}" width="0.8" height="{height:.2f}" fill="{bars.colour}"/>')
    return f'<svg viewBox="0 0 {len(drawn)} 100" preserveAspectRatio="none" role="img">{"".join(drawn)}</svg>'


def bars_of(figure: go.Figure) -> list[Bars]:
    """Return the bars of a figure, trace by trace. Traces on one axis have one range."""
    found = []
    for trace in figure.data:
        together = np.concatenate([[0.0], *(other.y for other in figure.data if other.yaxis == trace.yaxis)])
        values = np.asarray(trace.y, dtype=float)
        below = tuple(str(at) for at in trace.x)
        found.append(Bars(trace.name, below, values, float(together.min()), float(together.max()), trace.marker.color))
    return found
