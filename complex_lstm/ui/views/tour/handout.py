"""The hand-out: the whole tour on one window as a page that needs no network and no script, and can be printed.

The frame of the hand-out: everything that it needs is in it, and a section is not cut by the end of a sheet.

The whole tour as plain reading: every text, question and hint, and the answers apart from them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from html import escape
from string import Template

import streamlit as st
from latex2mathml.converter import convert

from complex_lstm.arithmetic import Derivation, Sum
from complex_lstm.figures.stills import Bars, bars_as_svg, bars_of, cells_as_png, lines_as_svg
from complex_lstm.figures.theme import GATE, SEQUENTIAL, SIGNED
from complex_lstm.ui.session.labels import title_of
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.views.tour.arithmetic import work_out_cell
from complex_lstm.ui.views.tour.arriving import page_number, turn_to
from complex_lstm.ui.views.tour.boxes import TourBox, list_boxes
from complex_lstm.ui.views.tour.chapter import Chapter, Choice, Exhibit, Question, told
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.sheets import Sheet
from complex_lstm.ui.views.tour.window import TourWindow

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Guided tour: $window</title>
<style>
body { max-width: 800px; margin: 24px auto; padding: 0 16px; font: 15px/1.5 Georgia, serif; color: #111; background: #fff; }
h1, h2, h3, figcaption { font-family: system-ui, sans-serif; }
h2 { border-top: 1px solid #999; padding-top: 12px; }
h3 { font-size: 15px; margin-bottom: 4px; }
figure { margin: 0; }
figcaption { font-size: 11px; line-height: 1.3; }
img, svg { display: block; width: 100%; image-rendering: pixelated; }
.boxes { display: grid; grid-template-columns: repeat(8, 1fr); gap: 8px; }
.boxes img, .boxes svg { height: 48px; }
.opened div { position: relative; }
.opened img, .opened svg { height: 170px; }
.mark { position: absolute; box-sizing: border-box; border: 2px solid #000; outline: 1px solid #fff; min-width: 6px; min-height: 6px; }
.exhibit svg { height: 80px; margin-bottom: 8px; border-bottom: 1px solid #999; }
ol { padding-left: 20px; overflow-wrap: anywhere; }
math { font-size: 105%; }
.question { padding: 8px 12px; border: 1px solid #999; }
.question span { margin-right: 18px; }
.line { display: inline-block; width: 180px; height: 20px; border-bottom: 1px solid #111; }
@media print {
  body { margin: 0; max-width: none; }
  figure, .question, li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .answers { break-before: page; }
}
</style>
</head>
<body>
<h1>Guided tour</h1>
<p>$window, $steps. Every number is the model's own. In pictures blue is below zero and red above; of the gates purple is 0 and orange 1; of
attention dark is 0. A black frame marks the value whose arithmetic is written out.</p>
<div class="boxes">$boxes</div>
$pages
$answers
</body>
</html>
"""


SCALES = {"signed": SIGNED, "share": GATE, "weight": SEQUENTIAL}
PATIENCE = 5.0  # seconds that the evidence of all pages together may take
NAMED = 24  # bars of an exhibit whose names are all written out


def hand_out(window: TourWindow, *, answers: bool = True, patience: float = PATIENCE) -> str:
    """Return the tour of a window as HTML: text, pictures, arithmetic and questions, with the answers at the end if they are wanted.

    For the evidence of its last pages together it waits so many seconds: what takes longer is left out, and its page says so.
    """
    end = time.monotonic() + patience
    fitting = [(number, chapter) for number, chapter in enumerate(CHAPTERS, 1) if chapter.fits(window)]
    ready = {number for number, chapter in fitting if chapter.is_ready(window, patience=max(0.0, end - time.monotonic()))}
    asked = {number: chapter.ask(window) for number, chapter in fitting if number in ready and chapter.asks(window)}
    boxes = list_boxes(window)
    return Template(PAGE).substitute(
        window=escape(f"{title_of('data', window.scene.keys[0])}, window {window.scene.number}"),
        steps=f"{escape(window.times[0])} to {escape(window.times[-1])}",
        boxes="".join(_box(box) for box in boxes),
        pages="".join(
            _page(number, chapter, window, boxes, asked.get(number)) if number in ready else _left_out(number, chapter, window)
            for number, chapter in fitting
        ),
        answers=_answers(asked) if answers else "",
    )


