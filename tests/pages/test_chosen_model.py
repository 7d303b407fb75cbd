"""The model that a visitor has chosen stays: beside another file, on the Data page, and without any file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm import ComplexLSTMModel
from complex_lstm.model.checkpoint import save_checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.views.train import quick_model
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, finished
from tests.ui.own_file import OwnFile, keep_own

OTHER = "\n".join(["x,y", *[f"{row % 7},{row % 11 / 2}" for row in range(120)]]).encode()


@pytest.fixture
def own(show: Show) -> OwnFile:
    """A file of the visitor's own with a model for it; `show` has set the workspace."""
    return keep_own()


def turn_to(app: AppTest, page: str) -> AppTest:
    return app.switch_page(f"../../../pages/{page}.py").run()


def jfk(rows: int) -> bytes:
    header, *lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()
    return "\n".join([header, *[line for line in lines if line.startswith("JFK")][:rows]]).encode()


def buttons(app: AppTest) -> dict[str, str]:
    return {str(one.key): one.label for one in app.button}


def test_a_file_that_a_shipped_model_fits_offers_it_and_opens_nothing(show: Show) -> None:
    app = show("start")

    app.file_uploader(key="start_upload_data").upload("last winter.csv", jfk(300)).run()

    assert not app.exception and "New York weather (shipped) fits it." in all_words(app).replace("\\", "")
    assert "model" not in app.query_params
    app.button(key="start_upload_data_model_nyc_weather").click().run()
    assert app.query_params["model"] == "nyc_weather" and "start_upload_data_model_nyc_weather" not in buttons(app)


def test_an_uploaded_model_stays_where_a_shipped_one_fits_the_new_file_too(show: Show, tmp_path: Path) -> None:
    """The first shipped model that fitted once took its place without a word."""
    model = Workspace(tmp_path).keep("model", SAMPLES["nyc_weather"].checkpoint.read_bytes(), "mine.safetensors").key
    app = show("start", model=model)

    app.file_uploader(key="start_upload_data").upload("last winter.csv", jfk(300)).run()

    assert not app.exception and app.query_params["model"] == model
    assert "mine.safetensors stays the model in use, and fits it." in all_words(app).replace("\\", "")
    assert "start_upload_data_model_nyc_weather" in buttons(app)


def test_a_model_that_does_not_fit_the_new_file_stays_chosen_with_a_way_back(show: Show, own: OwnFile) -> None:
    app = show("start", data=own.data, model=own.model)

    app.file_uploader(key="start_upload_data").upload("other.csv", OTHER).run()

    assert not app.exception and not app.error and app.query_params["model"] == own.model
    assert "stays chosen, but needs columns that the file lacks" in all_words(app).replace("\\", "")
    assert app.selectbox(key="bar_model").value == own.model
    for page in ("explain", "experiment", "check", "tour", "data"):
        turn_to(app, page)
        assert not app.exception and not app.error and app.query_params["model"] == own.model
        assert "it needs a, b, c" in all_words(app)
    app.button(key="misfit_back").click().run()
    assert (app.query_params["data"], app.query_params["model"]) == (own.data, own.model)


def test_data_never_closes_a_model_whose_target_the_file_lacks(show: Show, own: OwnFile, tmp_path: Path) -> None:
    frame = Workspace(tmp_path).find("data", own.data).path.read_text().splitlines()
    short = Workspace(tmp_path).keep("data", "\n".join(line.rpartition(",")[0] for line in frame).encode(), "no answers.csv").key

    app = show("data", data=short, model=own.model)

    assert not app.exception and not app.error and app.query_params["model"] == own.model
    assert "The file lacks kind, which" in all_words(app) and "The model stays open" in all_words(app)


