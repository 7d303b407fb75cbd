"""The tour of one window as one HTML file that needs neither a server nor a network: the picture, the pages and their questions."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from latex2mathml.converter import convert

from complex_lstm.languages import ENGLISH, _, speaking, spoken
from complex_lstm.ui.components.shared import Agreement, sources_of
from complex_lstm.ui.session.scene import title_of
from complex_lstm.ui.views.tour.arithmetic import derive_cell
from complex_lstm.ui.views.tour.canvas import SCRIPTS, payload
from complex_lstm.ui.views.tour.cell import open_cell
from complex_lstm.ui.views.tour.chapter import Chapter, MultipleChoice, Question, fill_in
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.handout import arithmetic_html, exhibit_html
from complex_lstm.ui.views.tour.outlines import outlines_of
from complex_lstm.ui.views.tour.routes import pages_of
from complex_lstm.ui.views.tour.sheets import TourBox, list_boxes
from complex_lstm.ui.views.tour.window import TourWindow

MOST_VALUES = 60_000  # steps times channels: of more the file would have over 50 MB
PATIENCE = 5.0  # seconds to wait for the evidence of all pages together
_FOLDER = Path(__file__).parent


def fits_one_file(window: TourWindow) -> bool:
    """Return whether the window is small enough to be taken along with all its values."""
    return window.steps * window.channels <= MOST_VALUES


def offline_tour(window: TourWindow, *, route: str = "", patience: float = PATIENCE, language: str = ENGLISH) -> str:
    """Return the tour of a window as one HTML file in a language, with the pages of a route or all of them.

    All values of every box are in it, and so are the answers: they are hidden until a question is answered, and not kept
    secret. A page whose evidence takes longer than `patience` seconds for all is left out, and the file says so. A gate
    cannot be held there, because that needs the model.
    """
    with speaking(language):
        return _offline_tour(window, route, patience)


def _offline_tour(window: TourWindow, route: str, patience: float) -> str:
    end = time.monotonic() + patience
    boxes = list_boxes(window)
    fitting = [(number, CHAPTERS[number - 1]) for number in pages_of(route) if CHAPTERS[number - 1].fits(window)]
    ready = [(number, one) for number, one in fitting if one.is_ready(window, patience=max(0.0, end - time.monotonic()))]
    left_out = ", ".join(str(number) for number, one in fitting if (number, one) not in ready)
    html, css, script = sources_of(_FOLDER.parent / "canvas", (*SCRIPTS, "../take_away/page.js"), spoken().code)
    missing = _("Not in this file, because their numbers took too long: pages {pages}.", pages=left_out)
    return Template((_FOLDER / "page.html").read_text(encoding="utf-8")).substitute(
        language=spoken().tag,
        tour=_("Guided tour"),
        title=escape(_("{data}, window {number}", data=title_of("data", window.scene.keys[0]), number=window.scene.number)),
        steps=_("{first} to {last}", first=escape(window.times[0]), last=escape(window.times[-1])),
        legend=_("Every number is the model's own."),
        missing=f"<p>{missing}</p>" if left_out else "",
        style=(_FOLDER / "page.css").read_text(encoding="utf-8"),
        picture=f"<style>{css}</style>{html}",
        pages=json.dumps([_page(number, chapter, window, boxes) for number, chapter in ready]).replace("<", "\\u003c"),
        boxes="".join(_stored(number, window, boxes) for number in range(len(boxes))),
        script=script.replace("export default ", "const mountTour = "),
    )


def _page(number: int, chapter: Chapter, window: TourWindow, boxes: tuple[TourBox, ...]) -> dict[str, Any]:
    """Return a page as the script reads it. Its texts are set as text; only what stands under `html` is HTML, and escaped."""
    start = chapter.start(window)
    box = [one.name for one in boxes].index(start.box)
    working = derive_cell(window, boxes[box].open()[start.sheet], start.row, start.column)
    exhibits = "".join(exhibit_html(one, window) for one in chapter.exhibits)
    question = chapter.question(window) if chapter.is_askable(window) else None
    asked = None
    if question:
        answer = question.answer
        if isinstance(answer, MultipleChoice):
            kind: dict[str, Any] = {"options": answer.options, "right": [at for at in range(len(answer.options)) if answer.accepts(at)]}
        else:
            kind = {"options": None, "right": answer.right, "tolerance": answer.tolerance + 1e-9}
        found = question.compared
        decides = {"title": found.title, "names": found.names, "values": found.values.astype(float).tolist(), "answer": found.answer}
        texts = {"words": question.words, "hint": question.hint, "because": question.because, "answer": answer.text}
        asked = {**texts, "compared": decides, **kind, "outlines": _outlines(question, window, boxes)}
    return {
        "number": number,
        "title": _(chapter.title),
        "claim": fill_in(chapter.claim, window),
        "finding": chapter.finding(window) if chapter.finding else "",
        "task": fill_in(chapter.task, window),
        "question": asked,
        "view": {"box": box, "sheet": start.sheet, "row": start.row, "column": start.column},
        "html": f"{convert(chapter.formula_of(window), display='block')}{exhibits}{arithmetic_html(working, filled=True)}",
    }


def _outlines(question: Question, window: TourWindow, boxes: tuple[TourBox, ...]) -> list[list[dict[str, Any]]]:
    """Return what is outlined after each option, or after each whole number that a window of these steps can have for an answer."""
    answer = question.answer
    count = len(answer.options) if isinstance(answer, MultipleChoice) else window.steps + 1
    return [[one.header(boxes) for one in outlines_of(question, given, with_right=True)] for given in range(count)]


def _stored(number: int, window: TourWindow, boxes: tuple[TourBox, ...]) -> str:
    """Return the message of one opened box, as the canvas gets it from the page, in base64."""
    sheets = boxes[number].open()
    block = next((sheet.place(0, 0).at[0] for sheet in sheets if sheet.reading is not None), None)
    cell = None if block is None else replace(open_cell(window, block, None), can_hold=False)
    picture = payload.Picture(boxes, number, sheets, window.times, window.known, cell, window.token)
    view = payload.TourView(number)
    message = payload.encode(picture, agreement=Agreement(view, 0, view, None), veiled=False, file_name="tour")
    return f'<script type="text/plain" id="box-{number}">{base64.b64encode(message).decode()}</script>'
