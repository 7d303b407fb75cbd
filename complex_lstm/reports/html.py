"""The frame of a report, its figures and its tables as HTML. Every text that goes in is escaped.

The file asks for nothing from anywhere: its pictures are in it, and its policy forbids scripts and addresses.
"""

from __future__ import annotations

import base64
import platform
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from importlib.metadata import version
from string import Template

import plotly.graph_objects as go

from complex_lstm import __version__
from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.svg import figure_svg

PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>$title</title>
<style>
@page { size: A4; margin: 14mm 13mm; }
body { max-width: 780px; margin: 20px auto; padding: 0 14px; color: #111; background: #fff; }
body { font: 13px/1.4 system-ui, Helvetica, Arial, sans-serif; }
h1 { font-size: 20px; margin: 0 0 2px; } h2 { font-size: 15px; margin: 14px 0 4px; border-top: 1px solid #999; padding-top: 8px; }
p { margin: 4px 0; } .sub { color: #444; } .claim { font-size: 15px; margin: 8px 0; }
.warning { border: 2px solid #b2182b; padding: 4px 8px; }
figure { margin: 6px 0; } figcaption { font-size: 11px; line-height: 1.35; color: #333; }
svg { display: block; width: 100%; height: auto; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; }
.heads { display: flex; flex-wrap: wrap; gap: 3px; margin: 2px 0; align-items: center; font-size: 11px; }
.heads img { width: 58px; height: 58px; image-rendering: pixelated; }
table { border-collapse: collapse; width: 100%; font-size: 11px; overflow-wrap: anywhere; }
th, td { text-align: left; vertical-align: top; padding: 2px 6px 2px 0; border-bottom: 1px solid #ddd; } td.n { text-align: right; }
td:first-child { min-width: 90px; }
a { color: #0b5394; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 10px; }
  table, figcaption { font-size: 9px; } h2 { margin-top: 8px; padding-top: 4px; } .claim { font-size: 13px; }
  figure, tr { break-inside: avoid; } h2 { break-after: avoid; } a.csv { display: none; }
  .figure svg { max-height: 84mm; } .two svg { max-height: 56mm; }
}
</style>
</head>
<body>
<h1>$title</h1>
<p class="sub">$place</p>
$body
</body>
</html>
""")


def page_html(title: str, place: str, body: str) -> str:
    """Return a report: its title and what it is about as text, and its body as HTML."""
    return PAGE.substitute(title=escape(title), place=escape(place), body=body)


def figure_html(figure: go.Figure, name: str, words: str, *, width: int = 760) -> str:
    """Return a figure with a caption, which says how it can mislead, and its numbers as CSV."""
    numbers = base64.b64encode(figure_csv(figure).encode()).decode()
    link = f'<a class="csv" download="{name}.csv" href="data:text/csv;base64,{numbers}">numbers (CSV)</a>'
    return f'<figure class="figure">{figure_svg(figure, width=width)}<figcaption>{escape(words)} {link}</figcaption></figure>'


def table_html(heading: tuple[str, ...], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts; without its first row where no column has a heading."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heading)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if any(heading) else ''}{lines}</table>"


def versions(libraries: Iterable[str]) -> str:
    """Return the versions of this program, of Python and of libraries, in words."""
    named = (f"ComplexLSTM Explorer {__version__}", f"Python {platform.python_version()}", *(f"{one} {version(one)}" for one in libraries))
    return ", ".join(named)


def now() -> str:
    """Return the date and the time to the minute, with the offset from UTC."""
    return datetime.now().astimezone().isoformat(timespec="minutes")
