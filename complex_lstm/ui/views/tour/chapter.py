"""One page of the tour: a claim, a thing to do, and a question whose answer stands in the picture.

A question of the tour, and which answers are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from complex_lstm.ui.views.tour.arithmetic import Excerpt
from complex_lstm.ui.views.tour.evidence import Evidence
from complex_lstm.ui.views.tour.window import TourWindow

MOST_OPTIONS = 6


@dataclass(frozen=True)
class Choice:
    """An answer that is one of some options; `right` is its number, and `also` are as right. Options may be names from a file."""

    options: tuple[str, ...]
    right: int
    also: tuple[int, ...] = ()

    def accepts(self, given: float) -> bool:
        """Return whether the option of this number is right."""
        return given == self.right or given in self.also

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


def largest(names: tuple[str, ...], sizes: np.ndarray) -> Choice:
    """Return the choice of the name with the largest size. Names whose sizes nobody can tell from it are right too."""
    alike = np.flatnonzero(np.isclose(sizes, sizes.max(), rtol=1e-6, atol=0)).tolist()
    right = int(sizes.argmax())
    return Choice(names, right, tuple(one for one in alike if one != right))


def largest_of_many(names: tuple[str, ...], sizes: np.ndarray) -> Choice:
    """Return the same with the names of the largest sizes only, in their own order."""
    kept = sorted(np.argsort(-sizes, kind="stable")[:MOST_OPTIONS].tolist())
    return largest(tuple(names[number] for number in kept), sizes[kept])


Text = str | Callable[[TourWindow], str]


def always(window: TourWindow) -> bool:
    """The condition of what can be said or asked of any window."""
    return True


@dataclass(frozen=True)
class Look:
    """The cell that a page begins with: a box by its name, a sheet by its number, row and column."""

    box: str
    sheet: int = 0
    row: int = 0
    column: int = 0


@dataclass(frozen=True)
class Exhibit:
    """A figure that a page needs beside the picture, with its name for those who do not see it, and how it is made.

    `of_target` says whether it is about the explained output, or about all.
    """

    alt: str
    draw: Callable[[TourWindow], go.Figure]
    made: str
    of_target: bool = True


@dataclass(frozen=True)
class Chapter:
    """One page. What is the same for every window is text, in which {steps}, {features}, {channels} and {heads} are filled in.

    `excerpts` are the lines of our code that compute the formula. `look` and `ask` work for any model with at least `blocks`
    BiLSTM blocks, `ask` where `asks` says so. `evidence` takes passes of its own, on which `look`, `ask`, `exhibits` and
    `finding`, what this window shows of the claim, then rest. `sample` is where the page's point is seen best.
    """

    title: str
    claim: Text
    task: Text
    formula: Text
    excerpts: tuple[Excerpt, ...] | Callable[[TourWindow], tuple[Excerpt, ...]]
    look: Callable[[TourWindow], Look]
    ask: Callable[[TourWindow], Question]
    blocks: int = 1
    asks: Callable[[TourWindow], bool] = always
    exhibits: tuple[Exhibit, ...] = ()
    evidence: Evidence[Any] | None = None
    finding: Callable[[TourWindow], str] | None = None
    sample: str = ""

    def fits(self, window: TourWindow) -> bool:
        """Return whether the model has what the page is about."""
        return len(window.model.lstm_blocks) >= self.blocks

    def has_question(self, window: TourWindow) -> bool:
        """Return whether something can be asked of this window that has more than one answer."""
        return self.fits(window) and self.asks(window)

    def is_ready(self, window: TourWindow, *, patience: float = 0.0) -> bool:
        """Return whether all that the page rests on is there, after waiting so many seconds for its evidence."""
        return self.fits(window) and (self.evidence is None or self.evidence.is_known(window, patience=patience))

    def formula_of(self, window: TourWindow) -> str:
        """Return the formula in LaTeX."""
        return self.formula if isinstance(self.formula, str) else self.formula(window)

    def excerpts_of(self, window: TourWindow) -> tuple[Excerpt, ...]:
        """Return the lines of our code that compute the formula."""
        return self.excerpts if isinstance(self.excerpts, tuple) else self.excerpts(window)


def told(text: Text, window: TourWindow) -> str:
    """Return a text of a page for this window, with its sizes filled in: "48 steps", "1 feature"."""
    said = text if isinstance(text, str) else text(window)
    sizes = {"steps": window.steps, "features": len(window.features), "channels": window.channels}
    heads = counted(window.model.config.num_heads, "attention head")
    return said.format(**{name: counted(size, name[:-1]) for name, size in sizes.items()}, heads=heads)


def counted(number: int, name: str) -> str:
    """Return a number of things in words: 1 step, 48 steps."""
    return f"{number} {name}{'' if number == 1 else 's'}"
