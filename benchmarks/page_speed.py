"""First paint, click to figures and click to paint in headless Chromium: `python -m benchmarks.page_speed`.

The plain way for a page is a Plotly heat map of the same attention heads, drawn by the same server.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from playwright.sync_api import Page, sync_playwright

from complex_lstm.config import Roles, SplitConfig, WindowConfig
from complex_lstm.data import prepare_training, read_csv
from complex_lstm.model import Checkpoint, ComplexLSTMModel, save_checkpoint
from complex_lstm.workspace import Workspace

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
ROUNDS = 5
PICTURE = '.overview[data-ready="true"]'
TOUR = '.tour[data-ready="true"]'
DONE = ".st-key-view-importance [data-testid=stCaptionContainer]"
SHADOW = """place => [...document.querySelectorAll('*')].map(one => one.shadowRoot?.querySelector(place)).find(Boolean)"""
FIGURES = "() => { const all = [...document.querySelectorAll('.js-plotly-plot')]; return all.length > 0 && all.every(one => one.calcdata) }"
PLAIN = """
import numpy as np, plotly.graph_objects as go, streamlit as st
from plotly.subplots import make_subplots
layer = st.selectbox("layer", (0, 1))
attention = np.random.default_rng(layer).dirichlet(np.ones({steps}), (8, {steps})).astype("float32")
figure = make_subplots(2, 4)
for head in range(8):
    figure.add_trace(go.Heatmap(z=attention[head], showscale=False, name=f"{{layer}}"), head // 4 + 1, head % 4 + 1)
st.plotly_chart(figure)
"""


@contextmanager
def served(script: Path, workspace: str, options: Sequence[str] = ()) -> Iterator[tuple[str, int]]:
    """Start Streamlit on a script, with options of its own, and yield its address and the process's id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true", f"--server.port={port}"]
    command += [f"--{option}" for option in options]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"COMPLEX_LSTM_WORKSPACE": workspace}, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.05)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(10)


def keep_large(workspace: str) -> str:
    """Keep a file of 50 features and an untrained model for windows of 500 steps, as uploads are kept, and return their part of a link."""
    values = np.random.default_rng(0).standard_normal((6000, 50)).cumsum(axis=0).round(3)
    frame = pd.DataFrame(values, columns=[f"sensor_{number}" for number in range(50)])
    kept = Workspace(Path(workspace)).keep("data", frame.to_csv(index=False).encode(), "large.csv")
    roles, window, split = Roles(tuple(frame.columns), ("sensor_0",), "values"), WindowConfig(500, stride=50), SplitConfig("time")
    table = read_csv(kept.path.read_bytes(), kept.name)
    made = prepare_training(table, roles, window, split)
    torch.manual_seed(0)
    model = ComplexLSTMModel(50, hidden_dim=64, output_dim=1).eval()
    path = Path(workspace) / "large.safetensors"
    save_checkpoint(Checkpoint(model, made.schema, window, split, made.scaling, table.fingerprint), path)
    key = Workspace(Path(workspace)).keep("model", path.read_bytes(), "large", suffix=".safetensors").key
    return f"data={kept.key}&model={key}"


def open_page(page: Page, address: str, ready: str) -> float:
    """Return the milliseconds from the address to a selector."""
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_selector(ready)
    return 1000 * (time.perf_counter() - start)


def sample_to_figures(page: Page, address: str, sample: str) -> float:
    """Return the milliseconds from the click on a sample to all panes of Explain."""
    open_page(page, address, f".st-key-start_open_{sample} button")
    start = time.perf_counter()
    page.click(f".st-key-start_open_{sample} button")
    page.wait_for_selector(PICTURE)
    return 1000 * (time.perf_counter() - start)


def next_window(page: Page) -> float:
    """Return the milliseconds from a press on the next window to its panes."""
    token = page.evaluate(f"() => ({SHADOW})('{PICTURE}').dataset.token")
    start = time.perf_counter()
    page.locator(".st-key-bar_window button").last.click()
    page.wait_for_function(f"token => {{ const one = ({SHADOW})('{PICTURE}'); return one && one.dataset.token !== token }}", arg=token)
    return 1000 * (time.perf_counter() - start)


def all_methods(page: Page, address: str) -> float:
    """Return the milliseconds from the address to the last of the six methods, with its verdict."""
    start = time.perf_counter()
    open_page(page, address, ".js-plotly-plot")
    page.wait_for_function(f"() => [...document.querySelectorAll('{DONE}')].filter(one => one.textContent.startsWith('method')).length > 6")
    return 1000 * (time.perf_counter() - start)


def switch_head(page: Page) -> float:
    """Return the milliseconds from a click on another attention head to its large map, next frame included."""
    return float(
        page.evaluate("""async () => {
        const root = document.querySelector('[data-testid=stBidiComponentIsolated]').shadowRoot;
        const shown = root.querySelector('.attention').dataset;
        const other = [...root.querySelectorAll('.head')].find(one => one.getAttribute('aria-pressed') !== 'true');
        const start = performance.now();
        other.click();
        while (shown.head !== other.dataset.head || shown.layer !== other.dataset.layer) await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        return performance.now() - start;
    }""")
    )


def step_cursor(page: Page) -> float:
    """Return the milliseconds from an arrow key to the tour's cursor one step on, next frame included."""
    return float(
        page.evaluate("""async () => {
        const root = document.querySelector('.st-key-view-tour [data-testid=stBidiComponentIsolated]').shadowRoot.querySelector('.tour');
        const before = root.dataset.step, start = performance.now();
        root.querySelector('canvas.large').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
        while (root.dataset.step === before) await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        return performance.now() - start;
    }""")
    )


