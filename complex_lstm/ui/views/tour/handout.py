"""The whole tour at once: as a hand-out that can be printed, and as plain text on the page.

The hand-out is one HTML file for one window. It needs no network and no script, and a section is not cut by the end of a
sheet of paper. The plain text has every text, question and hint; the answers stand apart.
"""

from __future__ import annotations

import re
import time
from html import escape
from itertools import zip_longest
from string import Template

import streamlit as st
from latex2mathml.converter import convert

from complex_lstm.arithmetic import Derivation, Sum
from complex_lstm.figures.stills import Bars, bars_as_svg, bars_of, cells_as_png, lines_as_svg
from complex_lstm.figures.theme import GATE, SEQUENTIAL, SIGNED
from complex_lstm.languages import ENGLISH, _, mark, speaking, spoken
from complex_lstm.ui.explaining.headline import in_html, in_markdown
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import title_of
from complex_lstm.ui.session.state import is_lesson
from complex_lstm.ui.views.tour.arithmetic import derive_cell
from complex_lstm.ui.views.tour.chapter import Chapter, Exhibit, MultipleChoice, Question, fill_in
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.evidence import HEADLINE
from complex_lstm.ui.views.tour.page_parts import AS_ON_EXPLAIN
from complex_lstm.ui.views.tour.position import page_number, turn_to
from complex_lstm.ui.views.tour.predictions import predictions
from complex_lstm.ui.views.tour.routes import pages_of
from complex_lstm.ui.views.tour.sheets import Sheet, TourBox, list_boxes
from complex_lstm.ui.views.tour.window import TourWindow

PAGE = """<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<title>$title: $window</title>
<style>
body { max-width: 800px; margin: 24px auto; padding: 0 16px; font: 15px/1.5 Georgia, serif; color: #111; background: #fff; }
h1, h2, h3, figcaption { font-family: system-ui, sans-serif; }
h2 { border-top: 1px solid #999; padding-top: 12px; }
h3 { font-size: 15px; margin-bottom: 4px; }
figure { margin: 0; }
figcaption { font-size: 11px; line-height: 1.3; }
img, svg { display: block; width: 100%; image-rendering: pixelated; }
.boxes { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 8px; overflow-wrap: anywhere; }
.boxes img, .boxes svg { height: 48px; }
.opened { display: grid; grid-template-columns: auto 1fr; margin-top: 8px; }
.cells { position: relative; align-self: start; }
.axis { display: flex; justify-content: space-between; gap: 6px; font: 10px/1.2 system-ui, sans-serif; }
.axis.few { justify-content: space-around; }
.axis.rows { flex-direction: column; padding-right: 5px; text-align: right; max-width: 130px; }
.axis.columns, .opened figcaption { grid-column: 2; }
.opened img, .opened svg { height: 170px; }
.mark { position: absolute; box-sizing: border-box; border: 2px solid #000; outline: 1px solid #fff; min-width: 6px; min-height: 6px; }
.exhibit svg { height: 80px; margin-bottom: 8px; border-bottom: 1px solid #999; }
ol { padding-left: 20px; overflow-wrap: anywhere; }
math { font-size: 105%; }
.question { padding: 8px 12px; border: 1px solid #999; }
.question span { display: inline-block; margin-right: 18px; }
.line { display: inline-block; width: 180px; height: 20px; border-bottom: 1px solid #111; }
@page { margin: 10mm; }
/* On paper 12 px are 9 points, and nothing is smaller. The fonts are as wide on every machine. */
@media print {
  body { margin: 0; padding: 0; max-width: none; font: 12px/1.35 "Times New Roman", "Liberation Serif", Times, serif; }
  h1, h2, h3, figcaption, .axis { font-family: Arial, "Liberation Sans", Helvetica, sans-serif; }
  h1 { margin: 0; font-size: 20px; }
  h2 { margin: 8px 0 4px; padding-top: 6px; font-size: 15px; }
  h3 { margin: 6px 0 2px; font-size: 12px; }
  p, ol { margin: 3px 0; }
  figcaption, .axis { font-size: 12px; line-height: 1.15; }
  math { font-size: 13px; }
  :is(msub, msup, msubsup, munder, mover, munderover) > :not(:first-child) { font-size: 12px; }
  :is(msub, msup, msubsup) > :not(:first-child) * { font-size: 12px; }
  mfrac, mfrac * { math-style: normal; font-size: 12px; }
  .boxes img, .boxes svg { height: 30px; }
  .opened { margin-top: 4px; clear: both; }
  .opened img, .opened svg { height: 105px; }
  .exhibit svg { height: 40px; margin-bottom: 3px; }
  .question { padding: 4px 10px; }
  :is(li, .question) br:has(+ .line) { display: none; }
  .axis.rows { gap: 0; line-height: 1; }
  .formula { float: right; margin: 0 0 2px 16px; }
  .task { display: inline; }
  /* The teacher's copy has all digits: a line of the arithmetic has them beside its symbols. */
  .filled { line-height: 1.18; }
  .filled .line { height: 14px; }
  .filled h2 { margin: 6px 0 2px; padding-top: 4px; font-size: 14px; }
  .filled h3 { margin: 3px 0 1px; }
  .filled p, .filled ol { margin: 2px 0; }
  .filled .opened :is(img, svg) { height: 75px; }
  .filled .pictures:has(.exhibit) { display: grid; grid-template-columns: 1fr 1fr; column-gap: 14px; align-items: start; clear: both; }
  .filled .exhibit { display: grid; grid-template-columns: 9fr 11fr; column-gap: 8px; align-items: end; margin-top: 4px; }
  .filled .exhibit figcaption:is(:first-child, .below) { grid-column: 1 / -1; }
  .filled .exhibit svg { height: 30px; margin: 0; }
  .filled .question { padding: 2px 8px; }
  .filled :is(li, .question) br { display: none; }
  .filled .question br + span { margin-left: 12px; }
  .filled li p { display: inline; margin-left: 14px; }
  .filled li br + math { margin-left: 14px; }
  figure, .question, li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  section { break-inside: avoid; }
  .answers { break-before: page; }
}
</style>
</head>
<body class="$copy">
<h1>$title</h1>
<p>$window, $steps. $legend</p>
<div class="boxes">$boxes</div>
$pages
$answers
</body>
</html>
"""


