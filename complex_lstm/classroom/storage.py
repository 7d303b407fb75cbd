"""The file of a class: one SQLite database, made with its codes when the class is first served."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from complex_lstm.config.lesson import LEAST_KEY, Lesson
from complex_lstm.disk import read_bounded
from complex_lstm.errors import WorkspaceError
from complex_lstm.visitors import make_secret

CLASSES = "classes"  # the folder below the root folder
WAIT = 20.0  # seconds for another process to end its writing, which takes milliseconds
VERSION = 1
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without those that are taken for others
CODE_LENGTH, KEY_BYTES = 8, 24

TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pupils (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, code TEXT NOT NULL UNIQUE, joined REAL NOT NULL,
  place TEXT NOT NULL DEFAULT '', seen REAL NOT NULL DEFAULT 0
);
CREATE TABLE seats (owner TEXT PRIMARY KEY, pupil INTEGER NOT NULL REFERENCES pupils ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE teachers (owner TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE answers (
  pupil INTEGER NOT NULL REFERENCES pupils ON DELETE CASCADE, page INTEGER NOT NULL, token TEXT NOT NULL, first REAL NOT NULL,
  latest REAL NOT NULL, first_words TEXT NOT NULL, latest_words TEXT NOT NULL, is_right INTEGER NOT NULL, at_first INTEGER NOT NULL,
  window TEXT NOT NULL, moment REAL NOT NULL, PRIMARY KEY (pupil, page, token)
) WITHOUT ROWID;
CREATE TABLE hand_ins (
  id INTEGER PRIMARY KEY, pupil INTEGER NOT NULL REFERENCES pupils ON DELETE CASCADE, page TEXT NOT NULL, link TEXT NOT NULL,
  window TEXT NOT NULL, comment TEXT NOT NULL, moment REAL NOT NULL
);
CREATE TABLE wrong_codes (owner TEXT NOT NULL, moment REAL NOT NULL);
"""


@dataclass(frozen=True)
class Classroom:
    """A class that is served: its lesson, and the file with all that is kept of it."""

    lesson: Lesson
    file: Path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield the database, as it is at this moment.

        Raises:
            WorkspaceError: it is not there, cannot be read, or is damaged.
        """
        with self._open("BEGIN") as database:
            yield database

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the database, and keep what is written to it at the end of the block, all of it or, where something is raised, nothing.

        Raises:
            WorkspaceError: it is not there, cannot be written, or is damaged.
        """
        with self._open("BEGIN IMMEDIATE") as database:
            yield database

    @contextmanager
    def _open(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(f"{self.file.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT, isolation_level=None)) as one:
                one.row_factory = sqlite3.Row
                one.execute("PRAGMA foreign_keys = ON")
                one.execute(begin)
                yield one
                one.execute("COMMIT")
        except sqlite3.Error as error:
            raise WorkspaceError(
                f"The class's file {self.file} cannot be used ({error}). Free some space, give this program the right to write there, or "
                f"bring the file back from a copy."
            ) from error

    def fact(self, name: str) -> str:
        """Return a fact of the class, "" where there is none: its join code, whether its door is closed."""
        with self.reading() as database:
            return fact_in(database, name)

    @property
    def code(self) -> str:
        """What pupils type to join: the lesson's, or the one that was drawn."""
        return self.lesson.code or self.fact("code")

    @property
    def teacher_key(self) -> str:
        """What opens the teacher's page: the lesson's, or the one that was drawn.

        Raises:
            WorkspaceError: the file that keeps it cannot be read.
        """
        if self.lesson.teacher_key:
            return self.lesson.teacher_key
        try:
            key = read_bounded(self.key_file, 2**12).decode(errors="replace").strip()
        except OSError as error:
            raise WorkspaceError(f"{self.key_file} cannot be read ({error.strerror}). Start the server again: it draws another.") from error
        if len(key) < LEAST_KEY:
            raise WorkspaceError(f"{self.key_file} holds fewer than {LEAST_KEY} characters. Delete it, and start the server again.")
        return key

    @property
    def key_file(self) -> Path:
        """The file of the teacher's key that was drawn, which only this user of the machine can read."""
        return self.file.with_suffix(".key")


def open_classroom(lesson: Lesson, root: Path) -> Classroom:
    """Return the class of a lesson below the root folder, made now if there is none: what was there before stays.

    Raises:
        WorkspaceError: it cannot be written, is damaged, or was made by a later version.
    """
    room = Classroom(lesson, root / CLASSES / f"{lesson.name}.sqlite")
    try:
        room.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(room.file, os.O_RDWR | os.O_CREAT, 0o600))
        if not lesson.teacher_key and not room.key_file.exists():
            make_secret(room.key_file, size=KEY_BYTES)
        with closing(sqlite3.connect(room.file, timeout=WAIT)) as one:
            one.execute("PRAGMA journal_mode = WAL")  # readers do not wait for who writes
    except (OSError, sqlite3.Error) as error:
        raise WorkspaceError(f"The class cannot be kept in {room.file} ({error}). Choose another folder under [workspace].") from error
    with room.writing() as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise WorkspaceError(f"{room.file} was made by a later version of this program. Use that, or give the class another name.")
        if not version:
            for statement in TABLES.split(";\n"):
                database.execute(statement)
            set_fact(database, "code", draw_code())
            database.execute(f"PRAGMA user_version = {VERSION}")
    return room


def draw_code() -> str:
    """Return eight characters that nobody guesses (39 bits) and everybody can type, with a dash in the middle."""
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def fact_in(database: sqlite3.Connection, name: str) -> str:
    """Return a fact of the class, "" where there is none."""
    found = database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return str(found["value"]) if found else ""


def set_fact(database: sqlite3.Connection, name: str, value: str) -> None:
    """Record a fact of the class in place of the one before."""
    database.execute("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))


def count_change(database: sqlite3.Connection, counter: str) -> None:
    """Count a change of what pupils have done, or of what the room follows: pages that show it ask for the number alone."""
    set_fact(database, counter, str(int(fact_in(database, counter) or 0) + 1))
