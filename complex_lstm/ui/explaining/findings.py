"""What is found out about the scene's window on Explain: by the methods of the consensus and the chosen one, and by the model's score."""

from __future__ import annotations

from dataclasses import dataclass, replace

from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.interpretation.consensus import MEMBERS
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import Comparison, compare
from complex_lstm.ui.explaining.part_scores import PartScore, part_score, unseen_part
from complex_lstm.ui.explaining.request import ExplanationSettings, chosen, chosen_method
from complex_lstm.ui.session.messages import shown
from complex_lstm.ui.session.scene import predicted_values

OF_SENTENCE = frozenset({*MEMBERS, "consensus"})


@dataclass(frozen=True)
class Findings:
    """The window, what was asked about it, and the answers that there are. `method` is the one that tints the series."""

    scene: Scene
    choice: ExplanationSettings
    method: str
    comparison: Comparison
    scored: Job[PartScore]

    @property
    def score(self) -> PartScore | None:
        """The score on all unseen windows, None before it is computed."""
        return self.scored.result if self.scored.state == "done" else None

    @property
    def members(self) -> dict[str, Explanation]:
        """The explanations that the sentence is made of, as far as they are there: the consensus and its members."""
        return {name: found.explanation for name, found in self.comparison.results.items() if name in OF_SENTENCE}

    @property
    def target(self) -> str:
        """The explained output with its value, as the sentence names it."""
        value, name = predicted_values(self.scene)[self.choice.output], self.scene.outputs[self.choice.output]
        if self.scene.is_classes:
            return f"{name} ({value:.0%})"
        return f"{name} {shown(self.scene, self.choice.output, float(value))} {self.scene.dataset.schema.unit(name)}".rstrip()


def window_findings(scene: Scene) -> Findings:
    """Request what is not known yet of the scene's window, what tints it first, and return what is there already."""
    method = chosen_method()
    choice = replace(chosen(scene), methods=tuple(name for name in METHODS if name in {*OF_SENTENCE, method}))
    return Findings(scene, choice, method, compare(scene, choice, first=method, wait=False), part_score(scene, unseen_part(scene)))