LEGEND = mark(
    "Every number is the model's own. In the pictures blue is below zero and red above zero; in gates purple is 0 and orange "
    "is 1; in attention dark is 0. A black frame marks the value whose arithmetic is written out."
)
SCALES = {"signed": SIGNED, "share": GATE, "weight": SEQUENTIAL}
PATIENCE = 5.0  # seconds to wait for the evidence of all pages together
TICKS = 6  # names along an axis
_BRACED = re.compile(r"\\underbrace\{(.*)\}_\{\\text\{(.*?)\}\}")
NAMED = 24  # bars of an exhibit whose names are all written out


def hand_out(window: TourWindow, *, answers: bool = True, route: str = "", patience: float = PATIENCE, language: str = ENGLISH) -> str:
    """Return the tour of a window as HTML, in a language: text, pictures and questions.

    With `answers` it has all numbers, and the answers at its end.

    A route has its own pages only. Without answers there are blanks
    in place of what the questions ask for, and of the numbers that lead to it.

    It waits up to `patience` seconds for the evidence of the last pages together. A page whose evidence takes longer is
    left out, and says so.
    """
    with speaking(language):
        return _hand_out(window, answers=answers, route=route, patience=patience)


def _hand_out(window: TourWindow, *, answers: bool, route: str, patience: float) -> str:
    end = time.monotonic() + patience
    fitting = [(number, CHAPTERS[number - 1]) for number in pages_of(route) if CHAPTERS[number - 1].fits(window)]
    ready = {number for number, chapter in fitting if chapter.is_ready(window, patience=max(0.0, end - time.monotonic()))}
    headline = _headline(window, patience=max(0.0, end - time.monotonic()))
    questions = {number: chapter.question(window) for number, chapter in fitting if number in ready and chapter.is_askable(window)}
    lines = [f"<p><b>{number}.</b> {escape(one.answer.text)}. {escape(one.because)}</p>" for number, one in questions.items()]
    boxes = list_boxes(window)
    return Template(PAGE).substitute(
        language=spoken().tag,
        copy="filled" if answers else "blanks",
        title=_("Guided tour"),
        window=escape(_("{data}, window {number}", data=title_of("data", window.scene.keys[0]), number=window.scene.number)),
        steps=_("{first} to {last}", first=escape(window.times[0]), last=escape(window.times[-1])),
        legend=_(LEGEND),
        boxes="".join(_box(box) for box in boxes),
        pages="".join(
            _page(
                number,
                chapter,
                window,
                boxes,
                questions.get(number),
                headline if chapter.names_features else "",
                ready=number in ready,
                filled=answers,
            )
            for number, chapter in fitting
        ),
        answers=f'<section class="answers"><h2>{_("Answers")}</h2>{"".join(lines)}</section>' if answers else "",
    )


