"""The link that works from outside: printed when the server answers, and drawn as a QR code."""

from __future__ import annotations

import io
import sys
from ipaddress import ip_address
from urllib.parse import urlsplit

import segno

from complex_lstm.classroom.storage import Classroom
from complex_lstm.config.serving import Serving

LIGHT_ON_DARK, PLAIN = "\x1b[97;40m", "\x1b[0m"


def announce(told: Serving, room: Classroom | None = None, *, drawn: bool | None = None) -> str:
    """Return what is printed when the server answers: the link, with `drawn` its QR code, and of a class how its teacher comes in.

    By default `drawn` is on a terminal. Elsewhere what is printed can become a log, in which no key stands.
    """
    link = told.server.link
    lines = ["", f"  The dashboard is open at {link}"]
    if _is_here(urlsplit(link).hostname or ""):
        lines.append("  Only this machine can open that. For others, set address and outside in the configuration.")
    drawn = sys.stdout.isatty() if drawn is None else drawn
    if room:
        lines += _of_class(room, link, on_terminal=drawn)
    if drawn:
        lines.append(qr_code(link))
    return "\n".join([*lines, ""])


def _of_class(room: Classroom, link: str, *, on_terminal: bool) -> list[str]:
    lines = [f"  The class {room.lesson.name}: its teacher's page is {link}class"]
    if room.lesson.teacher_key:
        return [*lines, "  It opens with teacher_key of the lesson."]
    if on_terminal:
        return [*lines, f"  It opens with the teacher's key {room.teacher_key}", f"  Pupils join with the code {room.code}"]
    return [*lines, f"  It opens with the teacher's key, which is in {room.key_file}"]


def _is_here(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def qr_code(link: str) -> str:
    """Return a link as a QR code in lines of a terminal, dark on light whatever the terminal's own colours are."""
    drawn = io.StringIO()
    segno.make(link, error="m").terminal(drawn, compact=True)
    return "\n".join(f"{LIGHT_ON_DARK}{line}{PLAIN}" for line in drawn.getvalue().splitlines())
