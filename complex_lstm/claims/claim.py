"""One statement of the architecture document, what was measured of it, and the verdict, which follows from the numbers alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from complex_lstm.claims.stored import Stored
from complex_lstm.config import ModelConfig

Kind = Literal["count", "cost", "behaviour", "comparison", "advice", "use case"]
Verdict = Literal["holds", "does not hold", "cannot be told", "not measured"]

KINDS: tuple[Kind, ...] = ("count", "cost", "behaviour", "comparison", "advice", "use case")
VERDICTS: tuple[Verdict, ...] = ("holds", "does not hold", "cannot be told", "not measured")


@dataclass(frozen=True)
class Finding:
    """What was found, in a sentence with its numbers, and the verdict."""

    found: str
    verdict: Verdict


Judge = Callable[[Stored], Finding]


@dataclass(frozen=True)
class Place:
    """The stem of a page, and what is looked for there."""

    stem: str
    label: str


TOUR = Place("tour", "Guided tour")


@dataclass(frozen=True)
class Claim:
    """One statement.

    section  of the document
    claim    what it states, in our words
    how      how it was measured, or why it was not
    judge    takes the stored numbers; counts and behaviour of the model are taken live. None where nothing was measured
    where    to look
    here     the same count for the model that is open
    """

    section: str
    claim: str
    kind: Kind
    how: str
    judge: Judge | None
    where: Place = TOUR
    here: Callable[[ModelConfig], str] | None = None

    def finding(self, stored: Stored) -> Finding:
        """Return what was found and the verdict."""
        return self.judge(stored) if self.judge else Finding("", "not measured")
