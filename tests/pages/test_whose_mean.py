"""A checkpoint of weights alone: no page says of its file what nobody can know, such as a training mean or a test part."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm import ComplexLSTMModel
from complex_lstm.config import Roles, Scaling, SplitConfig, WindowConfig
from complex_lstm.data import read_scaling
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import OWN_SCALING, Setup
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, finished, guess

NOBODY_KNOWS = re.compile(
    r"training['’]?s? (mean|part|windows|data|standard|deviation|target|subject)|(in|of|while|used in) training\b|"
    r"(test|validation|training) (part|windows)|not trained on|\bunseen\b",
    re.IGNORECASE,
)
ROLES = {"values": Roles(("a", "b", "c"), ("a",), "values"), "classes": Roles(("a", "b", "c"), ("kind",), "classes")}
FILE = "column,mean,std\na,0.5,2\nb,0.5,2\nc,0.5,2\n"
PLACES = [  # not About and the code of the tour's pages, which speak of our own trainings
    *({"page": "explain", "focus": focus} for focus in ("", "importance", "prediction", "gate", "attention", "heads")),
    *({"page": "explain", "focus": "importance", "view": view} for view in ("baselines", "unfit")),
    *({"page": "experiment", "edits": "mask_2_6_0_mean", "view": view} for view in ("", "explanation", "flip", "heads")),
    *({"page": "experiment", "focus": "switch", "off": "head-0-1", "view": view} for view in ("", "score", "components")),
    *({"page": "experiment", "focus": "compare", "view": view} for view in ("", "importance", "inside", "score")),
    *({"page": "check", "view": view} for view in ("", "faithfulness", "sanity", "attention", "known", "overall")),
]


@pytest.fixture
def bare(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """Return the links of a model of values and of one of classes, scaled by typed numbers, by a file, or by the data itself."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    frame = pd.DataFrame(np.random.default_rng(0).standard_normal((120, 3)).round(3), columns=list("abc"))
    frame["kind"] = np.where(np.arange(120) // 20 % 2, "up", "down")
    data = Workspace(tmp_path).keep("data", frame.to_csv(index=False).encode(), "abc.csv").key
    links = {}
    for task, roles in ROLES.items():
        typed = Scaling((0.5,) * 3, (2.0,) * 3, *(((0.5,), (2.0,)) if task == "values" else ((), ())))
        scaling = {"numbers": typed, "file": read_scaling(FILE.encode(), "scaler.csv", roles, as_change=False), "own": OWN_SCALING}
        content = io.BytesIO()
        torch.save(ComplexLSTMModel(3, 8, num_lstm_layers=2, num_heads=2, output_dim=1 if task == "values" else 2).state_dict(), content)
        model = Workspace(tmp_path).keep("model", content.getvalue(), f"{task}.pt", suffix=".pt").key
        setup = keep_setup(Setup(roles, WindowConfig(10, stride=5), SplitConfig(), scaling[request.param]))
        links[task] = {"data": data, "model": model, "setup": setup}
    return links


def everything(app: AppTest) -> str:
    """Return what a page says: its words, the labels and options of its widgets, and what its figures and canvases are sent."""
    said = [all_words(app), *(one.value for one in (*app.header, *app.header))]
    for kind in ("selectbox", "multiselect", "segmented_control", "number_input", "radio", "button"):
        for one in getattr(app, kind):
            said += [one.label, *map(str, getattr(one, "options", ()))]
    said += [one.proto.spec for one in app.get("plotly_chart")]
    said += [one.proto.bytes.decode("utf-8", "ignore") for one in app.get("bidi_component")]
    return "\n".join(said)


@pytest.mark.long  # fifty pages each
@pytest.mark.parametrize(("bare", "task"), [("numbers", "values"), ("file", "classes"), ("own", "values")], indirect=["bare"])
def test_no_page_says_what_nobody_can_know(show: Show, bare: dict[str, dict[str, str]], task: str) -> None:
    found = {}
    for place in [*PLACES, *({"page": "tour", "tour": str(number)} for number in range(1, len(CHAPTERS) + 1))]:
        app = guess(finished(show(**bare[task], **place)))
        if words := {everything(app)[max(0, one.start() - 60) : one.end() + 30] for one in NOBODY_KNOWS.finditer(everything(app))}:
            found[json.dumps(place)] = words

    assert found == {}


@pytest.mark.long
@pytest.mark.parametrize("bare", ["own"], indirect=True)
def test_the_words_for_the_mean_say_whose_it_is(show: Show, bare: dict[str, dict[str, str]]) -> None:
    app = finished(show("explain", **bare["values"], focus="importance"))

    assert "this file's mean of each feature" in everything(app) and not NOBODY_KNOWS.search(everything(app))
