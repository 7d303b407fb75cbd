"""Experiment: the rail and the picture, edits and switches together, and files of unusual sizes."""

import json
import struct
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm.interpretation.edits import Segment, Shift
from complex_lstm.interpretation.what_if import apply, predicted_after
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.ui.compute import cache
from tests.pages.conftest import Show
from tests.pages.looking import drawn, finished, words
from tests.ui.own_file import keep_own

PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500, "window": 600}
KEYS = ("planted_order", "planted_order", "", 500)
BOTH = PLANTED | {"edits": "shift_10_20_0.2_1.5", "off": "head-0-2"}


def picture(app: AppTest) -> dict[str, Any]:
    """Return the header of what the linked panes show."""
    (data,) = (one.proto.bytes for one in app.get("bidi_component") if "experiment_overview" in one.proto.id)
    (length,) = struct.unpack_from("<I", data)
    return dict(json.loads(data[4 : 4 + length]))


def both_act() -> np.ndarray:
    """Return the library's probabilities for the edited window in the switched model."""
    dataset, model = cache.dataset(*KEYS), cache.checkpoint("planted_order").model
    edited = apply([Shift(Segment(10, 20, (0, 2)), 1.5)], dataset, 600)
    with torch.no_grad():
        outputs = model.intervened(torch.from_numpy(edited.x)[None], interventions=(SilenceHead(0, 2),))[0].double().numpy()
    return predicted_after(outputs, edited, dataset, 600)


def test_edits_and_switches_act_together_in_the_picture_and_in_the_details(show: Show) -> None:
    app = show("experiment", **BOTH)

    assert "**Edited:** shifted by 1.5" in words(app) and "**Switched:** attention layer 1, head 3 silent" in words(app)
    assert [line["predicted"] for line in picture(app)["prediction"]] == pytest.approx(both_act().tolist(), abs=1e-6)
    assert drawn(app, "what_if_probabilities")[1]["x"] == pytest.approx(both_act(), abs=1e-6)
    app.segmented_control(key="experiment_tool").set_value("switch").run()
    assert [line["predicted"] for line in picture(app)["prediction"]] == pytest.approx(both_act().tolist(), abs=1e-6)
    assert drawn(app, "bench_prediction")[1]["x"] == pytest.approx(both_act(), abs=1e-6) and not app.exception


def test_what_the_details_explain_and_search_is_the_edited_window_in_the_switched_model(show: Show) -> None:
    app = finished(show("experiment", **BOTH, view="explanation"))
    assert "**switches** attention layer 1, head 3 silent" in words(app)

    app.segmented_control(key="what_if_view").set_value("flip").run()
    app.button(key="what_if_search_start").click().run()

    assert "**Found" in words(finished(app)) or "found no change" in words(app)


def test_switches_alone_count_over_many_windows_and_say_so(show: Show) -> None:
    assert "only the switches act" in words(show("experiment", **BOTH, focus="switch", view="score"))


def test_a_model_whose_every_value_is_patched_in_has_no_tint_and_no_error(show: Show) -> None:
    """A gradient that nothing leads to once ended the run."""
    app = show("experiment", **PLANTED, focus="switch", off="patch-projected-0-601")

    assert not app.exception and picture(app)["tintTop"] == 0


@pytest.mark.parametrize(("features", "length"), [(1, 12), (50, 12), (3, 500)])
@pytest.mark.parametrize("tool", ["edit", "switch"])
def test_one_feature_fifty_features_and_five_hundred_steps(show: Show, tool: str, features: int, length: int) -> None:
    names = tuple(f"feature {number}" for number in range(features))
    own = keep_own(names, length=length, steps=4 * length)

    app = show("experiment", data=own.data, model=own.model, focus=tool, edits=f"shift_2_9_{features - 1}_2")

    assert not app.exception and not app.error and not app.warning
    shown = picture(app)
    assert len(shown["times"]) == length and shown["features"][0 if features > 12 else -1] == names[-1]  # the edited one is drawn
    assert shown["hiddenFeatures"] == max(0, features - 10 if features > 12 else 0)