def test_a_change_that_needs_another_model_says_so_and_is_undone(show: Show, own: OwnFile) -> None:
    app = show("data", data=own.data, model=own.model)
    assert app.query_params["model"] == own.model
    features = next(one for one in app.multiselect if str(one.key).startswith("data_features"))

    features.set_value(["a", "b"]).run()

    assert not app.exception and "model" not in app.query_params and "setup" in app.query_params
    assert "need another model than" in all_words(app)
    assert own.model in app.selectbox(key="bar_model").options or any("own" in one for one in app.selectbox(key="bar_model").options)
    app.button(key="data_undo").click().run()
    assert app.query_params["model"] == own.model and "setup" not in app.query_params
    features = next(one for one in app.multiselect if str(one.key).startswith("data_features"))
    assert features.value == ["a", "b", "c"]


@pytest.mark.parametrize("page", ["explain", "experiment", "check"])
def test_a_model_without_data_shows_its_card(show: Show, own: OwnFile, page: str) -> None:
    app = show(page, model=own.model)

    assert not app.exception and not app.error and "Nothing is open yet" not in all_words(app)
    headings = [one.value for one in app.subheader]
    assert headings == [
        "Sizes", "Parameters and norms by part", "Layers, from the input to the output", "Dead and constant units",
        "A random window, not data",
    ]  # fmt: skip
    sizes, weights, layers, idle, outputs = (one.value for one in app.dataframe)
    assert set(sizes["from"]) == {"the file"} and list(outputs["output"]) == ["high", "low"]
    assert weights["parameters"].sum() == layers["parameters"].sum() and (idle["never fire"] <= idle["units"]).all()


def test_an_uploaded_state_dict_without_data_leads_to_its_card_with_what_is_guessed(show: Show, tmp_path: Path) -> None:
    torch.save(ComplexLSTMModel(5, 16, output_dim=2).state_dict(), tmp_path / "mine.pt")
    app = show("start")

    app.file_uploader(key="start_upload_model").upload("mine.pt", (tmp_path / "mine.pt").read_bytes()).run()

    assert not app.exception and not app.error and [one.value for one in app.header] == ["mine.pt"]
    sizes = next(one.value for one in app.dataframe if "from" in one.value)
    assert set(sizes["size"][sizes["from"] == "guessed"]) == {"Attention heads", "Dropout"}
    assert "they take 5 inputs and give 2 outputs" in all_words(app)


def test_a_saved_config_is_not_guessed(show: Show, tmp_path: Path) -> None:
    file = tmp_path / "whole.safetensors"
    save_checkpoint(ComplexLSTMModel(5, 16, num_heads=4, output_dim=2), file)
    app = show("explain", model=Workspace(tmp_path).keep("model", file.read_bytes(), "whole.safetensors").key)

    assert not app.exception and set(next(one.value for one in app.dataframe if "from" in one.value)["from"]) == {"the file"}


def test_the_bar_keeps_ones_own_model_when_a_sample_is_chosen_as_data(show: Show, own: OwnFile) -> None:
    app = show("explain", data=own.data, model=own.model)

    app.selectbox(key="bar_data").set_value("planted_order").run()

    assert app.query_params["model"] == own.model and "does not fit" in all_words(app)
    app.button(key="misfit_model_planted_order").click().run()
    assert app.query_params["model"] == "planted_order" and not app.exception


def test_open_leads_to_all_panes(show: Show) -> None:
    app = show("explain", data="planted_order", model="planted_order", focus="gate")
    turn_to(app, "start")

    app.button(key="start_open_nyc_weather").click().run()

    assert not app.exception and "focus" not in app.query_params and app.query_params["data"] == "nyc_weather"


@pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning")  # runs outlive whoever started them
@pytest.mark.long
def test_a_quick_model_is_trained_on_ones_own_file_and_opened(show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_model, "MOST_SECONDS", 5)  # the clock ends the run after so long, instead of two minutes
    rows = [f"{row},{row % 24},{(row * 7) % 24}" for row in range(400)]
    data = Workspace(tmp_path).keep("data", "\n".join(["hour,level,load", *rows]).encode(), "load.csv").key
    app = show("start", data=data)

    app.button(key="start_quick").click().run()

    while "start_quick_stop" in buttons(app):
        time.sleep(1)
        app.run()
    assert not app.exception and not app.error
    assert app.query_params["model"] and app.query_params["data"] == data
    finished(turn_to(app, "explain"))
