"""The tour as a page: it starts by itself, blocks nobody, checks answers kindly, and goes on with any data."""

from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from complex_lstm.model import Checkpoint, ComplexLSTMModel, load_checkpoint, save_checkpoint
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.app.lesson import WAY_OUT
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.routes import ROUTES, notes
from tests.pages.conftest import ROOT, Show
from tests.pages.looking import answer_box, charts, finished, guess, names_in, words
from tests.ui.own_file import keep_own
from tests.ui.toured import planted, predicted_on

PLANTED = {"data": "planted_order", "model": "planted_order", "window": 121}
FEW_WINDOWS = 500


def progress(app: AppTest) -> str:
    return str(app.get("progress")[0].proto.text)


def test_the_tour_starts_by_itself_where_the_right_answer_is_known(show: Show) -> None:
    app = show("tour")

    assert not app.exception and not app.error
    assert [one.value for one in app.header] == [f"1. {CHAPTERS[0].title}"]
    assert app.query_params["data"] == "planted_order" and app.query_params["window"] == "121"
    assert app.selectbox(key="bar_data").value == "planted_order"


@pytest.mark.long
def test_next_leads_through_all_pages_and_back_again(show: Show) -> None:
    app = show("tour", **PLANTED)

    for number in range(2, len(CHAPTERS) + 1):
        app.button(key="tour_next").click().run()
        assert not app.exception and not app.error
        assert app.header[0].value == f"{number}. {CHAPTERS[number - 1].title}" and app.query_params["tour"] == str(number)

    assert app.button(key="tour_next").disabled
    app.button(key="tour_back").click().run()
    assert app.query_params["tour"] == str(len(CHAPTERS) - 1)


@pytest.mark.parametrize("link", [{"tour": 0}, {"tour": 99}, {"tour": "x"}, {"tour": 11, "box": 77, "sheet": 9, "row": 999, "column": 999}])
def test_a_link_that_makes_no_sense_is_harmless(show: Show, link: dict[str, object]) -> None:
    app = show("tour", **PLANTED | link)

    assert not app.exception and not app.error and len(app.header) == 1


def test_a_link_opens_a_page_and_a_cell_of_it(show: Show) -> None:
    app = guess(show("tour", **PLANTED, tour=7, box=5, sheet=1, row=3, column=20))

    headings = [one.value for one in app.markdown if one.value.startswith("### ")]
    assert headings == ["### The arithmetic of one value: fused, step 20, channel 3"]
    assert app.query_params["row"] == "3" and app.query_params["column"] == "20"


def test_a_right_answer_is_counted_and_a_wrong_one_gets_a_hint(show: Show) -> None:
    app = show("tour", **PLANTED, tour=1)
    answer = answer_box(app)
    wrong = next(option for option in answer.options if option != "ch7")

    answer.set_value(answer.options.index(wrong)).run()
    assert app.info[0].value.startswith("Not quite. ") and not app.success
    assert names_in(app, "tour_compared") == ["right answer", "your answer"]

    answer_box(app).set_value(answer.options.index("ch7")).run()
    assert app.success[0].value.startswith("Yes. ") and not app.info and "tour_compared" not in charts(app)

    app.button(key="tour_next").click().run()
    app.button(key="tour_back").click().run()
    assert answer_box(app).value == answer.options.index("ch7")


def test_a_number_is_right_within_its_tolerance(show: Show) -> None:
    app = show("tour", **PLANTED, tour=8)

    answer_box(app).set_value(12.0).run()
    assert not app.success
    answer_box(app).set_value(38.0).run()
    assert app.success


def test_other_data_keeps_the_page_and_the_planted_window_is_one_click_away(show: Show) -> None:
    app = show("tour", **PLANTED, tour=14)

    app.selectbox(key="bar_data").set_value("japanese_vowels").run()
    assert not app.exception and app.query_params["tour"] == "14" and app.query_params["data"] == "japanese_vowels"

    app.button(key="tour_planted").click().run()
    assert app.query_params["tour"] == "14" and app.query_params["window"] == "121"