def _box(box: TourBox) -> str:
    counted = _("{shape}, {parameters:,} parameters", shape=box.shape, parameters=box.parameters)
    size = counted if box.parameters else box.shape
    return f"<figure>{_picture(box.thumbnail)}<figcaption><b>{escape(box.title)}</b><br>{size}</figcaption></figure>"


def _picture(sheet: Sheet) -> str:
    if sheet.rows == "feature":
        return lines_as_svg(sheet.values)
    shares = (1 + sheet.values / sheet.top) / 2 if sheet.colours == "signed" else sheet.values / sheet.top
    return f'<img alt="" src="{cells_as_png(shares, SCALES[sheet.colours])}">'


def _headline(window: TourWindow, patience: float) -> str:
    """Return as HTML what the prediction rests on, as Explain says it; after so many seconds, that it takes longer."""
    if HEADLINE.is_known(window, patience=patience):
        words = in_html(HEADLINE.of(window))
    else:
        words = _("What the prediction rests on takes longer than a hand-out waits: open Explain, let it finish, and download again.")
    return f"<p><b>{_(AS_ON_EXPLAIN)}.</b> {words}</p>"


def _page(
    page: int,
    chapter: Chapter,
    window: TourWindow,
    boxes: tuple[TourBox, ...],
    question: Question | None,
    headline: str,
    *,
    ready: bool,
    filled: bool,
) -> str:
    heading = f"<h2>{page}. {escape(_(chapter.title))}</h2><p>{escape(fill_in(chapter.claim, window))}</p>"
    if not ready:
        why = _(
            "Its numbers take longer than a hand-out waits: open page {page} of the tour, let it finish, and download again.", page=page
        )
        return f"<section>{heading}<p><i>{why}</i></p></section>"
    start = chapter.start(window)
    box = next(box for box in boxes if box.name == start.box)
    sheet = box.open()[start.sheet]
    box_of_question = ""
    if question:
        options = question.answer.options if isinstance(question.answer, MultipleChoice) else ()
        room = "".join(f"<span>☐ {escape(option)}</span>" for option in options) or "<span class='line'></span>"
        box_of_question = f"<p class='question'><b>{_('Question.')}</b> {escape(question.words)}<br>{room}</p>"
    shown = filled or question is None
    finding = f"<p><b>{_('In this window.')}</b> {escape(chapter.finding(window))}</p>" if shown and chapter.finding else ""
    exhibits = "".join(exhibit_html(one, window) for one in chapter.exhibits) if shown else ""
    return (
        f"<section>{heading}{finding}{headline if shown else ''}"
        f'<div class="formula">{convert(chapter.formula_of(window), display="block")}</div>'
        f'<p class="task"><b>{_("Do this.")}</b> {_on_paper(sheet, window, start.row, start.column, filled=shown)}</p> '
        f'<p class="task"><b>{_("At a screen.")}</b> {escape(fill_in(chapter.task, window))}</p>'
        f'<div class="pictures">{_opened(box, sheet, window, start.row, start.column, filled=shown)}{exhibits}</div>'
        f"{arithmetic_html(derive_cell(window, sheet, start.row, start.column), filled=shown)}{box_of_question}</section>"
    )


