"""What is found out about the scene's window on Explain: by the methods of the consensus and the chosen one, and by the model's score."""

from __future__ import annotations

from dataclasses import dataclass, replace

from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.coarse import is_large
from complex_lstm.interpretation.headline import OF_HEADLINE, Headline
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import Comparison, compare
from complex_lstm.ui.explaining.headline import headline_of
from complex_lstm.ui.explaining.part_scores import PartScore, part_score, unseen_part
from complex_lstm.ui.explaining.request import ExplanationSettings, chosen, chosen_method
from complex_lstm.ui.session.page_jobs import is_awaited

AT_ONCE = "input_x_gradient"  # one pass: the first map of a window whose other methods take seconds


@dataclass(frozen=True)
class Findings:
    """The window, what was asked about it, and the answers that there are. `method` is the one that is to tint the series.

    `awaits_score` and `is_final` are those of the run's begin: whether the score, or anything at all, was still being computed.
    What comes in the middle of a run is followed by another run.
    """

    scene: Scene
    choice: ExplanationSettings
    method: str
    comparison: Comparison
    scored: Job[PartScore]
    awaits_score: bool
    is_final: bool

    @property
    def score(self) -> PartScore | None:
        """The score on all unseen windows, None before it is computed."""
        return self.scored.result if self.scored.state == "done" else None

    @property
    def tint(self) -> str:
        """The method that tints the series now: of a large window a single gradient, until the chosen method is done."""
        done = self.comparison.results
        return AT_ONCE if self.method not in done and AT_ONCE in done else self.method

    @property
    def is_flat(self) -> bool:
        """Whether there is nothing to explain against the baseline, and no other is being looked for."""
        return self.choice.is_settled and bool(self.headline and self.headline.verdict.standing == "nothing")

    @property
    def headline(self) -> Headline | None:
        """What the prediction rests on, None before all is computed that it is made of."""
        return headline_of(self.comparison, self.scene, self.choice)


def window_findings(scene: Scene) -> Findings:
    """Request what is not known yet of the scene's window, what tints it first, and return what is there already."""
    method = chosen_method()
    at_once = AT_ONCE if is_large(*scene.inputs.shape) else method
    choice = replace(chosen(scene), methods=tuple(name for name in METHODS if name in {*OF_HEADLINE, method, at_once}))
    comparison, scored = compare(scene, choice, first=at_once, wait=False), part_score(scene, unseen_part(scene))
    awaits_score = is_awaited(scored)
    is_final = choice.is_settled and not any(map(is_awaited, (scored, *comparison.jobs))) and comparison.count_done == comparison.seen
    return Findings(scene, choice, method, comparison, scored, awaits_score, is_final)
