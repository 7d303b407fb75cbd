"""Where in the picture the answers to a question lie. They travel to the browser only once it is answered."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any, Literal

from complex_lstm.languages import number
from complex_lstm.ui.views.tour.chapter import MultipleChoice, NumericAnswer, Question, Region
from complex_lstm.ui.views.tour.sheets import TourBox


@dataclass(frozen=True)
class Outline:
    """Regions of the picture that belong together: those of the right answer, of the learner's own, or those that decide the question.

    `words` is the answer, which may be a name from a file.
    """

    kind: Literal["right", "given", "decides"]
    words: str
    regions: tuple[Region, ...]

    def header(self, boxes: tuple[TourBox, ...]) -> dict[str, Any]:
        """Return what the browser is told: boxes by their number."""
        names = [box.name for box in boxes]
        keys = ("box", "sheet", "rows", "columns")
        placed = [dict(zip(keys, (names.index(one.box), *astuple(one)[1:]), strict=True)) for one in self.regions]
        return {"kind": self.kind, "words": self.words, "regions": placed}


def outlines_of(question: Question, given: float, *, with_right: bool) -> tuple[Outline, ...]:
    """Return what is outlined after an answer: the right one and a wrong one, or where the question is decided.

    Unless it is asked for `with_right`, the right answer is outlined for those only who have given it.
    """
    answer = question.answer
    if question.is_decided:
        return (Outline("decides", "", question.is_decided),)
    is_right = answer.accepts(given)
    rights = (answer.right, *answer.also) if isinstance(answer, MultipleChoice) else (answer.right,)
    found = []
    if is_right or with_right:
        regions = tuple(region for one in rights for region in question.regions(round(one)))
        found.append(Outline("right", answer.text, regions))
    if not is_right:
        found.append(Outline("given", written(answer, given), question.regions(round(given))))
    return tuple(one for one in found if one.regions)


def written(answer: MultipleChoice | NumericAnswer, given: float) -> str:
    """Return an answer in words."""
    return answer.options[int(given)] if isinstance(answer, MultipleChoice) else number(given, ".4g")
