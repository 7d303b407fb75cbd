"""A model under interventions, for methods that ask a model as a function of windows."""

from __future__ import annotations

from collections.abc import Sequence

from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.model import ComplexLSTMModel, Trace
from complex_lstm.model.steps import Intervention


class IntervenedModel(nn.Module):
    """What a model says under interventions. It holds the shared model without owning it, so that no mode set here reaches it."""

    def __init__(self, model: ComplexLSTMModel, interventions: Sequence[Intervention]) -> None:
        super().__init__()
        self.config = model.config
        self.training = model.training
        self._asked = (model,)  # in a tuple: torch would take it as a part of its own
        self._interventions = tuple(interventions)

    def forward(self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None) -> Float[Tensor, "batch output"]:
        return self._asked[0].intervened(x, lengths, self._interventions)

    def trace(self, x: Float[Tensor, "batch time feature"]) -> Trace:
        """Return every intermediate value of a pass under the interventions."""
        return self._asked[0].trace(x, interventions=self._interventions)
