"""A class without pages: who comes in, what is kept of them, and what a teacher takes along."""

import csv
import io
import multiprocessing
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from complex_lstm.classroom.door import (
    FLOOD,
    Pupil,
    admit_teacher,
    come_back,
    dismiss_teacher,
    is_teacher,
    join,
    leave,
    pupil_of,
    remove,
    set_door,
    sound_name,
    wrong_codes,
)
from complex_lstm.classroom.storage import Classroom, open_classroom
from complex_lstm.classroom.tables import answers_csv, hand_ins_csv, pupils_csv
from complex_lstm.classroom.view import let_go, show, shown
from complex_lstm.classroom.work import (
    MOST_HAND_INS,
    Answer,
    HandIn,
    answers_of,
    changes_of_work,
    class_records,
    hand_in,
    hand_ins_of,
    record_answer,
    record_place,
)
from complex_lstm.config.lesson import Lesson
from complex_lstm.errors import ClassroomError, WorkspaceError
from complex_lstm.wording import spreadsheet_cell

NOON = 1_800_000_000.0
LESSON = Lesson(name="eight", code="LSTM-2026", teacher_key="a key that nobody guesses")


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    return open_classroom(LESSON, tmp_path)


@pytest.fixture
def anna(room: Classroom) -> Pupil:
    return join(room, "owner-a", "lstm 2026", "Anna", now=NOON)


def answer(latest: float, *, page: int = 4, is_right: bool = True) -> Answer:
    return Answer(page, "token", latest, latest, f"={latest:g}", f"={latest:g}", is_right, is_right, "Planted, window 121")


def test_codes_are_drawn_once_for_everybody_who_opens_the_class_and_only_this_user_can_read_them(tmp_path: Path) -> None:
    drawn = Lesson(name="drawn")
    with ThreadPoolExecutor(4) as threads:
        rooms = list(threads.map(lambda _: open_classroom(drawn, tmp_path), range(8)))

    assert {(one.code, one.teacher_key) for one in rooms} == {(rooms[0].code, rooms[0].teacher_key)}
    assert len(rooms[0].code) == 9 and len(rooms[0].teacher_key) == 32
    assert {path.stat().st_mode & 0o077 for path in (rooms[0].file, rooms[0].key_file)} == {0}
    assert open_classroom(Lesson(name="other"), tmp_path).code != rooms[0].code


def test_who_joins_twice_stays_one_pupil_and_two_of_one_name_are_two_for_the_teacher_only(room: Classroom, anna: Pupil) -> None:
    again, other = join(room, "owner-a", "wrong", "Another"), join(room, "owner-b", "LSTM2026", " anna  ", now=NOON)

    assert again == anna and other.name == "anna" and other.number != anna.number
    assert [one.shown_name for one in class_records(room)] == ["Anna", "anna (2)"]


def test_a_pupil_goes_on_at_a_second_device_and_after_leaving_by_their_own_code(room: Classroom, anna: Pupil) -> None:
    record_answer(room, anna, answer(1.0), now=NOON)

    assert come_back(room, "owner-tablet", anna.code.lower()) == anna == pupil_of(room, "owner-tablet")
    leave(room, "owner-a")
    assert pupil_of(room, "owner-a") is None
    with pytest.raises(ClassroomError, match="This is not the code"):
        come_back(room, "owner-c", LESSON.code)
    assert [one.latest for one in answers_of(room, come_back(room, "owner-a", anna.code), "token")] == [1.0]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "no name"),
        (" \n ", "no name"),
        ("x" * 41, "41 characters"),
        ("x" * 10_000, "10,000 characters"),
        ("a\u202eb", "not seen"),
        ("a\x00b", "not seen"),
        ("\ud800", "not seen"),
        ("***", "letter or digit"),
    ],
)
def test_what_is_no_name_is_refused_with_why_before_the_code_is_looked_at(room: Classroom, name: str, why: str) -> None:
    with pytest.raises(ClassroomError, match=why):
        join(room, "owner-a", LESSON.code, name)
    assert class_records(room) == []


def test_markup_is_a_name_and_stays_as_it_is() -> None:
    assert sound_name("  <b>Zoë</b>\t:red[x] ") == "<b>Zoë</b> :red[x]" and sound_name("Zoe\u0308") == "Zoë"


def test_drawn_names_differ_and_what_a_pupil_writes_does_not_count(tmp_path: Path) -> None:
    room = open_classroom(Lesson(name="drawn", names="drawn", code="abcdef"), tmp_path)

    names = {join(room, f"owner-{number}", "ABCDEF", "Anna").name for number in range(20)}

    assert len(names) == 20 and "Anna" not in names and all(len(name.split()) == 2 for name in names)


