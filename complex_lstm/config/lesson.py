"""A class that is taught with the dashboard (`complex-lstm serve --class lesson.toml`): its lesson, read from one TOML.

A wrong value is refused with its line. The routes through the guided tour stand here because the file names them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from complex_lstm.config.serving import listed, read_toml, typed_value
from complex_lstm.errors import ConfigError
from complex_lstm.settings import check_settings, setting, settings_of

VARIABLE = "COMPLEX_LSTM_CLASS"  # names the TOML, in the server and in what it starts: the keys in the file go nowhere else
TOUR_PAGES = 20
ROUTES = {
    "sequence": (1, 2, 4, 5, 7, 8, 9, 10),
    "attention": (1, 4, 8, 11, 12, 13, 14, 18),
    "distrust": (1, 10, 11, 15, 17, 18, 19, 20),
}
LEAST_CODE, LEAST_KEY, LONGEST_CODE, LONGEST_TEXT = 6, 20, 64, 500  # characters

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9-]+")
_SHARE = re.compile(r"[A-Za-z0-9_-]{32}")


@dataclass(frozen=True)
class Lesson:
    """What a class does: pages of the tour on one window, and how its pupils and its teacher come in."""

    name: str = setting(
        "", "Name", "Which class: each name has pupils and answers of its own. Empty: the name of this file.", group="serving",
        expected="up to 40 letters, digits, - and _",
    )  # fmt: skip
    title: str = setting("", "Title", "What stands above the lesson. Empty: “The lesson”.", group="serving")
    route: Literal["whole", "sequence", "attention", "distrust"] = setting(
        "whole", "Route", "A route through the guided tour, whose pages the class sees in their order.", group="serving"
    )
    pages: tuple[int, ...] = setting(
        (), "Pages", "In place of a route: the numbers of pages of the guided tour, in the order of the lesson.", group="serving",
        expected=f"numbers from 1 to {TOUR_PAGES}, each once",
    )  # fmt: skip
    data: str = setting(
        "", "Data", "The sample that the lesson opens, with its model. Empty: the window that the tour starts on.", group="serving"
    )
    window: int = setting(0, "Window", "The number of the window of that sample.", group="serving", at_least=0, at_most=10**7)
    share: str = setting(
        "", "Share", "In place of a sample: what stands after share= in a read-only link to the teacher's own view.", group="serving",
        expected="the 32 characters after share= in a link",
    )  # fmt: skip
    names: Literal["own", "drawn"] = setting(
        "own", "Names", "own: pupils write a name or a pseudonym; drawn: each gets a pseudonym such as Quiet Heron.", group="serving"
    )
    code: str = setting(
        "", "Join code", "What pupils type to join, in capitals or not. Empty: eight characters that are drawn, and kept.", group="serving",
        expected=f"{LEAST_CODE} to {LONGEST_CODE} letters, digits and -",
    )  # fmt: skip
    teacher_key: str = setting(
        "", "Teacher's key", "What opens the teacher's page. Empty: 192 random bits that are drawn, and kept.", group="serving",
        expected=f"{LEAST_KEY} to {LONGEST_TEXT} characters",
    )  # fmt: skip
    hand_in: str = setting(
        "Choose a window, and say in a sentence or two what it shows.", "Hand-in", "The task above the comment that pupils hand in.",
        group="serving", expected=f"up to {LONGEST_TEXT} characters",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)
        allowed = {
            "name": not self.name or bool(_NAME.fullmatch(self.name)),
            "title": len(self.title) <= LONGEST_TEXT,
            "pages": len(set(self.pages)) == len(self.pages) and set(self.pages) <= set(range(1, TOUR_PAGES + 1)),
            "share": not self.share or bool(_SHARE.fullmatch(self.share)),
            "code": not self.code or bool(_CODE.fullmatch(self.code) and LEAST_CODE <= len(self.code.replace("-", "")) <= LONGEST_CODE),
            "teacher_key": not self.teacher_key or LEAST_KEY <= len(self.teacher_key) <= LONGEST_TEXT,
            "hand_in": len(self.hand_in) <= LONGEST_TEXT,
        }
        for one in settings_of(Lesson):
            if not allowed.get(one.name, True):
                shown = "too short or too long" if one.name == "teacher_key" else f"{getattr(self, one.name)!r:.80}"
                raise ConfigError(f"{one.name} is {shown}, expected {one.expected or f'up to {LONGEST_TEXT} characters'}.")
        if self.pages and self.route != "whole":
            raise ConfigError("route and pages both say what the class sees: give one of the two.")
        if self.share and (self.data or self.window):
            raise ConfigError("share opens its own data and window: leave out data and window, or share.")
        if self.window and not self.data:
            raise ConfigError("window is a window of data: give data too.")

    @property
    def in_link(self) -> str:
        """The lesson's pages as a link of the tour names them: a route's name, numbers with dashes between, or nothing for the whole."""
        return "-".join(map(str, self.pages)) or ("" if self.route == "whole" else self.route)


def pages_in(link: str) -> tuple[int, ...]:
    """Return the pages of the tour that a link names, in its order: of a route, or numbers with dashes between, else all."""
    if link in ROUTES:
        return ROUTES[link]
    numbers = tuple(int(word) for word in link.split("-") if re.fullmatch(r"[1-9]\d?", word))
    sound = "-".join(map(str, numbers)) == link and len(set(numbers)) == len(numbers) and max(numbers, default=0) <= TOUR_PAGES
    return numbers if numbers and sound else tuple(range(1, TOUR_PAGES + 1))


def read_lesson(path: Path) -> Lesson:
    """Return the lesson of a TOML; a key that it leaves out has its default.

    Raises:
        ConfigError: it cannot be read, is no TOML, or has a key or a value that is not allowed; the message has the line.
    """
    text, told = read_toml(path)
    known, given = {one.name: one for one in settings_of(Lesson)}, {}
    for key, value in told.items():
        try:
            if key not in known:
                raise ConfigError(f"there is no key {key!r}; allowed are {listed(known)}.")
            given[key] = typed_value(known[key], value)
            Lesson(**({key: given[key]} | ({"data": "it"} if key == "window" else {})))  # alone, so that what is wrong has a line
        except ConfigError as error:
            raise ConfigError(f"{path}, line {_line_of(key, text)}: {error}") from error
    try:
        lesson = Lesson(**given)
        return lesson if lesson.name else replace(lesson, name=path.stem)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from error


def _line_of(key: str, text: str) -> int:
    """Return the line, from 1, in which a key at the top of a TOML is given; of a table the line of its heading."""
    place = re.compile(rf"""\s*\[{{0,2}}\s*["']?{re.escape(key)}["']?\s*[.=\]]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if place.match(line)), 1)


def served_lesson() -> tuple[Lesson, Path] | None:
    """Return the lesson of the class that this process serves and its file, or None where it serves none.

    Raises:
        ConfigError: the file is no lesson any more.
    """
    return _read(text) if (text := os.environ.get(VARIABLE, "")) else None


@lru_cache
def _read(text: str) -> tuple[Lesson, Path]:
    return read_lesson(Path(text)), Path(text)
