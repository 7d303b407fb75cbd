"""One page of the tour: a claim, a thing to do, a question whose answer can be read from the picture, and the code behind it."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from complex_lstm.languages import _, filled, ngettext, number
from complex_lstm.ui.interventions.link import Plain
from complex_lstm.ui.views.tour.evidence import Evidence
from complex_lstm.ui.views.tour.window import TourWindow

MOST_OPTIONS = 6


@dataclass(frozen=True)
class MultipleChoice:
    """An answer that is one of some options. `right` is its number; `also` are the numbers of others that are as right.

    Options may be names from a file.
    """

    options: tuple[str, ...]
    right: int
    also: tuple[int, ...] = ()

    def accepts(self, given: float) -> bool:
        """Return whether the option of this number is right."""
        return given == self.right or given in self.also

    @property
    def text(self) -> str:
        """The right answer in words."""
        return self.options[self.right]


@dataclass(frozen=True)
class NumericAnswer:
    """An answer that is a number. It is right within a tolerance, because it is read off a picture."""

    right: float
    tolerance: float = 0.0

    def accepts(self, given: float) -> bool:
        """Return whether a number is near enough."""
        return abs(given - self.right) <= self.tolerance + 1e-9

    @property
    def text(self) -> str:
        """The right answer in words."""
        return number(self.right, ".4g")


@dataclass(frozen=True)
class Compared:
    """The values that decide a question, on an axis with a `title`: one for each name, which may be from a file, or for each step.

    An answer is the "place" of a value: an option's number, or the step. Or it is a "level", a value itself. Or these values only show
    why an answer is right ("beside").
    """

    title: str
    values: Float[np.ndarray, " value"]
    names: tuple[str, ...] = ()
    answer: Literal["place", "level", "beside"] = "place"


@dataclass(frozen=True)
class Region:
    """Cells of a box of the picture, by its name: rows and columns of a sheet, each from a first to a last one, or all of them.

    Without a sheet they lie on every sheet over time. What is beyond the sheet is left out.
    """

    box: str
    sheet: int | None = 0
    rows: tuple[int, int] | None = None
    columns: tuple[int, int] | None = None


def one_cell(box: str, sheet: int, row: int, column: int) -> Region:
    """Return a single cell as a region."""
    return Region(box, sheet, (row, row), (column, column))


@dataclass(frozen=True)
class Question:
    """A question about this window, where its answer is found, and the reason for it. Only options may hold names from a file.

    `compared` are the values that decide it, which a wrong answer is shown. `pick` returns the answer that a cell of the picture
    stands for, or None: the question can then be answered in the picture. Once it is answered, the picture has outlines: of the
    `regions` that an answer stands for, or, where answers have no place in it, of those in which the question `is_decided`.
    """

    words: str
    answer: MultipleChoice | NumericAnswer
    hint: str
    because: str
    compared: Compared
    pick: Callable[[StartCell], float | None] = lambda cell: None
    regions: Callable[[int], tuple[Region, ...]] = lambda answer: ()
    is_decided: tuple[Region, ...] = ()


def largest(names: tuple[str, ...], sizes: np.ndarray) -> MultipleChoice:
    """Return the choice of the name with the largest size. Names whose sizes differ from it by rounding only are right too."""
    alike = np.flatnonzero(np.isclose(sizes, sizes.max(), rtol=1e-6, atol=0)).tolist()
    right = int(sizes.argmax())
    return MultipleChoice(names, right, tuple(one for one in alike if one != right))


def option_of(answer: MultipleChoice | NumericAnswer, name: str) -> int | None:
    """Return the number of the option with a name, or None."""
    options = answer.options if isinstance(answer, MultipleChoice) else ()
    return options.index(name) if name in options else None


def largest_of_many(names: tuple[str, ...], sizes: np.ndarray) -> MultipleChoice:
    """Return the same choice among the names with the largest sizes only, which stay in their order."""
    kept = sorted(np.argsort(-sizes, kind="stable")[:MOST_OPTIONS].tolist())
    return largest(tuple(names[number] for number in kept), sizes[kept])


def sizes_of(answer: MultipleChoice, title: str, names: tuple[str, ...], sizes: np.ndarray) -> Compared:
    """Return the sizes of the names that are options, in their order."""
    return Compared(title, np.array([sizes[names.index(one)] for one in answer.options]), answer.options)


@dataclass(frozen=True)
class Excerpt:
    """Lines of our code: the object "module:name", or only its statements that contain one of some texts.

    `note` says how the code relates to the model.
    """

    source: str
    containing: tuple[str, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """The dotted name of the object."""
        return self.source.replace(":", ".")

    @property
    def code(self) -> str:
        """The lines as they stand in our code."""
        code = textwrap.dedent(inspect.getsource(pkgutil.resolve_name(self.source)))
        return "\n".join(self._chosen(code)) if self.containing else code.rstrip()

    def _chosen(self, code: str) -> Iterator[str]:
        """Yield the simple statements that contain one of the texts, in their order."""
        lines = code.splitlines()
        statements = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.stmt) and not hasattr(node, "body")]
        for node in sorted(statements, key=lambda one: one.lineno):
            statement = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if any(text in statement for text in self.containing):
                yield textwrap.dedent(statement)


def excerpt(source: str, *containing: str, note: str = "") -> Excerpt:
    """Return an excerpt; without texts it is the whole object."""
    return Excerpt(source, containing, note)


@dataclass(frozen=True)
class StartCell:
    """The cell that a page starts with: a box by its name, a sheet by its number, row and column."""

    box: str
    sheet: int = 0
    row: int = 0
    column: int = 0


def largest_cell(box: str, sheet: int, values: Float[np.ndarray, "time row"]) -> StartCell:
    """Return the cell of a sheet over time that has the largest of these values."""
    step, row = np.unravel_index(int(values.argmax()), values.shape)
    return StartCell(box, sheet, int(row), int(step))


@dataclass(frozen=True)
class Exhibit:
    """A figure that a page needs beside the picture. `alt` describes it for screen readers, `method` says how it was made.

    `of_target` says whether it is about the explained output, or about all outputs; `is_over_time` whether it has a bar for each step.
    """

    alt: str
    draw: Callable[[TourWindow], go.Figure]
    method: str
    of_target: bool = True
    is_over_time: bool = False


Text = str | Callable[[TourWindow], str]


@dataclass(frozen=True)
class Chapter:
    """One page. What is the same for every window is text that is marked for the catalogues; {steps}, {features}, {channels} and
    {heads} are filled in.

    `excerpts` are the lines of our code that compute the formula. `start` and `question` work for any model with at least
    `blocks` BiLSTM blocks; `is_askable` says whether the question has a wrong answer too, for this window. `evidence` takes
    forward passes of its own: `start`, `question`, `exhibits` and `finding`, what this window shows of the claim, then need
    its result. `sample` is the sample that shows the page's point best, and `trial` a
    part of the model to switch off there. A page that `names_features` shows beside its own ranking what
    the prediction rests on in the words of Explain, so that the two are not taken for the same.
    """

    title: str
    claim: Text
    task: Text
    formula: Text
    excerpts: tuple[Excerpt, ...] | Callable[[TourWindow], tuple[Excerpt, ...]]
    start: Callable[[TourWindow], StartCell]
    question: Callable[[TourWindow], Question]
    blocks: int = 1
    is_askable: Callable[[TourWindow], bool] = lambda window: True
    exhibits: tuple[Exhibit, ...] = ()
    evidence: Evidence[Any] | None = None
    finding: Callable[[TourWindow], str] | None = None
    sample: str = ""
    names_features: bool = False
    trial: Callable[[TourWindow], Plain] | None = None

    def fits(self, window: TourWindow) -> bool:
        """Return whether the model has the part that the page is about."""
        return len(window.model.lstm_blocks) >= self.blocks

    def has_question(self, window: TourWindow) -> bool:
        """Return whether the page has a question about this window that has more than one answer."""
        return self.fits(window) and self.is_askable(window)

    def is_ready(self, window: TourWindow, *, patience: float = 0.0) -> bool:
        """Return whether the page's evidence is computed, after waiting for it up to `patience` seconds."""
        return self.fits(window) and (self.evidence is None or self.evidence.is_known(window, patience=patience))

    def formula_of(self, window: TourWindow) -> str:
        """Return the formula in LaTeX."""
        return self.formula if isinstance(self.formula, str) else self.formula(window)

    def excerpts_of(self, window: TourWindow) -> tuple[Excerpt, ...]:
        """Return the lines of our code that compute the formula."""
        return self.excerpts if isinstance(self.excerpts, tuple) else self.excerpts(window)


def fill_in(text: Text, window: TourWindow) -> str:
    """Return a text of a page for this window, with its sizes filled in: "48 steps", "1 feature"."""
    template = _(text) if isinstance(text, str) else text(window)
    return filled(
        template,
        steps=ngettext("{number} step", "{number} steps", window.steps),
        features=ngettext("{number} feature", "{number} features", len(window.features)),
        channels=ngettext("{number} channel", "{number} channels", window.channels),
        heads=ngettext("{number} attention head", "{number} attention heads", window.model.config.num_heads),
    )