def test_after_three_wrong_codes_a_visitor_waits_longer_each_time_also_with_the_right_one(room: Classroom) -> None:
    def attempt(code: str, at: float, owner: str = "owner-a") -> str:
        try:
            return join(room, owner, code, "Anna", now=NOON + at).name
        except ClassroomError as error:
            return str(error)

    assert all("not the code" in attempt("guess-1", 0) for _ in range(3))
    assert "try again in 1 s" in attempt(LESSON.code, 0) and attempt(LESSON.code, 0, "owner-b") == "Anna"
    assert "not the code" in attempt("guess-4", 1) and "try again in 2 s" in attempt(LESSON.code, 1)
    assert "try again in 60 s" in attempt(LESSON.code, -100_000)  # the clock set back: still no longer than the longest wait
    assert attempt(LESSON.code, 3) == "Anna"


def test_many_wrong_codes_from_all_sides_stop_codes_for_a_minute_but_not_the_teacher(room: Classroom) -> None:
    for number in range(FLOOD):
        with pytest.raises(ClassroomError, match="not the code"):
            join(room, f"owner-{number}", "guess-1", "Anna", now=NOON)

    with pytest.raises(ClassroomError, match="none is accepted for a minute"):
        join(room, "owner-x", LESSON.code, "Anna", now=NOON + 59)
    admit_teacher(room, "owner-t", LESSON.teacher_key, now=NOON)
    assert is_teacher(room, "owner-t") and wrong_codes(room, now=NOON + 59) == FLOOD and wrong_codes(room, now=NOON + 61) == 0
    assert join(room, "owner-x", LESSON.code, "Anna", now=NOON + 61).name == "Anna"


def test_only_the_key_makes_a_teacher_until_they_leave(room: Classroom, anna: Pupil) -> None:
    for wrong in ("", LESSON.code, anna.code, LESSON.teacher_key[:-1]):
        with pytest.raises(ClassroomError):
            admit_teacher(room, "owner-a", wrong, now=NOON)
    admit_teacher(room, "owner-t", LESSON.teacher_key)

    assert is_teacher(room, "owner-t") and not is_teacher(room, "owner-a")
    dismiss_teacher(room, "owner-t")
    assert not is_teacher(room, "owner-t")


def test_through_a_closed_door_nobody_new_comes_and_who_was_in_comes_back(room: Classroom, anna: Pupil) -> None:
    set_door(room, is_open=False)
    with pytest.raises(ClassroomError, match="takes in nobody more"):
        join(room, "owner-b", LESSON.code, "Ben")

    assert join(room, "owner-a", LESSON.code, "Anna") == anna == come_back(room, "owner-c", anna.code)
    set_door(room, is_open=True)
    assert join(room, "owner-b", LESSON.code, "Ben").name == "Ben"


def test_the_first_answer_stays_the_first_on_whichever_device_and_the_latest_is_the_latest(room: Classroom, anna: Pupil) -> None:
    record_answer(room, anna, answer(2.0, is_right=False), now=NOON)
    record_answer(room, anna, answer(3.0), now=NOON + 1)
    before = changes_of_work(room)
    record_answer(room, anna, answer(3.0), now=NOON + 2)

    (kept,) = answers_of(room, anna, "token")
    assert (kept.first, kept.at_first, kept.latest, kept.is_right, kept.moment) == (2.0, False, 3.0, True, NOON + 1)
    assert changes_of_work(room) == before and answers_of(room, anna, "another window") == []


def test_a_restarted_server_finds_everything_again(room: Classroom, anna: Pupil, tmp_path: Path) -> None:
    record_place(room, anna, "Guided tour, page 4", now=NOON)
    record_answer(room, anna, answer(1.0), now=NOON)
    hand_in(room, anna, HandIn("explain", "data=planted_order&window=7", "Planted, window 7", " It rises. "), now=NOON)
    show(room, "check", "part=test")

    again = open_classroom(LESSON, tmp_path)

    assert class_records(again) == class_records(room) and shown(again) == shown(room) and pupil_of(again, "owner-a") == anna
    assert [one.comment for one in hand_ins_of(again, anna)] == ["It rises."]


def test_who_is_removed_is_gone_with_their_answers_and_is_told_so(room: Classroom, anna: Pupil) -> None:
    record_answer(room, anna, answer(1.0))
    remove(room, anna.number)

    assert class_records(room) == [] and pupil_of(room, "owner-a") is None
    with pytest.raises(ClassroomError, match="not in the class any more"):
        record_answer(room, anna, answer(2.0))
    assert join(room, "owner-b", LESSON.code, "Ben").number != anna.number


def test_comments_and_hand_ins_have_an_end(room: Classroom, anna: Pupil) -> None:
    with pytest.raises(ClassroomError, match="2,001 characters, expected at most 2,000"):
        hand_in(room, anna, HandIn("explain", "", "", "x" * 2001))
    for _ in range(MOST_HAND_INS):
        hand_in(room, anna, HandIn("explain", "", "", ""))
    with pytest.raises(ClassroomError, match="as many as one can"):
        hand_in(room, anna, HandIn("explain", "", "", ""))


