"""Names from files that Markdown, HTML, Plotly or the browser could take for more than names."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from complex_lstm.config import ModelConfig, Roles, SplitConfig, TrainingConfig, WindowConfig
from complex_lstm.data import prepare_training, read_csv
from complex_lstm.model import Checkpoint, ComplexLSTMModel, save_checkpoint
from complex_lstm.runs import Plan, Status, create_run
from complex_lstm.runs.curves import Row, write_metrics
from complex_lstm.runs.status import write_status
from complex_lstm.ui.session.messages import WORD_JOINER
from tests.browser.server import Server
from tests.browser.visitor import Visitor

FEATURES = (
    "![](http://127.0.0.1:9/x)", "<img src=x onerror=alert(1)>", '<a href="http://127.0.0.1:9/a">a</a>', "$a$ and $b$", ":red[x]", "*b*",
    "www.example.com", ":material/home:", "a <- b", "&lt;c&gt;", "1. d",
)  # fmt: skip
CLASSES = ("<b>![](http://127.0.0.1:9/c)</b>", "**$up$**")
SERIES = ("![](http://127.0.0.1:9/s)", "<i>s</i>")
FILE = "![](http://127.0.0.1:9/f).csv"
RUNS = ('![](http://127.0.0.1:9/r) <img src=x onerror="alert(1)">', '<a href="http://127.0.0.1:9/q">q</a> $r$ *run*')
ALIVE = 'a[href*=":9/"], a[href*="example.com"], img[src*=":9/"], img[src="x"]'
VIEWS = (  # page, pane of it, and its view
    ("Explain", "", "explain"), ("Explain", "Prediction", "prediction"), ("Explain", "Attention heads", "attention"),
    ("Explain", "Fusion gate", "gate"), ("Explain", "Ensemble heads", "heads"), ("Explain", "Series", "importance"),
    ("Experiment", "", "experiment"), ("Check", "", "scores"), ("About the model", "", "claims"), ("Guided tour", "", "tour"),
)  # fmt: skip


@pytest.fixture
def hostile_file(tmp_path: Path) -> Path:
    """A file whose every name is hostile; commas and quotes in names are quoted as CSV has it."""
    random = np.random.default_rng(0)
    quoted = ['"' + name.replace('"', '""') + '"' for name in (*FEATURES, "$who$", "*kind*")]
    rows = [",".join(["step", *quoted])]
    for series in SERIES:
        for step in range(60):
            cells = [f"{cell:.3f}" for cell in random.standard_normal(len(FEATURES))]
            rows.append(",".join([str(step), *cells, series, CLASSES[step // 5 % 2]]))
    file = tmp_path / "hostile.csv"
    file.write_text("\n".join(rows))
    return file


def untrained(file: Path) -> bytes:
    """Return a checkpoint for the file; what it predicts does not matter here."""
    torch.manual_seed(0)
    roles = Roles(FEATURES, ("*kind*",), "classes", series="$who$", time="step")
    made = prepare_training(read_csv(file), roles, WindowConfig(length=10, stride=5), SplitConfig("time"))
    model = ComplexLSTMModel(len(FEATURES), hidden_dim=8, num_lstm_layers=2, num_heads=2, output_dim=len(CLASSES)).eval()
    checkpoint = Checkpoint(model, made.schema, made.window, SplitConfig("time"), made.scaling, made.table.fingerprint)
    path = file.with_suffix(".safetensors")
    save_checkpoint(checkpoint, path)
    return path.read_bytes()


def letters(text: str) -> str:
    """Return what a reader sees: without the sign of no width that keeps letters apart."""
    return text.replace(WORD_JOINER, "")


@pytest.mark.long
def test_names_are_only_names_on_every_page(visitor: Visitor, hostile_file: Path) -> None:
    """What they must not do (a request, a dialog) is checked of every visitor: see `arrive`."""
    visitor.open()
    visitor.upload("start_upload_data", FILE, hostile_file.read_bytes())
    news = visitor.page.get_by_text("120 rows, 14 columns")
    news.wait_for()
    assert letters(news.inner_text()).startswith(FILE)
    visitor.turn_to("Data")
    visitor.see_view("series")
    visitor.page.get_by_text("Why were these columns suggested?").click()
    guessed = visitor.widget("data_reasons").locator("strong")
    expect(guessed).to_have_count(14)
    assert [letters(name) for name in guessed.all_inner_texts()] == ["step", *FEATURES, "$who$", "*kind*"]

    visitor.turn_to("Start")
    visitor.upload("start_upload_model", "*hostile*.safetensors", untrained(hostile_file))
    visitor.see_heading("Explain")
    visitor.see_view("explain")

    for title, pane, view in VIEWS:
        visitor.turn_to(title)
        if pane:
            visitor.open_pane(pane)
        visitor.see_view(view)
        said = letters(visitor.page.get_by_test_id("stMain").inner_text())
        assert any(name in said for name in ("*hostile*", *SERIES, *CLASSES)), (title, pane)
        assert visitor.page.locator(ALIVE).count() == 0
        formulas = visitor.page.locator(".katex annotation")
        if title == "Guided tour":  # it has some of its own, which come a moment later
            expect(formulas).not_to_have_count(0)
            assert not {"a", "b", "who", "up"} & set(formulas.all_text_contents())
        else:
            assert formulas.count() == 0, title
        drawn = " ".join(letters(one) for one in visitor.page.locator(".js-plotly-plot svg text").all_text_contents())
        if pane == "Series":
            assert all(name in drawn for name in FEATURES)
        if pane == "Prediction":
            assert all(name in drawn for name in CLASSES)
        if title == "Experiment":
            edit(visitor)


def edit(visitor: Visitor) -> None:
    """Shift the first feature: its name then stands in the list of edits, and beside the edited window."""
    visitor.widget("what_if_apply").get_by_role("button").click()
    expect(visitor.page.get_by_text("1 of 1 edits applied")).to_be_visible()
    assert f": {FEATURES[0]}, " in letters(visitor.page.get_by_text("1. shifted by").inner_text())
    visitor.widget("what_if_compare").get_by_role("button").click()
    visitor.see_view("compare")
    expect(visitor.page.get_by_text("Edited: shifted by")).to_contain_text("http")


@pytest.mark.long
def test_the_names_of_runs_are_only_names_also_where_they_are_compared_and_in_the_trash(visitor: Visitor, server: Server) -> None:
    """Runs that are taken in from elsewhere bring names, columns and messages of their own."""
    roles, size = Roles(FEATURES, ("*kind*",), "classes", series="$who$"), ModelConfig(len(FEATURES), 8, 1, 2, 2, 0.3)
    plan = Plan("", FILE, FILE, "f" * 64, roles, WindowConfig(10), SplitConfig("time"), size, TrainingConfig(epochs=2), made="2026-01-01")
    for place, name in enumerate(RUNS):
        folder = server.workspace / "runs" / f"hostile{place}"
        create_run(folder, replace(plan, name=name, data_name=f"{place}{FILE}"))
        write_metrics(folder, [Row(epoch, epoch, kind, 0.5 / epoch) for epoch in (1, 2) for kind in ("loss", "validation_loss")])
        write_status(folder, Status("stopped", epoch=2, epochs=2, message=name))

    visitor.open("train", data="planted_order", run="hostile0")
    visitor.see_view("compared")
    visitor.see_traces("train_compared_losses")
    drawn = " ".join(letters(one) for one in visitor.page.locator(".js-plotly-plot svg text").all_text_contents())
    said = letters(visitor.page.get_by_test_id("stMain").inner_text())
    assert all(name in drawn and name in said for name in RUNS)
    assert visitor.page.locator(ALIVE).count() == visitor.page.locator(".katex").count() == 0

    visitor.widget("train_delete").get_by_role("button").first.click()
    expect(visitor.widget("train_delete_do")).to_be_visible()
    assert RUNS[0] in letters(visitor.page.get_by_test_id("stPopoverBody").inner_text())
    visitor.widget("train_delete_do").get_by_role("button").click()
    visitor.turn_to("Start")
    visitor.widget("start_kept").locator("summary").click()
    visitor.see_option("start_trash_chosen", re.compile(r"127\.0\.0\.1:9"))
    assert visitor.page.locator(ALIVE).count() == 0
    for place in (server.workspace / "runs" / "hostile1", *(server.workspace / "trash").glob("*hostile0*")):
        shutil.rmtree(place)
