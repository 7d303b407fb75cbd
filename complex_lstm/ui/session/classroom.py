"""The class that this server teaches, if it teaches one, and who in it the visitor is whose page runs."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from complex_lstm.classroom.door import Pupil, is_teacher, pupil_of
from complex_lstm.classroom.storage import Classroom, open_classroom
from complex_lstm.config.lesson import Lesson, pages_in, served_lesson
from complex_lstm.ui.compute.visitor import current_visit
from complex_lstm.ui.session.state import FREE
from complex_lstm.workspace import root_folder


def classroom() -> Classroom | None:
    """Return the class that this server teaches, None where it teaches none.

    Raises:
        WorkspaceError: its file cannot be used.
    """
    found = served_lesson()
    return _opened(found[0], root_folder()) if found else None


@lru_cache
def _opened(lesson: Lesson, root: Path) -> Classroom:
    return open_classroom(lesson, root)


def current_pupil() -> Pupil | None:
    """Return the pupil whose page runs, None where the visitor is none."""
    room = classroom()
    return pupil_of(room, current_visit().owner) if room else None


def is_current_teacher() -> bool:
    """Return whether it is the teacher's page that runs."""
    room = classroom()
    return room is not None and is_teacher(room, current_visit().owner)


def lesson_parameters(lesson: Lesson) -> dict[str, str]:
    """Return what a link to the lesson carries, on the page of the tour: its first page, its route, and what it opens."""
    link = {"tour": str(pages_in(lesson.in_link)[0]), "lesson": str(FREE)}
    link |= {"route": lesson.in_link} if lesson.in_link else {}
    link |= {"share": lesson.share} if lesson.share else {}
    return link | ({"data": lesson.data, "model": lesson.data, "window": str(lesson.window)} if lesson.data else {})


def lesson_title(lesson: Lesson) -> str:
    """Return what stands above the lesson."""
    return lesson.title or "The lesson"
