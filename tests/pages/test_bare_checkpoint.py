"""An engineer's state dict, which says nothing of its columns and scaling: it is asked for what it lacks, and nothing is made up."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm import ComplexLSTMModel
from complex_lstm.config import Roles, Scaling, SplitConfig, WindowConfig
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.compute.cache import keep_setup
from complex_lstm.ui.compute.scene import Setup
from complex_lstm.workspace import Workspace
from tests.pages.conftest import Show
from tests.pages.looking import all_words, finished

FEATURES = ("temperature", "dewp", "humid", "wind_speed", "precip", "pressure", "visib", "wind_north", "wind_east")
TARGETS = ("dewp", "humid", "visib")


def state_dict(features: int, outputs: int = 3) -> bytes:
    """Return what torch.save writes of a small model."""
    content = io.BytesIO()
    torch.save(ComplexLSTMModel(features, 16, output_dim=outputs).state_dict(), content)
    return content.getvalue()


def weather_rows(count: int) -> bytes:
    """Return the first hours of one airport under another name, so that no shipped model fits."""
    lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()[: count + 1]
    return "\n".join([lines[0].replace("temp", "temperature"), *lines[1:]]).encode()


def widget(app: AppTest, kind: str, name: str) -> str:
    """Return the key of the widget of the form with this name."""
    return next(one.key for one in getattr(app, kind) if one.key.startswith(f"data_{name}"))


def upload_both(show: Show, model: bytes = b"") -> AppTest:
    app = show("start")
    app.file_uploader(key="start_upload_data").upload("mine.csv", weather_rows(300)).run()
    app.file_uploader(key="start_upload_model").upload("mine.pt", model or state_dict(9)).run()
    assert not app.exception and not app.error and "What mine.pt reads" in app.header[0].value.replace("\\", "")
    return app.switch_page("../../../pages/explain.py").run()  # where the upload has led, which the next run of an AppTest forgets


@pytest.mark.long
def test_it_is_asked_for_its_outputs_and_its_scaling_before_anything_is_shown(show: Show) -> None:
    app = upload_both(show)

    assert "9 inputs" in all_words(app) and "choose 2 more targets" in all_words(app)
    assert app.radio(key=widget(app, "radio", "scaling")).value is None
    assert not app.metric and "setup" not in app.query_params


@pytest.mark.long
def test_with_the_scaling_of_the_file_it_runs_under_a_warning_and_its_part_is_this_file(show: Show) -> None:
    app = upload_both(show)
    app.multiselect(key=widget(app, "multiselect", "targets")).set_value(["dewp", "humid", "visib"]).run()
    app.radio(key=widget(app, "radio", "scaling")).set_value("own").run()
    finished(app)

    assert "Predictions are right only as far as this file is like" in all_words(app)
    app.switch_page("../../../pages/check.py").run()
    finished(app)
    parts = app.segmented_control(key="predict_part")
    assert parts.options == ["this file: whether the model was trained on it is not known"]
    for words in ("not used in training", "test part", "training part", "validation part"):
        assert words not in all_words(app)


@pytest.mark.long
def test_means_and_deviations_by_hand_scale_the_inputs(show: Show, tmp_path: Path) -> None:
    app = upload_both(show)
    app.multiselect(key=widget(app, "multiselect", "targets")).set_value(["dewp", "humid", "visib"]).run()
    app.radio(key=widget(app, "radio", "scaling")).set_value("numbers").run()
    for name, text in (("feature_mean", "[1 1 1 1 1 1 1 1 1]"), ("feature_std", "2, 2, 2, 2, 2, 2, 2, 2, 2"), ("target_mean", "0, 0, 0")):
        app.text_input(key=widget(app, "text_input", name)).set_value(text).run()
    assert "setup" not in app.query_params

    app.text_input(key=widget(app, "text_input", "target_std")).set_value("1, 1, 0").run()

    assert "above 0" in app.error[0].value and "setup" not in app.query_params
    app.text_input(key=widget(app, "text_input", "target_std")).set_value("1, 1, 1").run()
    finished(app)
    kept = Workspace(tmp_path).find("setup", app.query_params["setup"]).path.read_text()
    assert json.loads(kept)["scaling"]["feature_std"] == [2.0] * 9
    assert "Predictions are right only as far as" not in all_words(app)


@pytest.mark.long
def test_means_and_deviations_in_a_file_are_read_by_their_columns(show: Show, tmp_path: Path) -> None:
    app = upload_both(show)
    app.multiselect(key=widget(app, "multiselect", "targets")).set_value(["dewp", "humid", "visib"]).run()
    app.radio(key=widget(app, "radio", "scaling")).set_value("file").run()
    rows = [f"{name},{place},{place + 1}" for place, name in enumerate(app.multiselect(key=widget(app, "multiselect", "features")).value)]

    app.file_uploader(key=widget(app, "file_uploader", "scaling_file")).upload(
        "scaler.csv", "\n".join(["column,mean,std", *rows]).encode()
    ).run()
    finished(app)

    kept = json.loads(Workspace(tmp_path).find("setup", app.query_params["setup"]).path.read_text())
    assert kept["scaling"]["feature_mean"] == list(map(float, range(9)))


@pytest.mark.long
def test_a_classifier_is_asked_for_its_classes_in_the_order_of_its_outputs(show: Show, tmp_path: Path) -> None:
    app = show("start")
    lines = [f"{step % 7},{step % 3},{'down' if step // 20 % 2 else 'up'}" for step in range(200)]
    app.file_uploader(key="start_upload_data").upload("mine.csv", "\n".join(["a,b,kind", *lines]).encode()).run()
    app.file_uploader(key="start_upload_model").upload("mine.pt", state_dict(2, 3)).run()
    app.switch_page("../../../pages/explain.py").run()
    app.selectbox(key=widget(app, "selectbox", "task")).set_value("classes").run()
    app.selectbox(key=widget(app, "selectbox", "class_")).set_value("kind").run()
    app.multiselect(key=widget(app, "multiselect", "features")).set_value(["a", "b"]).run()
    app.radio(key=widget(app, "radio", "scaling")).set_value("own").run()
    assert "1 down, 2 up, as the file names them" in all_words(app) and "name 1 more class" in all_words(app)
    assert "setup" not in app.query_params

    app.multiselect(key=widget(app, "multiselect", "classes")).set_value(["up", "flat", "down"]).run()
    finished(app)

    kept = json.loads(Workspace(tmp_path).find("setup", app.query_params["setup"]).path.read_text())
    assert kept["classes"] == ["up", "flat", "down"]
    assert app.selectbox(key="explain_target").options == ["up", "flat", "down"]


def test_one_that_takes_fewer_columns_holds_the_choice_to_them(show: Show) -> None:
    app = upload_both(show, state_dict(5))

    features = app.multiselect(key=widget(app, "multiselect", "features"))
    assert len(features.value) == 5 and features.proto.max_selections == 5
    assert not app.exception and not app.error


@pytest.mark.long
def test_a_link_of_before_with_a_setup_still_opens_with_the_scaling_of_the_file(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Setups had no scaling then: they stand for that of the file."""
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    frame = np.random.default_rng(0).standard_normal((200, 3)).round(3)
    data = Workspace(tmp_path).keep("data", "\n".join(["a,b,c", *[",".join(map(str, row)) for row in frame]]).encode(), "abc.csv").key
    model = Workspace(tmp_path).keep("model", state_dict(3, 1), "abc.pt", suffix=".pt").key
    made = Setup(Roles(("a", "b", "c"), ("a",), "values"), WindowConfig(20), SplitConfig())
    plain = json.loads(Workspace(tmp_path).find("setup", keep_setup(made)).path.read_text())
    assert made.given_scaling is None and plain.pop("scaling") == {
        "feature_mean": [], "feature_std": [], "target_mean": [], "target_std": []
    }  # fmt: skip
    old = Workspace(tmp_path).keep("setup", json.dumps(plain).encode(), "setup").key

    app = finished(show("predict", data=data, model=model, setup=old))

    assert "Predictions are right only as far as this file is like" in all_words(app)
    assert [metric.label.split(",")[0] for metric in app.metric][:1] == ["a"]
    assert Scaling((), ()) == made.scaling