@pytest.mark.long
def test_the_zero_baseline_is_shown_where_it_misleads(show: Show) -> None:
    app = show("tour", **PLANTED, tour=20)

    app.button(key="tour_best").click().run()

    assert app.query_params["data"] == "nyc_weather" and app.query_params["tour"] == "20"
    finished(app)
    assert not charts(app) and "tour_exhibit_0" in charts(guess(app))


def test_a_lesson_hides_the_controls_and_has_a_way_out(show: Show) -> None:
    app = show("tour", **PLANTED, tour=3, lesson=1)
    assert not app.exception and len(app.sidebar.children) == 0
    assert [one.label for one in app.button if one.key == "lesson_leave"] == [WAY_OUT]

    app.button(key="lesson_leave").click().run()

    assert "lesson" not in app.query_params and app.query_params["tour"] == "3"
    assert app.selectbox(key="bar_data").value == "planted_order"


@pytest.mark.long
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


def test_an_answer_given_on_one_window_is_none_on_another_and_counts_there_alone(show: Show) -> None:
    """It stayed when other data was opened, was called wrong there, and went on being counted."""
    app = show("tour", **PLANTED, tour=8)
    answer_box(app).set_value(38.0).run()
    assert app.success and "1 of 20 questions answered" in progress(app)

    app.number_input(key="bar_window").set_value(122).run()
    assert answer_box(app).value is None and not app.info and not app.success
    assert "0 of 20 questions answered" in progress(app)
    answer_box(app).set_value(1.0).run()
    assert app.info[0].value.startswith("Not quite. ")

    app.number_input(key="bar_window").set_value(121).run()
    assert answer_box(app).value == 38.0 and app.success and "1 of 20" in progress(app)


@pytest.mark.long
def test_the_plain_reading_has_every_question_with_its_hint_and_the_answers_apart(show: Show) -> None:
    app = show("tour", **PLANTED)
    for number in (18, 19, 20):  # what these rest on is computed when they are opened
        app.query_params["tour"] = str(number)
        finished(app)

    app.session_state["tour_reading"] = True
    app.session_state["tour_answers"] = True
    app.run()

    folded = {one.label: " ".join(text.value for text in one.markdown) for one in app.expander}
    text, answers = folded["The whole tour as plain text"], folded["The answers to its questions"]
    for number, chapter in enumerate(CHAPTERS, 1):
        question = chapter.question(planted())
        assert f"**{number}. {chapter.title}**" in text and question.hint in text and question.words in text
        assert question.because in answers and question.because not in text, number


def test_a_page_that_takes_long_shows_how_far_it_is_and_can_be_stopped_and_gone_on_with(show: Show) -> None:
    """Each step of a long window is removed in turn: that went on in the page's own run, with no way out."""
    own = keep_own(("a", "b"), length=480, steps=3400, hidden_dim=24, num_lstm_layers=2)
    app = show("tour", data=own.data, model=own.model, tour=19)
    assert not app.exception and not app.error
    assert "tour_evidence_stop" in {one.key for one in app.button} and not app.get("plotly_chart")

    app.button(key="tour_evidence_stop").click().run()
    finished(app)  # what was running ends at its next forward pass
    assert "was stopped before its end" in app.info[0].value and "tour_go_on" in {one.key for one in app.button}
    app.button(key="tour_go_on").click().run()

    assert "tour_evidence_stop" in {one.key for one in app.button}
    app.button(key="tour_back").click().run()
    assert not app.exception and app.header[0].value.startswith("18.") and len(app.get("plotly_chart")) <= 1


def test_a_file_of_ones_own_is_opened_on_the_spot_and_the_tour_stays_at_its_page(show: Show) -> None:
    app = show("tour", **PLANTED, tour=7)
    weather = SAMPLES["nyc_weather"].csv.read_bytes().replace(b"JFK", b"XYZ")

    app.file_uploader(key="tour_upload_data").upload("mine.csv", weather).run()

    assert not app.exception and not app.error
    assert app.query_params["model"] == "planted_order" and app.query_params["data"] not in SAMPLES  # nothing chosen is replaced
    assert "21,818 rows" in app.success[0].value
    app.button(key="tour_upload_data_model_nyc_weather").click().run()
    assert not app.exception and app.header[0].value.startswith("7. ") and app.query_params["model"] == "nyc_weather"


