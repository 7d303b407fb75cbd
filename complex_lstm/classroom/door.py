"""Who comes into a class: pupils by its join code, or on another device by a code of their own; the teacher by a key.

Codes are compared in constant time. After a few wrong ones a visitor waits, longer each time; and where many come from all sides, which
a visitor who throws their cookie away can do, nobody comes in by a code for a moment. The teacher sees that, and can close the door.
"""

from __future__ import annotations

import hmac
import re
import secrets
import sqlite3
import time
import unicodedata
from dataclasses import dataclass

from complex_lstm.classroom.storage import Classroom, count_change, draw_code, set_fact
from complex_lstm.errors import ClassroomError

LONGEST_NAME, MOST_PUPILS = 40, 1000
FREE_TRIES, LONGEST_WAIT = 3, 60  # wrong codes before a visitor waits; seconds, doubled from 1 with each
FLOOD, FLOOD_SECONDS = 40, 60  # so many wrong codes of all visitors within a minute, and no code is tried
FORGOTTEN = 3600  # seconds after which a wrong code counts no more

QUALITIES = (
    "Quiet", "Bright", "Swift", "Calm", "Bold", "Gentle", "Keen", "Merry", "Patient", "Proud", "Brave", "Clever", "Curious", "Eager",
    "Lively", "Lucky", "Noble", "Steady", "Sunny", "Wise",
)  # fmt: skip
ANIMALS = (
    "Heron", "Otter", "Falcon", "Badger", "Lynx", "Marten", "Plover", "Robin", "Salmon", "Swallow", "Beaver", "Crane", "Dolphin",
    "Finch", "Hare", "Kestrel", "Lark", "Magpie", "Newt", "Owl", "Puffin", "Raven", "Seal", "Stork", "Swan", "Tern", "Vole", "Wren",
    "Egret", "Moth",
)  # fmt: skip


@dataclass(frozen=True)
class Pupil:
    """Somebody in the class: a number, the name that they chose or were given, and the code by which they go on at another device."""

    number: int
    name: str
    code: str


def sound_name(text: str) -> str:
    """Return a name as it is kept: composed characters, single spaces, none at the ends.

    Raises:
        ClassroomError: it is empty, too long, or has characters that no name has.
    """
    if len(text) > 10 * LONGEST_NAME:
        raise ClassroomError(f"The name has {len(text):,} characters, expected at most {LONGEST_NAME}. Choose a shorter one.")
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
    if not name:
        raise ClassroomError("There is no name. Write one; it can be a pseudonym.")
    if len(name) > LONGEST_NAME:
        raise ClassroomError(f"The name has {len(name):,} characters, expected at most {LONGEST_NAME}. Choose a shorter one.")
    if not all(unicodedata.category(one)[0] in "LMNPSZ" for one in name) or not any(one.isalnum() for one in name):
        raise ClassroomError("The name needs a letter or digit, and can have no characters that are not seen. Type it anew.")
    return name


def join(room: Classroom, owner: str, code: str, name: str = "", *, now: float | None = None) -> Pupil:
    """Return the pupil that a visitor becomes by the class's code; one who has joined stays who they are.

    Where the lesson draws names, `name` does not count. Two may have the same name: only the teacher sees that they do.

    Raises:
        ClassroomError: the code is wrong or is not tried now, the door is closed, the class is full, or the name cannot be one.
        WorkspaceError: the class's file cannot be written.
    """
    if known := pupil_of(room, owner):
        return known
    name = "" if room.lesson.names == "drawn" else sound_name(name)
    if room.fact("door") == "closed":
        raise ClassroomError("The class takes in nobody more at the moment. Ask your teacher to open it.")
    _try(room, owner, is_right=_same(code, room.code), now=now)
    with room.writing() as database:
        names = {row["name"] for row in database.execute("SELECT name FROM pupils")}
        if database.execute("SELECT count(*) FROM pupils").fetchone()[0] >= MOST_PUPILS:
            raise ClassroomError(f"The class is full: it takes up to {MOST_PUPILS:,} pupils.")
        pupil = (name or _drawn_name(names), draw_code(), time.time() if now is None else now)
        made = database.execute("INSERT INTO pupils (name, code, joined) VALUES (?, ?, ?)", pupil).lastrowid
        database.execute("INSERT OR REPLACE INTO seats VALUES (?, ?)", (owner, made))
        count_change(database, "work")
    return Pupil(int(made or 0), pupil[0], pupil[1])


def come_back(room: Classroom, owner: str, code: str, *, now: float | None = None) -> Pupil:
    """Return the pupil with this code of their own, who goes on here: at another device, or after leaving.

    Raises:
        ClassroomError: nobody has this code, or it is not tried now.
        WorkspaceError: the class's file cannot be written.
    """
    with room.reading() as database:
        everybody = [_pupil(row) for row in database.execute("SELECT id, name, code FROM pupils")]
    found = [one for one in everybody if _same(code, one.code)]  # all are compared, whichever it is
    _try(room, owner, is_right=bool(found), now=now)
    with room.writing() as database:
        database.execute("INSERT OR REPLACE INTO seats VALUES (?, ?)", (owner, found[0].number))
    return found[0]