def _on_paper(sheet: Sheet, window: TourWindow, row: int, column: int, *, filled: bool) -> str:
    """Return as HTML what can be done with the page alone."""
    rows, columns = _names(sheet, window)
    place = ", ".join(part for part in (rows[row], columns[column]) if part)
    lines = (
        _("Follow the lines of its arithmetic to the last.")
        if filled
        else _("Fill in the lines of its arithmetic as far as you know its numbers.")
    )
    find = _("Find the framed value by the axes: {place}. Compare its colour with its neighbours'.", place=escape(place))
    return f"{find} {lines}"


def _names(sheet: Sheet, window: TourWindow) -> tuple[list[str], list[str]]:
    """Return the names of a sheet's rows and columns as its axes have them."""
    height, width = sheet.values.shape
    rows = list(sheet.names) or [f"{_(sheet.rows)} {number}".strip() for number in range(height)]
    if sheet.across == "key":
        return rows, [_("key step {step}", step=number) for number in range(width)]
    steps = [_("step {step}", step=number) for number in range(window.steps)]
    timed = [
        step if time == str(number) else f"{step} ({time})" for number, (step, time) in enumerate(zip(steps, window.times, strict=True))
    ]
    return rows, timed if sheet.across == "time" else list(sheet.columns) or [f"{_(sheet.across)} {number}" for number in range(width)]


def _axis(names: list[str], kind: str) -> str:
    """Return an axis: every name where there are few, else some from the first to the last, as far apart as their cells."""
    few = len(names) <= TICKS
    shown = names if few else [names[round(at * (len(names) - 1) / (TICKS - 1))] for at in range(TICKS)]
    return f'<div class="axis {kind}{" few" if few else ""}">{"".join(f"<span>{escape(name)}</span>" for name in shown)}</div>'


def _opened(box: TourBox, sheet: Sheet, window: TourWindow, row: int, column: int, *, filled: bool) -> str:
    """Return a sheet large, with its axes and the cell of the arithmetic marked."""
    rows, columns = sheet.values.shape
    left, top, width, height = (100 * part for part in (column / columns, row / rows, 1 / columns, 1 / rows))
    mark = f'<span class="mark" style="left:{left:.2f}%;top:{top:.2f}%;width:{width:.2f}%;height:{height:.2f}%"></span>'
    low, high = float(sheet.values.min()), float(sheet.values.max())
    down, across = _names(sheet, window)
    limits = _("from {low:.3g} to {high:.3g}", low=low, high=high)
    words = f"{box.title}, {sheet.label}" + (f", {limits}" if filled else "")
    picture = f'{_axis(down, "rows")}<div class="cells">{_picture(sheet)}{mark}</div>{_axis(across, "columns")}'
    return f'<figure class="opened">{picture}<figcaption>{escape(words)}</figcaption></figure>'


def exhibit_html(exhibit: Exhibit, window: TourWindow) -> str:
    """Return a page's figure as HTML. What stands below all its bars alike is named once, below the last of them."""
    panels, drawn = "", bars_of(exhibit.draw(window))
    for bars, after in zip_longest(drawn, drawn[1:]):
        limits = _("{low:.3g} to {high:.3g}", low=bars.values.min(), high=bars.values.max())
        panels += f"<figcaption>{bars.name}, {limits}</figcaption>{bars_as_svg(bars)}"  # the name is escaped by the figure
        if after is None or after.below != bars.below:
            panels += f'<figcaption class="below">{_below(bars, exhibit, window)}</figcaption>'
    return f'<figure class="exhibit"><figcaption><b>{escape(_(exhibit.alt))}</b></figcaption>{panels}</figure>'


def _below(bars: Bars, exhibit: Exhibit, window: TourWindow) -> str:
    names = tuple(map(escape, window.times)) if exhibit.is_over_time else bars.below  # escaped by the figure
    is_short = len(names) <= NAMED and not exhibit.is_over_time
    return _("From the left: {names}", names="; ".join(names) if is_short else _("{first} to {last}", first=names[0], last=names[-1]))