def follow_drag(page: Page, address: str) -> list[float]:
    """Return the milliseconds from each rest of the mouse in a drag to the picture that has followed it, the button still down."""
    open_page(page, address, PICTURE)
    canvas = page.locator('.series[data-ready="true"]')
    canvas.get_by_role("radio", name="drags the segment").check()
    page.wait_for_timeout(3000)  # the strip of all windows
    box = canvas.locator("canvas.rows").bounding_box()
    assert box
    x, y = box["x"] + 0.6 * box["width"], box["y"] + 12  # in the first row, where the brushed segment is at first
    page.mouse.move(x, y)
    page.mouse.down()
    taken = []
    for at in range(ROUNDS + 1):
        before = page.locator(PICTURE).get_attribute("data-token")
        page.mouse.move(x, y + 5 + 3 * at)
        start = time.perf_counter()
        while page.locator(PICTURE).get_attribute("data-token") == before:
            time.sleep(0.005)
        taken.append(1000 * (time.perf_counter() - start))
        page.wait_for_timeout(400)
    page.mouse.up()
    return taken[1:]


def plain_switch(page: Page, address: str) -> float:
    """Return the milliseconds from choosing the other layer to its heat maps, in the plain way."""
    open_page(page, address, ".js-plotly-plot")
    page.wait_for_function(FIGURES)
    page.get_by_role("combobox").click()
    start = time.perf_counter()
    page.get_by_role("option", name="1").click()
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?._fullData?.[0].name === '1'")
    return 1000 * (time.perf_counter() - start)


def report(what: str, milliseconds: list[float]) -> None:
    """Print one row: the median, and the lowest and highest."""
    print(f"| {what} | {statistics.median(milliseconds):.0f} | {min(milliseconds):.0f} to {max(milliseconds):.0f} |", flush=True)


def main() -> None:
    """Print the table."""
    print("| what | median, ms | lowest to highest |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as workspace, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=FLAGS)
        with served(ROOT / "app.py", workspace) as (address, _):
            pages = [browser.new_context().new_page() for _ in range(ROUNDS)]
            for page in pages:
                page.set_default_timeout(120_000)  # jobs of the rows before may still run
            report("first paint of Start, first visitor", [open_page(pages[0], address, ".st-key-start_upload_model")])
            report("first paint of Start, later visitors", [open_page(page, address, ".st-key-start_upload_model") for page in pages])
            for sample in ("nyc_weather", "shoulder_exercises", "japanese_vowels", "planted_order", "planted_shape"):
                report(f"{sample}: click to all panes of Explain, first time", [sample_to_figures(pages[0], address, sample)])
                report(f"{sample}: the same, later", [sample_to_figures(page, address, sample) for page in pages[1:4]])
            for sample in ("nyc_weather", "shoulder_exercises"):
                link = f"{address}/explain?data={sample}&model={sample}&window="
                report(
                    f"explain, {sample}: address to all panes",
                    [open_page(page, f"{link}{place}", PICTURE) for place, page in enumerate(pages)],
                )
                report(f"explain, {sample}: next window", [next_window(pages[0]) for _ in range(5)])
            link = f"{address}/explain?{keep_large(workspace)}&window="
            report("explain, 50 features and 500 steps: address to all panes, first time", [open_page(pages[0], f"{link}5", PICTURE)])
            report(
                "explain, 50 features and 500 steps: the same, each time another window",
                [open_page(page, f"{link}{10 + place}", PICTURE) for place, page in enumerate(pages)],
            )
            for name in ("attention", "gate", "heads", "importance"):
                link = f"{address}/explain?focus={name}&data=shoulder_exercises&model=shoulder_exercises"
                report(
                    f"explain, {name} large: link to figures, 100 steps", [open_page(page, link, ".js-plotly-plot") for page in pages[:3]]
                )
            link = f"{address}/explain?focus=importance&data=nyc_weather&model=nyc_weather&window="
            first = [open_page(pages[0], f"{link}{number}", ".js-plotly-plot") for number in (11, 12, 13)]
            report("importance: link to the first methods, 48 steps, each time another window", first)
            report(
                "importance: link to all six methods with verdicts, 48 steps",
                [all_methods(pages[1], f"{link}{one}") for one in (21, 22, 23)],
            )
            report("importance: the same again", [all_methods(pages[2], f"{link}{one}") for one in (21, 22, 23)])
            pages[0].goto(f"{address}/explain?focus=attention&data=shoulder_exercises&model=shoulder_exercises")
            pages[0].wait_for_selector('.attention[data-ready="true"]')
            report("attention: head or layer switch, click to paint, 100 steps", [switch_head(pages[0]) for _ in range(9)])
            for sample in ("nyc_weather", "shoulder_exercises"):
                link = f"{address}/experiment?data={sample}&model={sample}&window=5"
                report(f"experiment, {sample}: rest of a drag to the picture, button down", follow_drag(pages[0], link))
            report("tour: address to the whole picture", [open_page(page, f"{address}/tour", TOUR) for page in pages[:3]])
            pages[0].wait_for_timeout(2000)  # the cursor's first move
            report("tour: a step of the cursor through all boxes", [step_cursor(pages[0]) for _ in range(9)])
        plain = Path(workspace) / "plain.py"
        plain.write_text(PLAIN.format(steps=100))
        with served(plain, workspace) as (address, _):
            report("the plain way (Plotly, 8 heads): layer switch, 100 steps", [plain_switch(pages[1], address) for _ in range(3)])


if __name__ == "__main__":
    main()
