"""What a teacher takes along of a class, as tables whose cells no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from complex_lstm.classroom.work import Record
from complex_lstm.wording import spreadsheet_cell

ANSWERS = ("pupil", "page", "window", "first answer", "right at first", "latest answer", "right", "time (UTC)")
HAND_INS = ("pupil", "page", "window", "comment", "link", "time (UTC)")
PUPILS = ("pupil", "where", "last seen (UTC)", "pages answered", "right", "handed in")


def answers_csv(records: Iterable[Record]) -> str:
    """Return a line for each page that a pupil has answered."""
    return _written(
        ANSWERS,
        (
            (
                who.shown_name, one.page, one.window, one.first_words, _yes(one.at_first), one.latest_words, _yes(one.is_right),
                _time(one.moment),
            )
            for who in records
            for one in who.answers
        ),
    )  # fmt: skip


def hand_ins_csv(records: Iterable[Record], address: str) -> str:
    """Return a line for each window handed in; `address` begins its link."""
    return _written(
        HAND_INS,
        (
            (who.shown_name, one.page, one.window, one.comment, f"{address}{one.page}?{one.link}", _time(one.moment))
            for who in records
            for one in who.hand_ins
        ),
    )


def pupils_csv(records: Iterable[Record]) -> str:
    """Return a line for each pupil: where they are, and how many pages and windows they have answered and handed in."""
    return _written(
        PUPILS,
        (
            (
                who.shown_name, who.place, _time(who.seen) if who.seen else "", len(who.answers),
                sum(one.is_right for one in who.answers), len(who.hand_ins),
            )
            for who in records
        ),
    )  # fmt: skip


def _written(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(header)
    writer.writerows([spreadsheet_cell(value) for value in row] for row in rows)
    return made.getvalue()


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")
