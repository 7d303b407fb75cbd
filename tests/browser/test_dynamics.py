"""A run's moments in the browser: played, moved by the keyboard, and every weight the one that the run has kept."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from complex_lstm.runs import Run
from complex_lstm.runs.snapshots import read_snapshots
from tests.browser.conftest import Arrive
from tests.browser.server import Server
from tests.browser.visitor import Visitor
from tests.training.looked_into import copy_of_looked_into

WEIGHT = re.compile(r"Step (\d+), attention head (\d+): query step (\d+) takes ([\d.e-]+) of its attention from key step (\d+)$")
GATE = re.compile(r"Step (\d+): mean gate ([\d.e-]+) at step (\d+)$")
OVERFLOW = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .map(one => one.scrollWidth - one.clientWidth)"""

RECORDING = """film => new MutationObserver(() => film.dataset.played = `${film.dataset.played ?? ""} ${film.dataset.step}`)
    .observe(film, {attributes: true, attributeFilter: ["data-step"]})"""  # what is shown for a moment only may pass unseen


@pytest.fixture(scope="module")
def run(server: Server) -> Run:
    return copy_of_looked_into(server.workspace / "runs" / "looked-into")


@pytest.fixture
def open_film(run: Run) -> Callable[[Visitor], Locator]:
    def open_film(visitor: Visitor) -> Locator:
        visitor.open("train", run=run.key)
        visitor.page.get_by_text("Play it, snapshot by snapshot").click()
        visitor.see_view("dynamics")
        film = visitor.page.locator('.snapshots[data-ready="true"]')
        film.wait_for()
        return film

    return open_film


def point_at(visitor: Visitor, film: Locator, right: float, down: float) -> str:
    maps = film.locator("canvas.maps")
    maps.scroll_into_view_if_needed()
    box = maps.bounding_box()
    assert box
    visitor.page.mouse.move(box["x"] + right * box["width"], box["y"] + down * box["height"])
    return film.get_by_role("status").inner_text()


def assert_weight_is_kept(run: Run, sentence: str, *, layer: int) -> int:
    """Compare what is said with the first watched window's moment of that step, and return the step."""
    found = WEIGHT.match(sentence)
    assert found, sentence
    step, head, query, weight, key = found.groups()
    kept = {one.step: one for one in read_snapshots(run.folder)}[int(step)]
    assert float(weight) == pytest.approx(float(kept.attention[0, layer, int(head) - 1, int(query), int(key)]), rel=1e-4)
    return int(step)


@pytest.mark.long
def test_a_visitor_plays_a_run_and_reads_what_it_kept(visitor: Visitor, run: Run, open_film: Callable[[Visitor], Locator]) -> None:
    steps = [one.step for one in read_snapshots(run.folder)]
    film = open_film(visitor)
    expect(film).to_have_attribute("data-step", str(steps[-1]))

    film.evaluate(RECORDING)
    film.get_by_role("button", name="Play").click()
    expect(film).to_have_attribute("data-played", re.compile(rf" {steps[-1]}$"))
    played = [int(step) for step in (film.get_attribute("data-played") or "").split()]
    assert played == sorted(played) and set(played) <= set(steps) and played[0] < steps[-1]  # from before the end, in order
    expect(film).to_have_attribute("data-playing", "false")

    slider = film.get_by_role("slider")
    slider.press("Home")
    expect(film.locator(".snapshot")).to_have_text(f"Step 0 of {steps[-1]}, untrained")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    expect(film).to_have_attribute("data-step", str(steps[2]))
    assert slider.get_attribute("aria-valuetext") == film.locator(".snapshot").inner_text() == f"Step {steps[2]} of {steps[-1]}, epoch 1"

    for right, down in ((0.15, 0.3), (0.5, 0.5)):
        assert assert_weight_is_kept(run, point_at(visitor, film, right, down), layer=0) == steps[2]
    visitor.page.wait_for_function(  # the page has heard where the slider stands, and marks it in its figures
        "step => document.querySelector('.st-key-train_dynamics_heads .js-plotly-plot').layout.shapes.some(one => one.x0 === step)",
        arg=steps[2],
    )
    expect(film).to_have_attribute("data-step", str(steps[2]))
    assert visitor.page.evaluate(OVERFLOW) == [0, 0] and visitor.messages == []


@pytest.mark.long
def test_every_place_can_be_read_and_a_picture_taken_along(visitor: Visitor, run: Run, open_film: Callable[[Visitor], Locator]) -> None:
    film = open_film(visitor)

    found = GATE.match(point_at(visitor, film, 0.4, 0.9))
    assert found
    kept = read_snapshots(run.folder)[-1]
    assert int(found[1]) == kept.step and float(found[2]) == pytest.approx(float(kept.gate[0, int(found[3])]), rel=1e-5)

    film.get_by_role("slider").press("Home")
    before = film.get_attribute("data-token")
    visitor.select(f"train_dynamics_layer_{run.key}", "2")
    expect(film).not_to_have_attribute("data-token", str(before))
    expect(film).to_have_attribute("data-step", "0")  # the same moment of another film
    assert assert_weight_is_kept(run, point_at(visitor, film, 0.3, 0.3), layer=1) == 0

    with visitor.page.expect_download() as download:
        film.get_by_role("button", name="Download PNG").click()
    assert re.fullmatch(r".*train_.+-window_\d+-snapshots_layer_2_step_0\.png", download.value.suggested_filename)
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


@pytest.mark.long
def test_whoever_wants_no_motion_moves_by_hand(arrive: Arrive, run: Run, open_film: Callable[[Visitor], Locator]) -> None:
    visitor = arrive(reduced_motion="reduce", color_scheme="dark")
    film = open_film(visitor)
    expect(film.get_by_role("button", name="Play")).to_have_count(0)
    maps, status = film.locator("canvas.maps"), film.get_by_role("status")
    maps.focus()
    for press in ("ArrowDown", "ArrowDown", "Shift+ArrowRight", "Enter"):
        maps.press(press)  # the first arrow only shows the cursor, at 0, 0
    last = assert_weight_is_kept(run, status.inner_text(), layer=0)

    film.get_by_role("button", name="One snapshot back").click()

    expect(film).to_have_attribute("data-step", str(read_snapshots(run.folder)[-2].step))
    assert assert_weight_is_kept(run, status.inner_text(), layer=0) < last  # the cell is held on to
    expect(film).to_have_attribute("data-query", "1")
    expect(film).to_have_attribute("data-key", "10")