def test_a_file_that_no_model_fits_is_told_what_to_do_and_the_way_back_to_the_page(show: Show) -> None:
    app = show("tour", **PLANTED, tour=7)

    app.file_uploader(key="tour_upload_data").upload("mine.csv", b"step,a,b\n" + b"\n".join(b"%d,1.5,2" % n for n in range(60))).run()

    assert not app.exception and not app.error and app.query_params["tour"] == "7"
    assert "needs columns that the file lacks" in app.success[0].value and "page 7 of the tour" in app.info[0].value
    assert "Train a model on it" in {one.proto.label for one in app.get("page_link")}
    app.switch_page(str(ROOT / "pages/train.py")).run()
    assert "Tour, page 7" in {one.proto.label for one in app.get("page_link")}
    app.switch_page(str(ROOT / "pages/tour.py")).run()
    app.button(key="tour_planted_instead").click().run()
    assert app.header[0].value.startswith("7. ")


@pytest.mark.long
@pytest.mark.parametrize(("place", "off"), [
    ({"box": 3, "sheet": 2}, "scale-1-1"), ({"box": 6}, "block-0"), ({"box": 8, "sheet": 2}, "head-0-2"),
    ({"box": 8, "sheet": 8}, "layer-0"),
    ({"box": 12, "row": 1}, "pooled-max"), ({"box": 13, "row": 2}, "member-2"), ({"box": 2}, "positions"), ({"box": 5}, "gate-0.5"),
])  # fmt: skip
def test_what_is_looked_at_is_switched_on_the_bench_by_one_click(show: Show, place: dict[str, int], off: str) -> None:
    app = show("tour", **PLANTED, tour=1, **place)

    app.button(key="tour_bench").click().run()

    assert not app.exception and app.query_params["off"] == off and app.title[0].value == "Experiment"
    assert app.query_params["window"] == "121" and app.query_params["tour"] == "1"


@pytest.mark.parametrize("box", [0, 1, 14, 15])
def test_a_box_without_a_switch_leads_nowhere(show: Show, box: int) -> None:
    app = show("tour", **PLANTED, tour=1, box=box)

    assert not app.exception and "tour_bench" not in {one.key for one in app.button}


@pytest.mark.parametrize("number", [2, 3, 7, 9, 10, 14, pytest.param(17, marks=pytest.mark.long)])
@pytest.mark.parametrize("lesson", ["1", pytest.param("", marks=pytest.mark.long), pytest.param("2", marks=pytest.mark.long)])
def test_no_number_stands_on_a_page_before_its_question_is_answered(show: Show, number: int, lesson: str) -> None:
    """The arithmetic named the largest term, and what the window shows was told above the question about it."""
    app = show("tour", **PLANTED, tour=number, lesson=lesson)

    before = words(app)
    assert "From the digits above" not in before and "In this window." not in before and "A guess is enough" in before
    after = words(guess(app))
    assert "From the digits above" in after and ("In this window." in after) == (CHAPTERS[number - 1].finding is not None)
    assert not app.exception and ("Show the answer" in [one.label for one in app.expander]) <= (lesson == "")


def test_a_lesson_has_no_answer_to_a_wrong_one_and_no_hand_out_with_answers(show: Show) -> None:
    app = show("tour", **PLANTED, tour=8, lesson=1)
    answer_box(app).set_value(5.0).run()

    assert app.info[0].value.startswith("Not quite. ")
    assert [one.label for one in app.expander if "answer" in one.label] == []
    assert names_in(app, "tour_compared") == ["", "your answer"]
    assert [one.proto.label for one in app.get("download_button") if "tour" in one.proto.id] == ["Hand-out (HTML)"]


