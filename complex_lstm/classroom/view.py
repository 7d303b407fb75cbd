"""The view that the room follows: the teacher's, from the moment they show it until they let the room go."""

from __future__ import annotations

from dataclasses import dataclass

from complex_lstm.classroom.storage import Classroom, count_change, fact_in, set_fact


@dataclass(frozen=True)
class Shown:
    """What all see now: a page, and what its link carries. `version` is another number for each view; `page` is "" after letting go."""

    version: int
    page: str = ""
    link: str = ""


def shown(room: Classroom) -> Shown:
    """Return what the room follows now."""
    with room.reading() as database:
        return Shown(int(fact_in(database, "version") or 0), fact_in(database, "page"), fact_in(database, "link"))


def show(room: Classroom, page: str, link: str) -> None:
    """Have the room follow to a page with what its link carries. What it follows already changes nothing."""
    before = shown(room)
    if (before.page, before.link) == (page, link):
        return
    with room.writing() as database:
        set_fact(database, "page", page)
        set_fact(database, "link", link)
        count_change(database, "version")


def let_go(room: Classroom) -> None:
    """Let everybody go on where they were."""
    show(room, "", "")
