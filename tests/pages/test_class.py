"""A class on the pages: a pupil joins, answers and hands in, the teacher sees it and shows a view, and nobody sees another."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.classroom.door import admit_teacher, join
from complex_lstm.classroom.storage import Classroom, open_classroom
from complex_lstm.classroom.view import shown
from complex_lstm.classroom.work import class_records, hand_ins_of
from complex_lstm.config.lesson import VARIABLE, served_lesson
from complex_lstm.samples import SAMPLES
from complex_lstm.shares import Share, make_share, shares_of
from complex_lstm.ui.compute import visitor
from complex_lstm.visitors import folder_name, folder_of_visitor
from complex_lstm.workspace import Workspace
from tests.pages.conftest import ROOT, Show, Visit
from tests.pages.looking import all_words

TEACHER, ANNA, BEN = (folder_name(name) for name in ("teacher", "anna", "ben"))
NAME = "<b>Anna</b> :red[x]"
LESSON = "title = 'Reading a series'\nroute = 'attention'\ncode = 'LSTM-2026'\nteacher_key = 'a key that nobody guesses'\n"


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Classroom:
    (tmp_path / "lesson.toml").write_text(LESSON)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "lesson.toml"))
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path))
    found = served_lesson()
    assert found
    return open_classroom(found[0], tmp_path)


def press(app: AppTest, key: str, owner: str, **typed: str) -> AppTest:
    """Type into the page's boxes and press a button."""
    token = visitor._NOW.set(visitor.Visit(owner))
    for name, text in typed.items():
        next(one for one in (*app.text_input, *app.text_area) if one.key == name).set_value(text)
    next(one for one in app.button if one.key and key in one.key).click().run()
    visitor._NOW.reset(token)
    assert not app.exception
    return app


def carried(app: AppTest, name: str) -> str:
    """Return what the address carries: the test gives it as a list, the page as a text."""
    value = app.query_params.get(name, "")
    return value[0] if isinstance(value, list) else value


def everything(app: AppTest) -> str:
    return f"{all_words(app)} {[one.value for one in app.dataframe]} {[one.value for one in app.header]}".replace("\\", "")


def test_a_lesson_from_joining_to_the_teachers_tables(visit: Visit, room: Classroom) -> None:
    anna = visit(ANNA, "start")
    press(anna, "start_join_do", ANNA, start_join_code="lstm 2025", start_join_name=NAME)
    assert "This is not the code" in everything(anna) and class_records(room) == []
    press(anna, "start_join_do", ANNA, start_join_code="lstm 2026", start_join_name=NAME)
    assert f"You are in the class as **{NAME}**" in everything(anna)
    (record,) = class_records(room)
    press(anna, "start_lesson", ANNA)
    assert "1. The window" in everything(anna) and carried(anna, "route") == "attention"

    anna.switch_page(str(ROOT / "pages/tour.py")).run()  # where the test's page does not go by itself
    anna.radio[0].set_value(0).run()
    press(anna, "class_hand_in_do", ANNA, class_comment="It *rises*.")
    (record,) = class_records(room)
    assert [one.page for one in record.answers] == [1] and record.place == "Guided tour, page 1"
    assert [one.comment for one in hand_ins_of(room, record.pupil)] == ["It *rises*."] and "predicted" not in record.hand_ins[0].link
    again = visit(ANNA, "tour", tour="1", lesson="1")
    assert again.radio[0].value == 0 and not again.exception

    ben = visit(BEN, "class")
    assert "Anna" not in everything(ben) and not ben.dataframe
    press(ben, "class_enter", BEN, class_teacher_key="a key that somebody guesses")
    assert "This is not the key" in everything(ben) and not ben.dataframe
    assert visit(ANNA, "class").text_input and class_records(room)[0].place == "Class"  # a page that ends itself

    teacher = press(visit(TEACHER, "class"), "class_enter", TEACHER, class_teacher_key="a key that nobody guesses")
    pupils = teacher.dataframe[0].value
    assert pupils["Pupil"].tolist() == [NAME] and pupils["1"].tolist()[0] in ("right", "wrong") and pupils["Handed in"].tolist() == [1]
    assert {"class_take_answers", "class_take_hand_ins", "class_take_pupils"} <= {one.key for one in teacher.get("download_button")}
    press(teacher, "class_open_do", TEACHER)
    assert carried(teacher, "data") == "planted_order" and "1. The window" in everything(teacher)