def test_a_prediction_is_kept_in_the_link_for_its_window_and_not_in_the_link_of_a_lesson(show: Show) -> None:
    app = show("tour", **PLANTED, tour=8)
    answer_box(app).set_value(5.0).run()
    answer_box(app).set_value(38.0).run()
    assert app.success[0].value.endswith("Your prediction was 5.")
    link = app.query_params["predicted"]
    assert [one.value for one in app.code if "lesson=" in one.value and "predicted" in one.value] == []

    again = show("tour", **PLANTED, tour=8, predicted=link)
    assert answer_box(again).value == 38.0 and again.success[0].value.endswith("Your prediction was 5.")
    other = show("tour", **PLANTED | {"window": 122}, tour=8, predicted=link)
    assert answer_box(other).value is None and "0 of 20" in progress(other)


@pytest.mark.parametrize("predicted", ["of:{token},q:1:9:9", "of:{token},q:1:nan:0", "q:1:0:0", "of:{token},q:x:0:0"])
def test_a_prediction_that_no_question_has_counts_as_none(show: Show, predicted: str) -> None:
    app = show("tour", **PLANTED, tour=1, predicted=predicted.format(token=planted().token))

    assert not app.exception and answer_box(app).value is None and "A guess is enough" in words(app)


def test_the_cell_that_is_chosen_in_the_picture_can_be_the_answer(show: Show) -> None:
    """Row 7 of the series is ch7, whose bump comes first."""
    app = show("tour", **PLANTED, tour=1, box=0, sheet=0, row=7, column=20)

    app.button(key="tour_pick").click().run()

    assert not app.exception and app.success and app.query_params["predicted"].endswith("q:1:1:1")


def test_a_part_that_is_switched_off_on_the_page_changes_the_output_as_the_model_says(show: Show) -> None:
    window = planted()
    pages = [number for number, chapter in enumerate(CHAPTERS, 1) if chapter.trial]
    assert 3 * len(pages) >= len(CHAPTERS)  # one page in three at least
    app = show("tour", **PLANTED, tour=10, predicted=predicted_on(window, 10))

    app.toggle(key=f"tour_trial_10_{window.token}").set_value(True).run()

    block = window.model.lstm_blocks[0]
    with torch.no_grad():
        skipped = block.register_forward_hook(lambda module, given, out: given[0])
        off = window.model(window.x)[0]
        skipped.remove()
    before, after = float(window.trace.prediction[0, window.target]), float(off[window.target])
    assert f"goes from {before:.3g} to {after:.3g}, in the model's scale. The predicted class" in words(app)


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_leads_through_its_pages_alone_and_stays_in_the_link(show: Show, name: str) -> None:
    route = ROUTES[name]
    app = show("tour", **PLANTED, tour=6)
    app.selectbox(key="tour_route").set_value(name).run()

    for done, page in enumerate(route.pages[:3], 1):
        assert app.query_params["tour"] == str(page) and app.query_params["route"] == name
        assert progress(app).startswith(f"Page {done} of {len(route.pages)} on this route")
        app.button(key="tour_next").click().run()
    assert "Teacher's notes" in [one.label for one in app.expander]
    in_lesson = show("tour", **PLANTED, tour=route.pages[-1], route=name, lesson=1)
    assert in_lesson.button(key="tour_next").disabled and "Teacher's notes" not in [one.label for one in in_lesson.expander]
    in_lesson.button(key="tour_back").click().run()
    assert in_lesson.query_params["tour"] == str(route.pages[-2])


def test_a_route_has_about_eight_pages_for_half_an_hour_and_a_page_in_three_has_something_to_try() -> None:
    for route in ROUTES.values():
        assert 7 <= len(route.pages) <= 9 and route.minutes == 30 and sorted(route.pages) == list(route.pages)
        assert 3 * sum(CHAPTERS[page - 1].trial is not None for page in route.pages) >= len(route.pages)
        assert all(words in notes(route) for words in ("30 minutes", route.goal, *route.mistakes, *route.ask))


@pytest.mark.parametrize("link", [{"route": "nowhere"}, {"route": "attention", "tour": 2}, {"route": "distrust", "present": 1}])
def test_a_page_beside_the_route_leads_back_to_it_and_the_projector_follows_it(show: Show, link: dict[str, object]) -> None:
    app = show("tour", **PLANTED | {"tour": 1} | link)

    app.button(key="tour_next").click().run()

    assert not app.exception and app.query_params["tour"] == {"nowhere": "2", "attention": "4", "distrust": "10"}[str(link["route"])]
