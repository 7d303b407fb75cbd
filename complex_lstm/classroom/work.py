"""What pupils do: where they are, what they answer, and the windows that they hand in; and all of it in one look for the teacher."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from complex_lstm.classroom.door import Pupil
from complex_lstm.classroom.storage import Classroom, count_change, fact_in
from complex_lstm.errors import ClassroomError

LONGEST_COMMENT, MOST_HAND_INS, MOST_ANSWERS = 2000, 50, 2000
AGAIN = 20.0  # seconds after which a pupil who is still there is recorded as seen anew


@dataclass(frozen=True)
class Answer:
    """What a pupil has answered on a page of the tour: first, before anything was shown, and last; as numbers, and in words.

    `token` stands for the window and `window` names it; `moment` is in seconds since 1970.
    """

    page: int
    token: str
    first: float
    latest: float
    first_words: str
    latest_words: str
    is_right: bool
    at_first: bool
    window: str
    moment: float = 0.0


@dataclass(frozen=True)
class HandIn:
    """A window that a pupil hands in: the page and the link that open it, what it is in words, and a comment."""

    page: str
    link: str
    window: str
    comment: str
    moment: float = 0.0


@dataclass(frozen=True)
class Record:
    """A pupil as the teacher sees them: a name that nobody else here has, where they are and when they were seen, and what they did."""

    pupil: Pupil
    shown_name: str
    place: str
    seen: float
    answers: tuple[Answer, ...]
    hand_ins: tuple[HandIn, ...]


def record_place(room: Classroom, pupil: Pupil, place: str, *, now: float | None = None) -> None:
    """Record where a pupil is; that they are still there only now and then."""
    now = time.time() if now is None else now
    with room.reading() as database:
        row = database.execute("SELECT place, seen FROM pupils WHERE id = ?", (pupil.number,)).fetchone()
    if row and row["place"] == place and 0 <= now - row["seen"] < AGAIN:
        return
    with room.writing() as database:
        database.execute("UPDATE pupils SET place = ?, seen = ? WHERE id = ?", (place, now, pupil.number))
        count_change(database, "work")


def record_answer(room: Classroom, pupil: Pupil, answer: Answer, *, now: float | None = None) -> None:
    """Record an answer: the first on a page of a window stays the first, on whichever device it was given.

    Raises:
        ClassroomError: the pupil has answered on too many windows, or was removed from the class.
    """
    with room.writing() as database:
        _check_there(database, pupil)
        before = database.execute(
            "SELECT latest FROM answers WHERE pupil = ? AND page = ? AND token = ?", (pupil.number, answer.page, answer.token)
        ).fetchone()
        if before and before["latest"] == answer.latest:
            return
        if not before and _count(database, "answers", pupil) >= MOST_ANSWERS:
            raise ClassroomError(f"{MOST_ANSWERS:,} answers are kept of a pupil, and no more. Stay with the lesson's window.")
        database.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET latest = excluded.latest, "
            "latest_words = excluded.latest_words, is_right = excluded.is_right, moment = excluded.moment",
            (
                pupil.number, answer.page, answer.token, answer.first, answer.latest, answer.first_words, answer.latest_words,
                answer.is_right, answer.at_first, answer.window, time.time() if now is None else now,
            ),
        )  # fmt: skip
        count_change(database, "work")


def answers_of(room: Classroom, pupil: Pupil, token: str) -> list[Answer]:
    """Return what a pupil has answered on a window, by page."""
    with room.reading() as database:
        found = database.execute("SELECT * FROM answers WHERE pupil = ? AND token = ? ORDER BY page", (pupil.number, token))
        return [_answer(row) for row in found]


def hand_in(room: Classroom, pupil: Pupil, made: HandIn, *, now: float | None = None) -> None:
    """Keep a window that a pupil hands in, beside those of before.

    Raises:
        ClassroomError: the comment is too long, there are too many, or the pupil was removed from the class.
    """
    comment = made.comment.strip()
    if len(comment) > LONGEST_COMMENT:
        raise ClassroomError(f"The comment has {len(comment):,} characters, expected at most {LONGEST_COMMENT:,}. Shorten it.")
    with room.writing() as database:
        _check_there(database, pupil)
        if _count(database, "hand_ins", pupil) >= MOST_HAND_INS:
            raise ClassroomError(f"You have handed in {MOST_HAND_INS} windows, which is as many as one can.")
        database.execute(
            "INSERT INTO hand_ins (pupil, page, link, window, comment, moment) VALUES (?, ?, ?, ?, ?, ?)",
            (pupil.number, made.page, made.link, made.window, comment, time.time() if now is None else now),
        )
        count_change(database, "work")


def hand_ins_of(room: Classroom, pupil: Pupil) -> list[HandIn]:
    """Return what a pupil has handed in, the oldest first."""
    with room.reading() as database:
        return [_hand_in(row) for row in database.execute("SELECT * FROM hand_ins WHERE pupil = ? ORDER BY id", (pupil.number,))]


def class_records(room: Classroom) -> list[Record]:
    """Return all pupils in the order in which they joined. Of those with one name the second is called by it and (2)."""
    with room.reading() as database:
        pupils = database.execute("SELECT * FROM pupils ORDER BY id").fetchall()
        answers = database.execute("SELECT * FROM answers ORDER BY page, moment").fetchall()
        hand_ins = database.execute("SELECT * FROM hand_ins ORDER BY id").fetchall()
    names = _told_apart([row["name"] for row in pupils])
    return [
        Record(
            Pupil(row["id"], row["name"], row["code"]), name, row["place"], row["seen"],
            tuple(_answer(one) for one in answers if one["pupil"] == row["id"]),
            tuple(_hand_in(one) for one in hand_ins if one["pupil"] == row["id"]),
        )
        for row, name in zip(pupils, names, strict=True)
    ]  # fmt: skip


def changes_of_work(room: Classroom) -> int:
    """Return a number that grows whenever a pupil does something that the teacher sees."""
    with room.reading() as database:
        return int(fact_in(database, "work") or 0)


def _told_apart(names: list[str]) -> list[str]:
    made: list[str] = []
    for name in names:
        number, one = 1, name
        while one.casefold() in {known.casefold() for known in made}:
            number += 1
            one = f"{name} ({number})"
        made.append(one)
    return made


def _check_there(database: sqlite3.Connection, pupil: Pupil) -> None:
    if not database.execute("SELECT 1 FROM pupils WHERE id = ?", (pupil.number,)).fetchone():
        raise ClassroomError("You are not in the class any more. Join it again on the Start page.")


def _count(database: sqlite3.Connection, table: str, pupil: Pupil) -> int:
    return int(database.execute(f"SELECT count(*) FROM {table} WHERE pupil = ?", (pupil.number,)).fetchone()[0])


def _answer(row: sqlite3.Row) -> Answer:
    return Answer(
        row["page"], row["token"], row["first"], row["latest"], row["first_words"], row["latest_words"], bool(row["is_right"]),
        bool(row["at_first"]), row["window"], row["moment"],
    )  # fmt: skip


def _hand_in(row: sqlite3.Row) -> HandIn:
    return HandIn(row["page"], row["link"], row["window"], row["comment"], row["moment"])