def _answers(asked: dict[int, Question]) -> str:
    lines = (f"<p><b>{number}.</b> {escape(one.answer.said)}. {escape(one.because)}</p>" for number, one in asked.items())
    return f'<section class="answers"><h2>Answers</h2>{"".join(lines)}</section>'


def _box(box: TourBox) -> str:
    size = f"{box.shape}, {box.parameters:,} parameters" if box.parameters else box.shape
    return f"<figure>{_picture(box.thumbnail)}<figcaption><b>{escape(box.name)}</b><br>{size}</figcaption></figure>"


def _picture(sheet: Sheet) -> str:
    if sheet.rows == "feature":
        return lines_as_svg(sheet.values)
    shares = (1 + sheet.values / sheet.top) / 2 if sheet.colours == "signed" else sheet.values / sheet.top
    return f'<img alt="" src="{cells_as_png(shares, SCALES[sheet.colours])}">'


def _page(number: int, chapter: Chapter, window: TourWindow, boxes: tuple[TourBox, ...], question: Question | None) -> str:
    look = chapter.look(window)
    box = next(box for box in boxes if box.name == look.box)
    sheet = box.open()[look.sheet]
    found = f"<p><b>In this window.</b> {escape(chapter.finding(window))}</p>" if chapter.finding else ""
    return (
        f"<section>{_said(number, chapter, window)}{found}"
        f"<p><b>Do this.</b> {escape(told(chapter.task, window))}</p>{convert(chapter.formula_of(window), display='block')}"
        f"{_opened(box, sheet, look.row, look.column)}{''.join(_exhibit(one, window) for one in chapter.exhibits)}"
        f"{_arithmetic(work_out_cell(window, sheet, look.row, look.column))}{_question(question) if question else ''}</section>"
    )


def _said(number: int, chapter: Chapter, window: TourWindow) -> str:
    return f"<h2>{number}. {escape(chapter.title)}</h2><p>{escape(told(chapter.claim, window))}</p>"


def _left_out(number: int, chapter: Chapter, window: TourWindow) -> str:
    why = f"Its numbers take longer than a hand-out waits: open page {number} of the tour, let it finish, and fetch the hand-out again."
    return f"<section>{_said(number, chapter, window)}<p><i>{why}</i></p></section>"


def _opened(box: TourBox, sheet: Sheet, row: int, column: int) -> str:
    """Return a sheet large, with the cell of the arithmetic marked."""
    rows, columns = sheet.values.shape
    left, top, width, height = (100 * part for part in (column / columns, row / rows, 1 / columns, 1 / rows))
    mark = f'<span class="mark" style="left:{left:.2f}%;top:{top:.2f}%;width:{width:.2f}%;height:{height:.2f}%"></span>'
    low, high = float(sheet.values.min()), float(sheet.values.max())
    axes = f"{sheet.rows or 'one row'} from top to bottom, {sheet.across} across"
    words = f"{box.name}, {sheet.label}: {axes}, from {low:.3g} to {high:.3g}"
    return f'<figure class="opened"><div>{_picture(sheet)}{mark}</div><figcaption>{escape(words)}</figcaption></figure>'


def _exhibit(exhibit: Exhibit, window: TourWindow) -> str:
    panels = "".join(f"<figcaption>{_below(bars)}</figcaption>{bars_as_svg(bars)}" for bars in bars_of(exhibit.draw(window)))
    return f'<figure class="exhibit"><figcaption><b>{escape(exhibit.alt)}</b></figcaption>{panels}</figure>'


