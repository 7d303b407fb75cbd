"""The link that works from outside: printed when the server answers, and drawn as a QR code."""

from __future__ import annotations

import io
import sys
from ipaddress import ip_address
from urllib.parse import urlsplit

import segno

from complex_lstm.config.serving import Serving

LIGHT_ON_DARK, PLAIN = "\x1b[97;40m", "\x1b[0m"


def announce(told: Serving, *, drawn: bool | None = None) -> str:
    """Return what is printed when the server answers: the link, and with `drawn` its QR code; by default that is on a terminal."""
    link = told.server.link
    lines = ["", f"  The dashboard is open at {link}"]
    if _is_here(urlsplit(link).hostname or ""):
        lines.append("  Only this machine can open that. For others, set address and outside in the configuration.")
    if drawn if drawn is not None else sys.stdout.isatty():
        lines.append(qr_code(link))
    return "\n".join([*lines, ""])


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