def test_the_room_follows_the_teacher_and_is_let_go_to_where_each_was(visit: Visit, room: Classroom) -> None:
    anna = press(visit(ANNA, "start"), "start_join_do", ANNA, start_join_code="LSTM2026", start_join_name="Anna")
    ben = visit(BEN, "start")
    teacher = press(visit(TEACHER, "class"), "class_enter", TEACHER, class_teacher_key="a key that nobody guesses")
    teacher.switch_page(str(ROOT / "pages/about.py")).run()
    press(teacher, "class_show", TEACHER)
    assert shown(room).page == "about" and "The room sees your view" in everything(teacher)

    anna.run()
    assert carried(anna, "lesson") == "2" and "Your teacher shows this to all" in everything(anna)
    anna.switch_page(str(ROOT / "pages/start.py")).run()  # wherever they go, they see it
    assert "Your teacher shows this to all" in everything(anna) and "Join" not in everything(anna)
    assert "Your teacher shows" not in everything(ben.run())  # no pupil
    late = visit(ANNA, "explain", lesson="2")
    assert "Your teacher shows this to all" in everything(late)

    press(teacher, "class_let_go", TEACHER)
    assert "You are in the class as **Anna**" in everything(anna.run()) and "lesson" not in anna.query_params
    assert carried(late.run(), "tour") == "1" and carried(late, "route") == "attention"  # a new session: the lesson
    assert [one.place for one in class_records(room)] == ["Guided tour, page 1"]


@pytest.mark.long
def test_what_a_teacher_has_alone_is_shown_by_a_link_that_is_taken_back(visit: Visit, room: Classroom) -> None:
    key = Workspace(folder_of_visitor(TEACHER)).keep("data", SAMPLES["planted_order"].csv.read_bytes() + b"\n", "of_the_teacher.csv").key
    join(room, ANNA, "LSTM-2026", "Anna")
    admit_teacher(room, TEACHER, "a key that nobody guesses")
    teacher = visit(TEACHER, "about", data=key, model="planted_order", window="3")
    assert "yours alone" in everything(teacher)

    press(teacher, "class_show", TEACHER)
    (first,) = shares_of(TEACHER)
    assert key not in shown(room).link and first.window == 3
    anna = visit(ANNA, "about")
    assert "of_the_teacher.csv" in everything(anna) and "window 3" in everything(anna) and not anna.error

    press(teacher, "class_let_go", TEACHER)
    assert shares_of(TEACHER) == [] and "of_the_teacher" not in everything(visit(ANNA, "about", data=key, model="planted_order"))


@pytest.mark.long
def test_a_class_is_taught_on_the_teachers_own_data(visit: Visit, room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = Workspace(folder_of_visitor(TEACHER)).keep("data", SAMPLES["planted_order"].csv.read_bytes() + b"\n", "of_the_teacher.csv").key
    things = (("data", key), ("model", "planted_order"))
    bits = make_share(Share(TEACHER, key, "planted_order", "", 0, 3, "", things, "of_the_teacher.csv, window 3", 0.0))
    (tmp_path / "own.toml").write_text(f"{LESSON}share = '{bits}'\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "own.toml"))
    found = served_lesson()
    assert found
    own = open_classroom(found[0], tmp_path)

    anna = press(visit(ANNA, "start"), "start_join_do", ANNA, start_join_code="LSTM-2026", start_join_name="Anna")
    press(anna, "start_lesson", ANNA)
    anna = visit(ANNA, "tour", share=bits, tour="1", lesson="1", route="attention")
    assert "of_the_teacher.csv" in everything(anna) and not anna.error
    anna.radio[0].set_value(0).run()
    press(anna, "class_hand_in_do", ANNA, class_comment="It *rises*.")

    (record,) = class_records(own)
    assert [one.page for one in record.answers] == [1] and "of_the_teacher.csv" in record.answers[0].window
    assert [one.comment for one in record.hand_ins] == ["It *rises*."] and bits in record.hand_ins[0].link and class_records(room) == []
    assert Workspace(folder_of_visitor(ANNA)).all("data") == []


def test_without_a_class_there_is_no_form_and_no_page(show: Show) -> None:
    app = show("start")

    assert not app.exception and not [one for one in app.text_input if one.key == "start_join_code"]
    assert "class" not in everything(app).lower().replace("classif", "").replace("classes", "").replace("predicted class", "")
