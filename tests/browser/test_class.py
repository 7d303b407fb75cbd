"""A lesson with a teacher and two pupils, from joining to the tables that the teacher takes along."""

import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.server import Server, free_port, running, wait_until_up
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.long

KEY, CODE = "a key that nobody guesses", "LSTM-2026"
ANNA = '=1+1 <img src=x onerror="alert(1)"> $a$'
COMMENT = "@SUM(1) it *rises* ![](http://127.0.0.1:9/c) <b>$b$</b>"
SERVING = '[server]\naddress = "127.0.0.1"\n[workspace]\nfolder = "workspace"\n[log]\nformat = "json"\n'
LESSON = f'pages = [2, 1, 4]\ncode = "{CODE}"\nteacher_key = "{KEY}"\n'


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder, port = tmp_path_factory.mktemp("taught"), free_port()
    (folder / "class.toml").write_text(SERVING)
    (folder / "lesson.toml").write_text(LESSON)
    served = [str(folder / "class.toml"), "--class", str(folder / "lesson.toml"), "--port", str(port)]
    server = Server(f"http://127.0.0.1:{port}", folder / "workspace", folder / "log.txt")
    with running([sys.executable, "-m", "complex_lstm", "serve", *served], server.log, OMP_NUM_THREADS="1") as process:
        wait_until_up(server, process)
        yield server


def fill(visitor: Visitor, key: str, text: str) -> None:
    visitor.widget(key).get_by_role("textbox").fill(text)


def press(visitor: Visitor, key: str) -> None:
    visitor.settle()
    visitor.widget(key).get_by_role("button").click()


def join(visitor: Visitor, name: str) -> None:
    visitor.open()
    fill(visitor, "start_join_code", CODE.lower())
    fill(visitor, "start_join_name", name)
    visitor.widget("start_join_do").get_by_role("button").click()
    press(visitor, "start_lesson")
    expect(visitor.page.get_by_role("heading", name="2. Features become channels")).to_be_visible()


def table(visitor: Visitor, key: str, folder: Path) -> list[dict[str, str]]:
    with visitor.page.expect_download() as download:
        visitor.widget(key).get_by_role("button").click()
    download.value.save_as(folder / key)
    with (folder / key).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_lesson_with_a_teacher_and_two_pupils(arrive: Arrive, taught: Server, tmp_path: Path) -> None:
    anna, ben, teacher = arrive(taught), arrive(taught), arrive(taught)

    # The pupils join. The first answers, also once more after the first answer, and reloads.
    join(anna, ANNA)
    join(ben, "Ben")
    options = anna.widget("tour_question").get_by_role("radio")
    for chosen in (1, 0):
        anna.page.locator('[class*="st-key-tour_answer_2_"]').get_by_text(re.compile(".")).nth(0).wait_for()
        options.nth(chosen).check(force=True)
        expect(anna.page.get_by_text(re.compile("^(Yes|Not quite)"))).to_be_visible()
        anna.settle()
    anna.page.goto(f"{taught.url}/tour?tour=2&lesson=1&route=2-1-4")  # a link without what was predicted
    expect(options.nth(0)).to_be_checked()

    # The teacher sees who is where and what was answered, as it happens.
    teacher.open("class")
    fill(teacher, "class_teacher_key", KEY)
    teacher.widget("class_enter").get_by_role("button").click()
    expect(teacher.page.get_by_role("heading", name="Pupils (2)")).to_be_visible()
    expect(teacher.page.get_by_role("heading", name=CODE)).to_be_visible()
    answers = table(teacher, "class_take_answers", tmp_path)
    assert [(one["pupil"], one["page"]) for one in answers] == [(f"'{ANNA}", "2")]
    assert answers[0]["first answer"] != answers[0]["latest answer"] and answers[0]["first answer"]

    # A pupil hands in a window, which the teacher's page shows by itself; the teacher opens it and shows it to all.
    ben.widget("class_hand_in").get_by_role("button").first.click()
    fill(ben, "class_comment", COMMENT)
    ben.widget("class_hand_in_do").get_by_role("button").click()
    expect(ben.page.get_by_text("Your teacher has it.")).to_be_visible()
    expect(teacher.page.get_by_role("heading", name="Handed in (1)")).to_be_visible()
    assert teacher.page.locator('.katex, a[href*=":9/"], img[src*=":9/"], img[src="x"]').count() == 0
    anna.open()
    expect(anna.page.get_by_text("You are in the class as")).to_be_visible()
    press(teacher, "class_open_do")
    expect(teacher.page.get_by_role("heading", name="2. Features become channels")).to_be_visible()
    press(teacher, "class_show")
    for pupil in (anna, ben):
        expect(pupil.page.get_by_text("Your teacher shows this to all.")).to_be_visible()
    expect(anna.page.get_by_role("heading", name="2. Features become channels")).to_be_visible()
    press(teacher, "tour_next")
    for pupil in (anna, ben):
        expect(pupil.page.get_by_role("heading", name="1. The window")).to_be_visible()
    ben.reload()
    expect(ben.page.get_by_text("Your teacher shows this to all.")).to_be_visible()

    # Let go, each is where they were: Anna on Start, Ben, whose page has been loaded anew, at the beginning of the lesson.
    press(teacher, "class_let_go")
    expect(anna.page.get_by_text("You are in the class as")).to_be_visible()
    anna.page.wait_for_url(re.compile(r"^[^?]*/$"))
    expect(ben.page.get_by_role("heading", name="2. Features become channels")).to_be_visible()
    ben.see_link(tour=2, route="2-1-4", lesson=1)

    # No pupil has seen anything of the other, and the log nothing of anybody.
    for pupil, other in ((anna, "Ben"), (ben, "1+1")):
        assert other not in pupil.in_words()
        pupil.open("class")
        expect(pupil.widget("class_teacher_key")).to_be_visible()
        pupil.settle()  # where they are is recorded at the page's end
        assert other not in pupil.in_words()
    teacher.turn_to("Class")
    handed, pupils = table(teacher, "class_take_hand_ins", tmp_path), table(teacher, "class_take_pupils", tmp_path)
    assert handed[0]["comment"] == f"'{COMMENT}" and handed[0]["link"].startswith(f"{taught.url}/tour?")
    assert [(one["pupil"], one["where"], one["handed in"]) for one in pupils] == [(f"'{ANNA}", "Class", "0"), ("Ben", "Class", "1")]
    log = taught.log.read_text()
    assert [word for word in (KEY, CODE, "1+1", "Ben", "SUM") if word in log] == []