def arithmetic_html(derivation: Derivation, *, filled: bool) -> str:
    """Return the lines of a value in symbols, and in digits or with room for them."""
    lines: list[str] = []
    for written in derivation.formatted():
        terms = written.line.terms if filled and isinstance(written.line, Sum) else ()
        names = f" {_('(of {names})', names=', '.join(escape(term.name) for term in terms))}" if terms else ""
        digits = _broken(written.in_digits) if filled else "<span class='line'></span>"
        lines.append(f"{escape(written.line.label)}{names}: {convert(written.in_symbols)}<br>{digits}")
    result = _(
        "From the digits above: {result:.7g}. The model computed: {traced:.7g}.", result=derivation.recomputed(), traced=derivation.traced
    )
    if filled:
        lines[-1] += f"<p>{result}</p>"
    return f"<h3>{escape(derivation.name)}</h3><ol>{''.join(f'<li>{line}</li>' for line in lines)}</ol>"


def _broken(latex: str) -> str:
    """Return a sum as several formulas, one for each term, because a browser breaks lines between formulas and not in them.

    What stands below a brace, in small type, stands beside it here.
    """
    latex = _BRACED.sub(r"\1 \\;\\text{[\2]}", latex)
    parts, depth, begin = [], 0, 0
    for at, sign in enumerate(latex):
        depth += (sign in "{(") - (sign in "})")
        if sign == "+" and not depth:
            parts.append(latex[begin:at])
            begin = at
    return " ".join(convert(part) for part in (*parts, latex[begin:]))


def show_plain_text(window: TourWindow) -> None:
    """Draw the tour as plain text, with a selector of its pages, and but in a lesson the answers apart.

    A closed expander computes nothing: the questions open every box.
    """
    whole = st.expander(_("The whole tour as plain text"), key="tour_reading", on_change="rerun")
    answers = None if is_lesson() else st.expander(_("The answers to its questions"), key="tour_answers", on_change="rerun")
    questions: dict[int, Question] = {}
    if whole.open or (answers and answers.open):  # plain text waits for no evidence
        ready = ((number, chapter) for number, chapter in enumerate(CHAPTERS, 1) if chapter.is_ready(window))
        questions = {number: chapter.question(window) for number, chapter in ready if chapter.is_askable(window)}
    if whole.open:
        with whole:
            for number, chapter in enumerate(CHAPTERS, 1):
                st.markdown(_written(number, chapter, window, questions.get(number)))
            _offer_pages()
    if answers and answers.open:
        answers.markdown("  \n".join(f"**{number}. {plain(one.answer.text)}.** {one.because}" for number, one in questions.items()))


def _written(number: int, chapter: Chapter, window: TourWindow, question: Question | None) -> str:
    lines = [f"**{number}. {_(chapter.title)}**"]
    if not chapter.fits(window):
        return f"{lines[0]}  \n{_('This model has too few BiLSTM blocks for this page.')}"
    lines.append(fill_in(chapter.claim, window))
    is_shown = not chapter.has_question(window) or number in predictions(window)  # it would answer the question
    if is_shown and chapter.finding and chapter.is_ready(window):
        lines.append(f"{_('In this window:')} {chapter.finding(window)}")
    if is_shown and chapter.names_features and HEADLINE.is_known(window):
        lines.append(f"{_(AS_ON_EXPLAIN)}: {in_markdown(HEADLINE.of(window))}")
    lines += [f"*{fill_in(chapter.task, window)}*", f"${chapter.formula_of(window)}$"]
    if question:
        options = f" ({'; '.join(map(plain, question.answer.options))})" if isinstance(question.answer, MultipleChoice) else ""
        lines += [f"**{_('Question.')}** {question.words}{options}", f"**{_('Hint.')}** {question.hint}"]
    elif chapter.has_question(window):
        lines.append(f"**{_('Question.')}** {_('It needs forward passes of its own, which start when the page is opened.')}")
    return "  \n".join(lines)


def _offer_pages() -> None:
    st.selectbox(
        _("Go to a page"),
        range(1, len(CHAPTERS) + 1),
        index=page_number() - 1,
        format_func=lambda number: f"{number}. {_(CHAPTERS[number - 1].title)}",
        key="tour_go_to",
        on_change=lambda: turn_to(st.session_state["tour_go_to"]),
    )