def _below(bars: Bars) -> str:
    """Return what the bars are, in words. Their names come from the figure, which has escaped them."""
    names = "; ".join(bars.below) if len(bars.below) <= NAMED else f"{bars.below[0]} to {bars.below[-1]}"
    return f"{bars.name}, {bars.values.min():.3g} to {bars.values.max():.3g}. From the left: {names}"


def _arithmetic(working: Derivation) -> str:
    lines = "".join(f"<li>{line}</li>" for line in _lines(working))
    came_to = f"From the digits above: {working.recomputed():.7g}. The model computed: {working.traced:.7g}."
    return f"<h3>{escape(working.name)}</h3><ol>{lines}</ol><p>{came_to}</p>"


def _lines(working: Derivation) -> Iterator[str]:
    for written in working.formatted():
        terms = written.line.terms if isinstance(written.line, Sum) else ()
        names = f" (of {', '.join(escape(term.name) for term in terms)})" if terms else ""
        yield f"{escape(written.line.label)}{names}: {convert(written.in_symbols)}<br>{_broken(written.in_digits)}"


def _broken(latex: str) -> str:
    """Return a sum as several formulas, one a term: a browser breaks lines between formulas and not in them."""
    parts, depth, begin = [], 0, 0
    for at, sign in enumerate(latex):
        depth += (sign in "{(") - (sign in "})")
        if sign == "+" and not depth:
            parts.append(latex[begin:at])
            begin = at
    return " ".join(convert(part) for part in (*parts, latex[begin:]))


def _question(question: Question) -> str:
    options = question.answer.options if isinstance(question.answer, Choice) else ()
    room = "".join(f"<span>☐ {escape(option)}</span>" for option in options) or "<span class='line'></span>"
    return f"<p class='question'><b>Question.</b> {escape(question.words)}<br>{room}</p>"


def show_reading(window: TourWindow) -> None:
    """Draw the tour as plain reading, with a way to each page. What is folded is not made: the questions look at every box."""
    whole = st.expander("The whole tour as plain reading", key="tour_reading", on_change="rerun")
    answers = st.expander("The answers to its questions", key="tour_answers", on_change="rerun")
    asked = {number: one.ask(window) for number, one in _ready(window) if one.asks(window)} if whole.open or answers.open else {}
    if whole.open:
        with whole:
            for number, chapter in enumerate(CHAPTERS, 1):
                st.markdown(_written(number, chapter, window, asked.get(number)))
            _offer_pages()
    if answers.open:
        answers.markdown("  \n".join(f"**{number}. {plain(one.answer.said)}.** {one.because}" for number, one in asked.items()))


def _ready(window: TourWindow) -> list[tuple[int, Chapter]]:
    """Return the pages whose evidence is there: plain reading waits for none."""
    return [(number, chapter) for number, chapter in enumerate(CHAPTERS, 1) if chapter.is_ready(window)]


def _written(number: int, chapter: Chapter, window: TourWindow, question: Question | None) -> str:
    lines = [f"**{number}. {chapter.title}**"]
    if not chapter.fits(window):
        return f"{lines[0]}  \nThis model has too few BiLSTM blocks for this page."
    lines.append(told(chapter.claim, window))
    if chapter.finding and chapter.is_ready(window):
        lines.append(f"In this window: {chapter.finding(window)}")
    lines += [f"*{told(chapter.task, window)}*", f"${chapter.formula_of(window)}$"]
    if question:
        options = f" ({'; '.join(map(plain, question.answer.options))})" if isinstance(question.answer, Choice) else ""
        lines += [f"**Question.** {question.words}{options}", f"**Hint.** {question.hint}"]
    elif chapter.has_question(window):
        lines.append("**Question.** It rests on forward passes of its own, which this page begins when it is opened.")
    return "  \n".join(lines)


def _offer_pages() -> None:
    st.selectbox(
        "Go to a page",
        range(1, len(CHAPTERS) + 1),
        index=page_number() - 1,
        format_func=lambda number: f"{number}. {CHAPTERS[number - 1].title}",
        key="tour_go_to",
        on_change=_go,
    )


def _go() -> None:
    turn_to(st.session_state["tour_go_to"])