def pupil_of(room: Classroom, owner: str) -> Pupil | None:
    """Return the pupil that a visitor is, None where they have not joined."""
    with room.reading() as database:
        row = database.execute(
            "SELECT pupils.id, name, code FROM seats JOIN pupils ON pupils.id = seats.pupil WHERE owner = ?", (owner,)
        ).fetchone()
    return _pupil(row) if row else None


def leave(room: Classroom, owner: str) -> None:
    """Have a visitor be no pupil any more; what the pupil has done stays, and their own code leads back to it."""
    with room.writing() as database:
        database.execute("DELETE FROM seats WHERE owner = ?", (owner,))


def admit_teacher(room: Classroom, owner: str, key: str, *, now: float | None = None) -> None:
    """Make a visitor the teacher, who sees names and answers and whose view the room can follow.

    Raises:
        ClassroomError: the key is wrong, or is not tried now.
        WorkspaceError: the class's file cannot be written.
    """
    is_right = hmac.compare_digest(key.strip().encode(errors="replace"), room.teacher_key.strip().encode())
    _try(room, owner, is_right=is_right, now=now, what="key", waits_for_others=False)  # nobody guesses it, and pupils must not lock it
    with room.writing() as database:
        database.execute("INSERT OR REPLACE INTO teachers VALUES (?)", (owner,))


def is_teacher(room: Classroom, owner: str) -> bool:
    """Return whether a visitor has come in as the teacher."""
    with room.reading() as database:
        return database.execute("SELECT 1 FROM teachers WHERE owner = ?", (owner,)).fetchone() is not None


def dismiss_teacher(room: Classroom, owner: str) -> None:
    """Have a visitor be the teacher no more, until they give the key again."""
    with room.writing() as database:
        database.execute("DELETE FROM teachers WHERE owner = ?", (owner,))


def set_door(room: Classroom, *, is_open: bool) -> None:
    """Let pupils join by the class's code, or nobody more. Who has joined before stays, and comes back by their own code."""
    with room.writing() as database:
        set_fact(database, "door", "open" if is_open else "closed")


def remove(room: Classroom, number: int) -> None:
    """Delete a pupil with all that they have answered and handed in."""
    with room.writing() as database:
        database.execute("DELETE FROM pupils WHERE id = ?", (number,))
        count_change(database, "work")


def wrong_codes(room: Classroom, *, now: float | None = None) -> int:
    """Return how many wrong codes were tried within the last minute."""
    with room.reading() as database:
        return _recent(database, time.time() if now is None else now)


def _try(room: Classroom, owner: str, *, is_right: bool, now: float | None, what: str = "code", waits_for_others: bool = True) -> None:
    """Let a right code pass, and count a wrong one. Who has to wait is told so whether it is right or not.

    Raises:
        ClassroomError: it is wrong, or is not tried now.
    """
    now = time.time() if now is None else now
    with room.writing() as database:
        own = [row["moment"] for row in database.execute("SELECT moment FROM wrong_codes WHERE owner = ? ORDER BY moment", (owner,))]
        waits = min(2 ** (len(own) - FREE_TRIES), LONGEST_WAIT) if len(own) >= FREE_TRIES else 0
        left = min(own[-1] + waits - now, LONGEST_WAIT) if waits else 0.0  # bounded, should the clock have been set back
        is_flooded = waits_for_others and _recent(database, now) >= FLOOD
        if left <= 0 and not is_flooded and is_right:
            database.execute("DELETE FROM wrong_codes WHERE owner = ?", (owner,))
            return
        if left <= 0 and not is_flooded:
            database.execute("DELETE FROM wrong_codes WHERE moment < ?", (now - FORGOTTEN,))
            database.execute("INSERT INTO wrong_codes VALUES (?, ?)", (owner, now))
    if left > 0:
        raise ClassroomError(f"After {len(own)} wrong tries the next one waits: try again in {left:.0f} s.")
    if is_flooded:
        raise ClassroomError("Many wrong codes are being tried, so that none is accepted for a minute. Try again then.")
    raise ClassroomError(f"This is not the {what}. Look at it once more, letter by letter.")


def _recent(database: sqlite3.Connection, now: float) -> int:
    count = database.execute("SELECT count(*) FROM wrong_codes WHERE moment BETWEEN ? AND ?", (now - FLOOD_SECONDS, now)).fetchone()[0]
    return int(count)


def _same(given: str, code: str) -> bool:
    """Return whether two codes are one, in a time that says nothing of where they differ: dashes, spaces and capitals do not count."""
    one, other = (re.sub(r"[\s-]", "", text[:1000]).upper().encode(errors="replace") for text in (given, code))
    return hmac.compare_digest(one, other)


def _drawn_name(taken: set[str]) -> str:
    free = [f"{quality} {animal}" for quality in QUALITIES for animal in ANIMALS]
    return secrets.choice([name for name in free if name not in taken] or [f"{name} {len(taken)}" for name in free])


def _pupil(row: sqlite3.Row) -> Pupil:
    return Pupil(row["id"], row["name"], row["code"])
