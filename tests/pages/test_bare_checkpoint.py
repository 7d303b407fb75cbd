"""An engineer's state dict, which says nothing of its columns and scaling."""

import io

import torch

from complex_lstm import ComplexLSTMModel
from complex_lstm.samples import SAMPLES
from tests.pages.conftest import Show


def state_dict(features: int) -> bytes:
    """Return what torch.save writes of a small model with three outputs."""
    content = io.BytesIO()
    torch.save(ComplexLSTMModel(features, 16, output_dim=3).state_dict(), content)
    return content.getvalue()


def weather_rows(count: int) -> bytes:
    """Return the first hours of one airport under another name, so that no shipped model fits."""
    lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()[: count + 1]
    return "\n".join([lines[0].replace("temp", "temperature"), *lines[1:]]).encode()


def test_it_runs_on_the_columns_of_the_data_page_and_says_how_they_were_scaled(show: Show) -> None:
    app = show("start")
    app.file_uploader(key="start_upload_data").upload("mine.csv", weather_rows(300)).run()
    app.file_uploader(key="start_upload_model").upload("mine.pt", state_dict(9)).run()
    app.switch_page("../../../pages/data.py").run()
    app.multiselect(key=next(w.key for w in app.multiselect if w.key.startswith("data_targets"))).set_value(
        ["dewp", "humid", "visib"]
    ).run()

    app.switch_page("../../../pages/predict.py").run()

    assert not app.exception and not app.error
    assert [metric.label.split(",")[0] for metric in app.metric][:3] == ["dewp", "humid", "visib"]
    assert any("scaled on this file" in caption.value for caption in app.caption)


def test_one_that_does_not_fit_the_columns_says_what_it_takes(show: Show) -> None:
    app = show("start")
    app.file_uploader(key="start_upload_data").upload("mine.csv", weather_rows(300)).run()

    app.file_uploader(key="start_upload_model").upload("five.pt", state_dict(5)).run()

    assert [error.value for error in app.error] and "takes 5 features and gives 3 outputs" in app.error[0].value
    assert not app.exception and app.file_uploader(key="start_upload_data")
