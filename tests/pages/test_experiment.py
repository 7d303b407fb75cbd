"""Experiment: the rail and the picture, edits and switches together, and files of unusual sizes."""

import json
import struct
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm.interpretation import METHODS, explain, make_request
from complex_lstm.interpretation.edits import Segment, Shift
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.interpretation.what_if import apply, predicted_after
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.ui.compute import cache
from tests.pages.conftest import Show
from tests.pages.looking import drawn, finished, words
from tests.pages.test_compare_drawn import CHOICES, traces
from tests.ui.own_file import keep_own

PLANTED = {"data": "planted_order", "model": "planted_order", "stride": 500, "window": 600}
KEYS = ("planted_order", "planted_order", "", 500)
BOTH = PLANTED | {"edits": "shift_10_20_0.2_1.5", "off": "head-0-2"}


def sent(app: AppTest, key: str) -> tuple[dict[str, Any], np.ndarray]:
    (data,) = (one.proto.bytes for one in app.get("bidi_component") if key in one.proto.id)
    (length,) = struct.unpack_from("<I", data)
    return dict(json.loads(data[4 : 4 + length])), np.frombuffer(data[4 + length :], "<f4")


def picture(app: AppTest, key: str = "experiment_overview") -> dict[str, Any]:
    """Return the header of what the linked panes show."""
    return sent(app, key)[0]


def arrays(app: AppTest, key: str = "experiment_overview") -> list[np.ndarray]:
    """Return what the linked panes draw: series, values, tint, then attention, gate, heads and combined output now and before."""
    header, values = sent(app, key)
    cells, steps = len(header["times"]) * len(header["features"]), len(header["times"])
    attention, heads = (header["shapes"][name] for name in ("attention", "heads"))
    side = [int(np.prod(attention)), steps, int(np.prod(heads)), heads[1]]
    return np.split(values, np.cumsum([cells, cells, cells, *side, *side]))[:-1]


def target_of_planted() -> int:
    """Return the class that the model predicts for the window as it is."""
    return int(cache.window_trace(KEYS, 600).prediction[0].argmax())


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


@pytest.mark.long
def test_what_the_details_explain_and_search_is_the_edited_window_in_the_switched_model(show: Show) -> None:
    app = finished(show("experiment", **BOTH, view="explanation"))
    assert "**switches** attention layer 1, head 3 silent" in words(app)

    app.segmented_control(key="what_if_view").set_value("flip").run()
    app.button(key="what_if_search_start").click().run()

    assert "**Found" in words(finished(app)) or "found no change" in words(app)


def test_switches_alone_count_over_many_windows_and_say_so(show: Show) -> None:
    assert "only the switches act" in words(show("experiment", **BOTH, focus="switch", view="score"))


@pytest.mark.long
def test_a_model_whose_every_value_is_patched_in_has_no_tint_and_no_error(show: Show) -> None:
    """A gradient that nothing leads to once ended the run."""
    for method in ("occlusion", "input_x_gradient"):
        app = finished(show("experiment", **PLANTED, focus="switch", off="patch-projected-0-601", method=method))

        assert np.abs(arrays(app)[2]).max() < 0.05 * picture(app)["tintTop"]  # rounding is not drawn as importance


@pytest.mark.parametrize("method", [pytest.param("occlusion", marks=pytest.mark.long), "saliency"])
def test_the_tint_is_by_the_method_that_is_chosen_on_explain(show: Show, method: str) -> None:
    app = finished(show("experiment", **PLANTED, off="head-0-2", method=method))

    model = IntervenedModel(cache.checkpoint("planted_order").model, (SilenceHead(0, 2),))
    request = make_request(cache.dataset(*KEYS), 600, target_of_planted())
    truth = explain(model, request, method).cells
    assert METHODS[method].label in picture(app)["tintName"] and METHODS[method].label in words(app)
    assert arrays(app)[2] == pytest.approx(truth.ravel(), abs=1e-6)
    assert ("too slow to follow the mouse" in words(app)) == (method == "occlusion")


def test_a_method_that_this_model_has_no_part_for_says_so_and_leaves_the_picture(show: Show) -> None:
    own = keep_own(("a", "b"), num_lstm_layers=1)

    app = show("experiment", data=own.data, model=own.model, method="attention_rollout")

    assert "attention" in app.warning[0].value and picture(app)["tintName"].endswith("being computed") and not app.exception


@pytest.mark.parametrize("kind", ["window", "model", "bench", "edits"])
def test_side_by_side_has_both_sides_in_one_picture(show: Show, kind: str) -> None:
    app = show("experiment", **PLANTED, focus="compare", **CHOICES[kind])

    first, second = (trace.prediction[0].softmax(0).numpy() for trace in traces(kind))
    shown = picture(app, "compare_overview")
    assert [line["predicted"] for line in shown["before"]] == pytest.approx(first.tolist(), abs=1e-6)
    assert [line["predicted"] for line in shown["prediction"]] == pytest.approx(second.tolist(), abs=1e-6)
    assert shown["sides"] == (["left", "right"] if kind in ("window", "model") else ["was", "now"]) and not app.exception


@pytest.mark.long
def test_of_two_windows_of_unequal_length_the_shorter_one_ends_where_it_ends(show: Show) -> None:
    vowels = {"data": "japanese_vowels", "model": "japanese_vowels", "window": 5, "other": 40}

    app = finished(show("experiment", **vowels, focus="compare", versus="window"))

    lengths = cache.dataset("japanese_vowels", "japanese_vowels", "", 0).windows.length[[5, 40]]
    gates = [array for array in arrays(app, "compare_overview") if len(array) == max(lengths)]
    assert [int(np.isfinite(gate).sum()) for gate in gates] == [lengths[1], lengths[0]] and lengths[0] > lengths[1]
    shown = picture(app, "compare_overview")
    assert shown["times"][-1] == f"step {max(lengths) - 1}" and "right no such step" in shown["moments"][-1]


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
