"""One page of the tour: a claim, a thing to do, and a question whose answer stands in the picture."""

from __future__ import annotations

import inspect
import pkgutil
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go

from complex_lstm.ui.tour.window import TourWindow


@dataclass(frozen=True)
class Choice:
    """An answer that is one of some options; `right` is its number. Options may be names from a file."""

    options: tuple[str, ...]
    right: int

    def accepts(self, given: float) -> bool:
        """Return whether the option of this number is the right one."""
        return given == self.right

    @property
    def said(self) -> str:
        """The right answer in words."""
        return self.options[self.right]


@dataclass(frozen=True)
class Number:
    """An answer that is a number, right within a tolerance: it is read off a picture."""

    right: float
    tolerance: float = 0.0

    def accepts(self, given: float) -> bool:
        """Return whether a number is near enough."""
        return abs(given - self.right) <= self.tolerance + 1e-9

    @property
    def said(self) -> str:
        """The right answer in words."""
        return f"{self.right:.4g}"


@dataclass(frozen=True)
class Question:
    """What is asked of this window, where the answer is to be found, and why it is so. No name from a file but in options."""

    words: str
    answer: Choice | Number
    hint: str
    because: str


@dataclass(frozen=True)
class Look:
    """The cell that a page begins with: a box by its name, a sheet by its number, row and column."""

    box: str
    sheet: int = 0
    row: int = 0
    column: int = 0


@dataclass(frozen=True)
class Exhibit:
    """A figure that a page needs beside the picture, with its name for those who do not see it, and how it is made."""

    alt: str
    draw: Callable[[TourWindow], go.Figure]
    made: str


@dataclass(frozen=True)
class Chapter:
    """One page. The texts are the same for every window; {steps}, {features}, {channels} and {heads} are filled in.

    `look` and `ask` work for any model with at least `blocks` BiLSTM blocks. `source` is "module:name" of the code shown.
    `sample` is where the page's point is seen best, if not in the planted window.
    """

    title: str
    claim: str
    task: str
    formula: str
    source: str
    look: Callable[[TourWindow], Look]
    ask: Callable[[TourWindow], Question]
    blocks: int = 1
    exhibits: tuple[Exhibit, ...] = ()
    sample: str = ""

    def fits(self, window: TourWindow) -> bool:
        """Return whether the model has what the page is about."""
        return len(window.model.lstm_blocks) >= self.blocks

    @property
    def code(self) -> str:
        """The lines of our code that compute it."""
        return textwrap.dedent(inspect.getsource(pkgutil.resolve_name(self.source)))


def told(text: str, window: TourWindow) -> str:
    """Return a text of a page with this window's sizes filled in."""
    sizes = {"steps": window.steps, "features": len(window.features), "channels": window.channels}
    return text.format(**sizes, heads=window.model.config.num_heads, outputs=len(window.outputs))
