"""Two people at once, on one server with one copy of each model."""

import pytest

from tests.browser.conftest import Arrive
from tests.browser.truth import STRIDE, truth_of


@pytest.mark.long
def test_each_visitor_sees_their_own_data(arrive: Arrive) -> None:
    selections = {sample: {"data": sample, "model": sample, "stride": STRIDE, "window": 4} for sample in ("nyc_weather", "planted_order")}
    visitors = {sample: arrive() for sample in selections}
    for sample, visitor in visitors.items():
        visitor.page.goto(f"{visitor.url}/attention?" + "&".join(f"{name}={value}" for name, value in selections[sample].items()))
    for visitor in visitors.values():
        visitor.see_view("attention")
    for visitor in visitors.values():
        visitor.turn_to("Explain")
        visitor.open_pane("Fusion gate")

    for sample, visitor in visitors.items():
        visitor.see_view("gate")
        visitor.see_link(data=sample, model=sample, window=4)
        mean = next(trace for trace in visitor.traces("fusion_gate_mean") if trace["name"] == "mean gate")
        gate = truth_of(sample).trace(4).gate[0].mean(dim=1)
        assert mean["y"] == pytest.approx(gate.tolist(), rel=1e-4)
