"""The tour as a page: it starts by itself, blocks nobody, checks answers kindly, and goes on with any data."""

from pathlib import Path

import pytest
import torch

from complex_lstm.model import Checkpoint, ComplexLSTMModel, load_checkpoint, save_checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.lesson import WAY_OUT
from complex_lstm.ui.tour.chapters import CHAPTERS
from complex_lstm.workspace import open_workspace
from tests.pages.conftest import Show

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 121}
FEW_WINDOWS = 500


def test_the_tour_starts_by_itself_where_the_right_answer_is_known(show: Show) -> None:
    app = show("tour")

    assert not app.exception and not app.error
    assert [one.value for one in app.subheader] == [f"1. {CHAPTERS[0].title}"]
    assert app.query_params["data"] == "planted_order" and app.query_params["window"] == "121"
    assert app.selectbox(key="sidebar_data").value == "planted_order"


def test_next_leads_through_all_pages_and_back_again(show: Show) -> None:
    app = show("tour", **PLANTED)

    for number in range(2, len(CHAPTERS) + 1):
        app.button(key="tour_next").click().run()
        assert not app.exception and not app.error
        assert app.subheader[0].value == f"{number}. {CHAPTERS[number - 1].title}" and app.query_params["tour"] == str(number)

    assert app.button(key="tour_next").disabled
    app.button(key="tour_back").click().run()
    assert app.query_params["tour"] == str(len(CHAPTERS) - 1)


@pytest.mark.parametrize("link", [{"tour": 0}, {"tour": 99}, {"tour": "x"}, {"tour": 11, "box": 77, "sheet": 9, "row": 999, "column": 999}])
def test_a_link_that_makes_no_sense_is_harmless(show: Show, link: dict[str, object]) -> None:
    app = show("tour", **PLANTED | link)

    assert not app.exception and not app.error and len(app.subheader) == 1


def test_a_link_opens_a_page_and_a_cell_of_it(show: Show) -> None:
    app = show("tour", **PLANTED, tour=7, box=5, sheet=1, row=3, column=20)

    headings = [one.value for one in app.markdown if one.value.startswith("#### ")]
    assert headings == ["#### The arithmetic of one value: fused, step 20, channel 3"]
    assert app.query_params["row"] == "3" and app.query_params["column"] == "20"


def test_a_right_answer_is_counted_and_a_wrong_one_gets_a_hint(show: Show) -> None:
    app = show("tour", **PLANTED, tour=1)
    answer = app.radio(key="tour_answer_1")
    wrong = next(option for option in answer.options if option != "ch7")

    answer.set_value(answer.options.index(wrong)).run()
    assert app.info[0].value.startswith("Not quite. ") and not app.success

    app.radio(key="tour_answer_1").set_value(answer.options.index("ch7")).run()
    assert app.success[0].value.startswith("Yes. ") and not app.info

    app.button(key="tour_next").click().run()
    app.button(key="tour_back").click().run()
    assert app.radio(key="tour_answer_1").value == answer.options.index("ch7")


def test_a_number_is_right_within_its_tolerance(show: Show) -> None:
    app = show("tour", **PLANTED, tour=8)

    app.number_input(key="tour_answer_8").set_value(12.0).run()
    assert not app.success
    app.number_input(key="tour_answer_8").set_value(37.0).run()
    assert app.success


def test_other_data_keeps_the_page_and_the_planted_window_is_one_click_away(show: Show) -> None:
    app = show("tour", **PLANTED, tour=14)

    app.selectbox(key="sidebar_data").set_value("japanese_vowels").run()
    assert not app.exception and app.query_params["tour"] == "14" and app.query_params["data"] == "japanese_vowels"

    app.button(key="tour_planted").click().run()
    assert app.query_params["tour"] == "14" and app.query_params["window"] == "121"


def test_the_zero_baseline_is_shown_where_it_misleads(show: Show) -> None:
    app = show("tour", **PLANTED, tour=19)

    app.button(key="tour_best").click().run()

    assert not app.exception and app.query_params["data"] == "nyc_weather" and app.query_params["tour"] == "19"
    assert len(app.get("plotly_chart")) == 1


def test_a_lesson_hides_the_controls_and_has_a_way_out(show: Show) -> None:
    app = show("tour", **PLANTED, tour=3, lesson=1)
    assert not app.exception and len(app.sidebar.children) == 0
    assert [one.label for one in app.button if one.key == "lesson_leave"] == [WAY_OUT]

    app.button(key="lesson_leave").click().run()

    assert "lesson" not in app.query_params and app.query_params["tour"] == "3"
    assert app.selectbox(key="sidebar_data").value == "planted_order"


@pytest.mark.parametrize("blocks", [1, 3])
def test_a_model_with_fewer_blocks_is_told_which_pages_are_not_about_it(show: Show, tmp_path: Path, blocks: int) -> None:
    """An untrained model of another depth: no page may fail on it."""
    shipped = load_checkpoint(SAMPLES["planted_order"].checkpoint)
    assert isinstance(shipped, Checkpoint)
    torch.manual_seed(0)
    model = ComplexLSTMModel(9, hidden_dim=8, num_lstm_layers=blocks, num_heads=2, output_dim=3).eval()
    file = tmp_path / "shallow.safetensors"
    save_checkpoint(Checkpoint(model, shipped.schema, shipped.window, shipped.split, shipped.scaling, shipped.fingerprint), file)
    key = open_workspace().keep("model", file.read_bytes(), file.name, suffix=file.suffix).key
    app = show("tour", data="planted_order", model=key, stride=FEW_WINDOWS)

    for number, chapter in enumerate(CHAPTERS, 1):
        assert not app.exception and not app.error, number
        assert bool(app.info) == (chapter.blocks > blocks), number
        if number < len(CHAPTERS):
            app.button(key="tour_next").click().run()


def test_data_without_a_model_has_two_ways_on(show: Show) -> None:
    app = show("tour", data="nyc_weather")
    assert not app.exception and len(app.info) == 1

    app.button(key="tour_planted_instead").click().run()

    assert not app.exception and app.query_params["data"] == "planted_order"
