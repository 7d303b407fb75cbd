"""Links and workspaces of version 0.1 on today's pages: every address still shows what it showed."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import lightning.pytorch  # noqa: F401  # first: two jobs of the Train page that import it at once lock each other out
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.app.addresses import MOVED
from tests.pages.conftest import ROOT, Show
from tests.pages.looking import all_words, answer_box, drawn

OLD = ROOT / "tests/fixtures_v0_1"
LINKS = json.loads((OLD / "links.json").read_text())
WIDGETS = ("selectbox", "multiselect", "number_input", "segmented_control", "pills", "slider")
LEAVES_OUT = ("bench", "what_if", "compare")  # pages that warn of what a link asks for in vain
RUN, SWEEP, TWIN, DATA = "5198bd44f898", "sweep-d1395362d677", "9a69ec314e74", "9688cb1d6ffa447e179a"


@pytest.fixture
def show_old(show: Show, tmp_path: Path) -> Show:
    """Return a new session that has followed a link, in a copy of the old workspace."""
    shutil.copytree(OLD / "workspace", tmp_path, dirs_exist_ok=True)
    return show


def named(link: dict[str, Any]) -> str:
    """Return a link as a test's name: what stands in it beside data, model and window."""
    own = (f"{name}={value}" for name, value in link["query"].items() if name not in ("data", "model", "setup", "window", "stride"))
    return f"{link['page']}?{'&'.join(own)[:80]}"


def values(app: AppTest) -> dict[str, Any]:
    """Return what every widget says, by its key."""
    found = {one.key: one.value for kind in WIDGETS for one in getattr(app, kind) if one.key}
    found |= {re.sub(r"_\d{1,2}$", "", key): value for key, value in found.items() if key.startswith("data_")}  # of a form drawn anew
    return {key: list(value) if isinstance(value, tuple) else value for key, value in found.items()}


def read(app: AppTest) -> str:
    """Return all words of a page, headings and ways on among them, without Markdown's backslashes."""
    ways = (one.proto.label for one in app.get("page_link"))
    return " ".join([all_words(app), *(one.value for one in app.header), *ways]).replace("\\", "")


def marked_steps(app: AppTest, chart: str) -> set[float]:
    """Return where vertical lines stand in a chart over time."""
    spec = next(json.loads(one.proto.spec) for one in app.get("plotly_chart") if one.proto.id.endswith(f"-{chart}"))
    return {shape["x0"] for shape in spec["layout"]["shapes"] if shape["x0"] == shape["x1"]}


FIRST = {link["page"]: number for number, link in reversed([*enumerate(LINKS)])}  # of each page, for everybody's run; the others are long


@pytest.mark.parametrize(
    "link",
    [
        pytest.param(link, id=named(link), marks=() if FIRST[link["page"]] == number else pytest.mark.long)
        for number, link in enumerate(LINKS)
    ],
)
def test_a_link_shows_what_it_showed(show_old: Show, link: dict[str, Any]) -> None:
    app, expected = show_old(link["page"], **link["query"]), link["expects"]

    assert not app.exception and not [one.value for one in app.error]
    assert link["page"] not in LEAVES_OUT or not [one for one in app.warning if "No better than" not in one.value]
    assert {key: values(app).get(key) for key in expected.get("widgets", {})} == expected.get("widgets", {})
    assert expected.get("address", {}).items() <= app.query_params.items()
    assert not {*expected.get("no_address", ())} & {*app.query_params}
    if link["page"] == "tour" and "lesson" not in link["query"] and "words" in expected:
        app = answer_box(app).set_value(0).run()  # since then a page shows its numbers once its question is answered
    assert all(words in read(app) for words in expected.get("words", ()))
    assert {*expected.get("buttons", ())} <= {one.key for one in app.button}
    assert "heading" not in expected or app.header[0].value.startswith(expected["heading"])
    assert any(one.key == "bar_data" for one in app.selectbox) == expected.get("sidebar", True)  # today the bar, which a lesson has not
    assert "marked" not in expected or {*expected["marked"]} <= marked_steps(app, "attention_received")
    for chart, before in expected.get("drawn", {}).items():
        for trace, numbers in zip(drawn(app, chart), before, strict=False):
            assert next(one for one in trace.values() if one.dtype.kind in "fi").ravel().tolist() == pytest.approx(numbers, abs=2e-6)


def test_every_page_and_every_parameter_is_tried_here() -> None:
    """The pages and the parameters are those that version 0.1 knew."""
    assert {link["page"] for link in LINKS} == {"start", "data", "train", "tour", *MOVED}
    assert len({name for link in LINKS for name in link["query"]}) == 30


def test_a_link_is_the_same_after_a_visit(show_old: Show) -> None:
    """What a page writes to the address bar opens the same again."""
    link = {"data": "planted_order", "model": "planted_order", "window": "600", "off": "channels-1-0-31,head-0-2", "view": "gate"}

    first = show_old("bench", **link)
    second = show_old("bench", **{str(name): value for name, value in first.query_params.items()})

    assert values(first) == values(second) and first.query_params == second.query_params


def test_old_runs_are_listed_scored_and_played(show_old: Show) -> None:
    app = show_old("train", data=DATA, run=RUN)

    assert not app.exception and not [one.value for one in app.error]
    table = next(one.value for one in app.dataframe if "best validation loss" in one.value)
    assert set(table["run"]) == {"by the app", "trained on shapes.csv, shuffled"} and all("done" in state for state in table["state"])
    app.toggle(key="train_dynamics_film").set_value(True).run()
    assert not app.exception and not app.error and not [one for one in app.info if "has no snapshots" in one.value]
    assert app.selectbox(key=f"train_dynamics_layer_{RUN}").value == 0


def test_the_model_of_an_old_run_is_put_to_use(show_old: Show) -> None:
    app = show_old("train", data=DATA, run=RUN)

    app.button(key="train_use").click().run()

    assert not app.exception and app.query_params["model"] == "ee8caadb113869b0b854"  # by its content, the one that was in use then


def test_an_old_sweep_is_drawn(show_old: Show) -> None:
    app = show_old("train", data=DATA, run=RUN, sweep=SWEEP)

    assert not app.exception and not app.error and "2 of 2 trials have a score." in all_words(app)
    assert any("train_sweep_scores" in chart.proto.id for chart in app.get("plotly_chart"))


def test_an_old_zip_is_taken_in_and_its_moments_are_played(show_old: Show) -> None:
    app = show_old("train", data=DATA, run=RUN)

    app.file_uploader(key="train_take_in").upload("done.zip", (OLD / "runs/done.zip").read_bytes(), "application/zip").run()

    taken = app.query_params["run"]
    assert not app.exception and not app.error and taken not in (RUN, TWIN)
    assert "rises and falls is here now" in all_words(app)
    app.toggle(key="train_dynamics_film").set_value(True).run()
    assert not app.exception and not app.error and app.selectbox(key=f"train_dynamics_layer_{taken}").value == 0
