"""A file of the visitor's own: one that nothing here fits, and one that a shipped model fits."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from complex_lstm import ComplexLSTMModel
from complex_lstm.inference import predict
from complex_lstm.samples import SAMPLES
from tests.browser.truth import STRIDE, truth_of
from tests.browser.visitor import Visitor

NEW_RUN = re.compile("run=[0-9a-f]{12}")


def quarter_hours(rows: int) -> bytes:
    """Return a house's meter readings every 15 minutes, as a CSV with semicolons."""
    random, begin = np.random.default_rng(0), datetime(2024, 3, 1)
    day = np.sin(2 * np.pi * np.arange(rows) / 96)
    columns = np.stack([20 + 5 * day, 60 - 10 * day, 2 + day], axis=1) + 0.3 * random.standard_normal((rows, 3))
    lines = [f"{begin + timedelta(minutes=15 * row)};" + ";".join(f"{cell:.2f}" for cell in cells) for row, cells in enumerate(columns)]
    return "\n".join(["when;outdoor [°C];humidity [%];load [kW]", *lines]).encode()


@pytest.mark.long
def test_a_new_file_is_guessed_corrected_trained_on_and_found_again(visitor: Visitor) -> None:
    visitor.open()
    visitor.upload("start_upload_data", "my house.csv", quarter_hours(300))
    expect(visitor.page.get_by_text("300 rows, 4 columns, 3 of them numbers")).to_be_visible()
    visitor.turn_to("Data")
    visitor.see_view("series")
    features, targets = (visitor.widget(f"data_{kind}") for kind in ("features", "targets"))
    for column in ("outdoor [°C]", "humidity [%]", "load [kW]"):
        expect(features).to_contain_text(column)
    expect(targets).to_contain_text("load [kW]")
    expect(targets).not_to_contain_text("humidity [%]")

    visitor.select("data_targets", "humidity [%]")
    visitor.page.keyboard.press("Escape")  # its list stays open for more, and hides the rest of the page from roles
    visitor.page.wait_for_url(re.compile("setup="))
    visitor.see_view("series")
    visitor.turn_to("Train")
    expect(visitor.page.get_by_text(re.compile("learns to predict .*humidity.* ahead"))).to_be_visible()
    visitor.widget("train_size").get_by_text("small").click()
    visitor.enter("train_epochs", 2)
    visitor.widget("train_start").get_by_role("button").click()

    visitor.page.wait_for_url(NEW_RUN)  # until then the page shows another test's run, which may be done
    expect(visitor.page.get_by_text("Done: 2 epochs")).to_be_visible()
    visitor.widget("train_use").get_by_role("button").click()
    visitor.page.wait_for_url(re.compile("model="))
    visitor.see_heading("Explain")
    visitor.open_pane("Prediction")
    visitor.see_view("prediction")
    forecasts = visitor.page.locator(".st-key-view-prediction").get_by_test_id("stMetric")
    expect(forecasts).to_have_count(2)
    before = forecasts.all_inner_texts()

    visitor.reload()

    visitor.see_view("prediction")
    assert "kW" in before[0] and "%" in before[1]
    expect(forecasts).to_have_text(before, use_inner_text=True)


@pytest.mark.long
def test_a_file_that_a_shipped_model_fits_is_predicted_as_by_the_library(visitor: Visitor, tmp_path: Path) -> None:
    header, *lines = SAMPLES["nyc_weather"].csv.read_text().splitlines()
    file = tmp_path / "last winter.csv"
    file.write_text("\n".join([header, *[line for line in lines if line.startswith("JFK")][:600]]))
    truth = truth_of("nyc_weather", other_file=file, stride=1)  # all windows are scored, however few are listed
    visitor.open()
    visitor.upload("start_upload_data", file.name, file.read_bytes())
    expect(visitor.page.get_by_text("New York weather (shipped) fits it.")).to_be_visible()
    assert "model" not in visitor.link
    visitor.widget("start_upload_data_model_nyc_weather").get_by_role("button").click()
    visitor.see_link(model="nyc_weather")
    visitor.see_heading("Explain")

    visitor.open("check", **visitor.link | {"stride": STRIDE})

    visitor.see_view("scores")
    forecast = next(trace for trace in visitor.traces("predict_forecast") if trace["name"] == "predicted")
    assert set(truth.dataset.windows.part) == {"new"}
    assert len(truth.dataset.windows) > 500
    assert forecast["y"] == pytest.approx(predict(truth.model, truth.dataset).predicted[:, 0].tolist(), rel=1e-4)


@pytest.mark.long
def test_a_checkpoint_alone_leads_to_its_card_and_then_is_asked_what_it_reads(visitor: Visitor, tmp_path: Path) -> None:
    torch.save(ComplexLSTMModel(3, 16, output_dim=1).state_dict(), tmp_path / "meter.pt")
    visitor.open()

    visitor.upload("start_upload_model", "meter.pt", (tmp_path / "meter.pt").read_bytes())

    visitor.see_heading("Explain")
    visitor.see_view("card")
    expect(visitor.page.get_by_role("heading", name="A random window, not data")).to_be_visible()
    expect(visitor.page.get_by_text("How many attention heads has meter.pt?")).to_be_visible()
    visitor.page.get_by_role("button", name="Choose the number").click()
    visitor.page.get_by_role("combobox", name="It was trained with").click()
    visitor.page.get_by_role("option", name="4", exact=True).click()
    visitor.page.get_by_role("button", name="Use this number").click()
    expect(visitor.page.get_by_text("given by you")).to_be_attached()
    expect(visitor.page.get_by_text("How many attention heads has meter.pt?")).to_be_hidden()
    visitor.turn_to("Start")
    visitor.upload("start_upload_data", "my house.csv", quarter_hours(300))
    visitor.page.wait_for_url(re.compile("data="))
    visitor.turn_to("Explain")
    expect(visitor.page.get_by_text("Still missing: give the means and standard deviations that scale the inputs")).to_be_visible()
    visitor.widget("data_scaling").get_by_text("Use those of this file").click()
    visitor.see_view("explain")
    expect(visitor.page.get_by_text("Predictions are right only as far as this file is like")).to_be_visible()
    assert visitor.messages == []