def test_the_room_follows_each_new_view_until_it_is_let_go(room: Classroom) -> None:
    versions = [shown(room).version]
    for page, link in (("explain", "window=1"), ("explain", "window=1"), ("explain", "window=2")):
        show(room, page, link)
        versions.append(shown(room).version)
    let_go(room)

    assert versions == [0, 1, 1, 2] and (shown(room).page, shown(room).link, shown(room).version) == ("", "", 3)


def test_a_table_has_every_answer_and_no_cell_that_is_a_formula(room: Classroom, anna: Pupil) -> None:
    evil = join(room, "owner-e", LESSON.code, '=HYPERLINK("http://x","y")')
    record_answer(room, anna, answer(-0.5), now=NOON)
    record_place(room, evil, "Guided tour, page 4", now=NOON)
    hand_in(room, evil, HandIn("explain", "window=7", "+cmd|' /C calc'!A0", "@SUM(1)\n-2"), now=NOON)

    tables = [answers_csv(class_records(room)), hand_ins_csv(class_records(room), "http://class/"), pupils_csv(class_records(room))]

    answers, hand_ins, pupils = (list(csv.DictReader(io.StringIO(text, newline=""))) for text in tables)
    assert answers == [
        {
            "pupil": "Anna", "page": "4", "window": "Planted, window 121", "first answer": "'=-0.5", "right at first": "yes",
            "latest answer": "'=-0.5", "right": "yes", "time (UTC)": "2027-01-15 08:00:00",
        }
    ]  # fmt: skip
    assert hand_ins[0]["comment"] == "'@SUM(1)\n-2" and hand_ins[0]["link"] == "http://class/explain?window=7"
    assert pupils[1]["pupil"] == '\'=HYPERLINK("http://x","y")' and pupils[1]["where"] == "Guided tour, page 4"
    cells = [value for table in (answers, hand_ins, pupils) for row in table for value in row.values()]
    assert not [value for value in cells if value.lstrip().startswith(("=", "+", "@", "-", "\t"))]
    assert [spreadsheet_cell(one) for one in (-0.5, "-0.5", "-1+2", " =1", "1")] == ["-0.5", "-0.5", "'-1+2", "' =1", "1"]


def take_part(file: Path, numbers: range) -> None:
    """Be some pupils who do all of a lesson at once, each in a thread, as on the pages of one server."""

    def be_pupil(number: int) -> None:
        room = Classroom(LESSON, file)
        pupil = join(room, f"owner-{number}", LESSON.code, f"Pupil {number}")
        for page in range(1, 5):
            record_place(room, pupil, f"Guided tour, page {page}")
            record_answer(room, pupil, answer(page + number, page=page))
        hand_in(room, pupil, HandIn("tour", "window=7", "Planted, window 7", f"by {number}"))

    with ThreadPoolExecutor(len(numbers)) as pool:
        list(pool.map(be_pupil, numbers))


@pytest.mark.long
def test_thirty_pupils_on_three_servers_who_do_everything_at_once_lose_nothing(room: Classroom) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=take_part, args=(room.file, range(first, first + 10))) for first in (0, 10, 20)]
    for one in processes:
        one.start()
    for one in processes:
        one.join()

    records = class_records(room)
    assert sorted(one.pupil.name for one in records) == sorted(f"Pupil {number}" for number in range(30))
    for one in records:
        number = int(one.pupil.name.split()[1])
        assert [(kept.page, kept.first) for kept in one.answers] == [(page, page + number) for page in range(1, 5)]
        assert one.place == "Guided tour, page 4" and [kept.comment for kept in one.hand_ins] == [f"by {number}"]
    assert changes_of_work(room) == 30 * (1 + 4 + 4 + 1)


def test_a_file_that_is_no_class_or_of_a_later_version_or_gone_is_said(room: Classroom, tmp_path: Path) -> None:
    with sqlite3.connect(room.file) as database:
        database.execute("PRAGMA user_version = 9")
    database.close()
    with pytest.raises(WorkspaceError, match="later version"):
        open_classroom(LESSON, tmp_path)
    room.file.write_bytes(b"no database at all, and long enough to be looked at" * 30)
    for name in ("eight.sqlite-wal", "eight.sqlite-shm"):
        (room.file.parent / name).unlink(missing_ok=True)
    with pytest.raises(WorkspaceError, match="cannot be"):
        open_classroom(LESSON, tmp_path)
    room.file.unlink()
    with pytest.raises(WorkspaceError, match="cannot be used"):
        pupil_of(room, "owner-a")
