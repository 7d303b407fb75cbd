"""CPD, CPP and the counterfactuals of a report: the numbers of the functions that compute them, and a word on what is missing."""

import pytest
import torch

from complex_lstm.interpretation import explain
from complex_lstm.interpretation.counterfactual import SEARCH_METHODS, usual_search
from complex_lstm.interpretation.signed_evaluation import cumulative
from complex_lstm.ui.explaining.further_measures import RANDOM, FurtherMeasures, cumulative_frame, further_measures
from complex_lstm.ui.explaining.report_measures import measures_html
from complex_lstm.ui.explaining.request import chosen
from complex_lstm.ui.session.scene import chosen_scene
from complex_lstm.ui.session.state import Selection
from tests.ui.own_file import keep_own


@pytest.mark.long
def test_a_report_has_both_tables_with_the_numbers_of_the_window() -> None:
    own = keep_own(("a", "b", "c"))
    scene = chosen_scene(Selection.of(data=own.data, model=own.model, window=1))
    choice = chosen(scene)

    found = further_measures(scene, choice, ("occlusion",), patience=3600)

    assert found.cumulative.keys() == {RANDOM, "occlusion"} and found.qualities.keys() == SEARCH_METHODS.keys()
    own_map = explain(scene.model, choice.request(scene), "occlusion").attribution
    expected = cumulative(choice.forward_function(scene), own_map)
    assert found.cumulative["occlusion"].difference == pytest.approx(expected.difference)
    with torch.no_grad():
        outputs = scene.model(torch.from_numpy(scene.inputs)[None])[0]
    second = int(outputs.argsort(descending=True)[1]) if scene.is_classes else None
    search, goal = usual_search(scene.dataset, scene.inputs, outputs.numpy(), choice.output)
    assert second is None or (search.goal.target == second and goal == f"to {scene.outputs[second]}")  # type: ignore[union-attr]
    said = measures_html(found, "logit")
    assert f"<td>{cumulative_frame(found.cumulative)['CPD'][0]:.3g}</td>" in said
    assert all(f"<td>{one.label}</td>" in said for one in SEARCH_METHODS.values())


def test_what_was_not_computed_in_time_is_said() -> None:
    said = measures_html(FurtherMeasures({}, {}, "to up"), "logit")

    assert "CPD and CPP of the methods were not computed" in said and "No search for a counterfactual ended" in said
