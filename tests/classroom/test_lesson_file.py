"""The TOML of a class: what is wrong in it is said in one sentence, with the line."""

from pathlib import Path

import pytest

from complex_lstm.classroom.storage import open_classroom
from complex_lstm.config import lesson
from complex_lstm.config.lesson import ROUTES, TOUR_PAGES, Lesson, pages_in, read_lesson, served_lesson
from complex_lstm.config.serving import ServerSection, Serving
from complex_lstm.errors import ConfigError
from complex_lstm.ui.app.outside import announce
from complex_lstm.ui.session.classroom import lesson_parameters
from complex_lstm.ui.views.tour import routes
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from tests.cli.command import run

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 'x'\nroute = \n", "is no TOML: Invalid value (at line 2, column 9)"),
        ("# a comment\n\nrout = 'sequence'\n", "line 3: there is no key 'rout'; allowed are name, title"),
        ("title = 'x'\nroute = 'sequenze'\n", "line 2: route is 'sequenze', expected one of whole, sequence, attention, distrust."),
        ("pages = [1, 21]", "line 1: pages is (1, 21), expected numbers from 1 to 20, each once."),
        ("pages = [3, 3]", "line 1: pages is (3, 3), expected numbers"),
        ("pages = 'all'", "line 1: pages is 'all', expected a list of whole numbers"),
        ("\n[title]\nx = 1", "line 2: title is {'x': 1}, expected a text"),
        ("code = '1234'", "line 1: code is '1234', expected 6 to 64 letters, digits and -."),
        ("title = ''\nteacher_key = 'hunter2hunter2'", "line 2: teacher_key is too short or too long, expected 20 to 500 characters."),
        ("data = 'nyc_weather'\nwindow = -1", "line 2: window is -1, expected 0 to"),
        ("name = '../../etc'", "line 1: name is '../../etc', expected up to 40 letters"),
        ("share = '" + "é" * 32 + "'", "line 1: share is"),
        ("route = 'sequence'\npages = [1]", "route and pages both say what the class sees"),
        ("window = 7", "window is a window of data: give data too."),
        ("hand_in = '" + "x" * 501 + "'", "line 1: hand_in is"),
    ],
)
def test_a_broken_lesson_is_refused_in_one_sentence_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "lesson.toml").write_text(text)

    with pytest.raises(ConfigError) as error:
        read_lesson(tmp_path / "lesson.toml")

    assert said in str(error.value) and "lesson.toml" in str(error.value) and "hunter" not in str(error.value)


def test_the_command_says_it_without_a_traceback_and_what_else_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLEX_LSTM_WORKSPACE", str(tmp_path / "kept"))
    for name in (lesson.VARIABLE, "COMPLEX_LSTM_SERVING", "COMPLEX_LSTM_VISITORS", "COMPLEX_LSTM_MAX_MB"):
        monkeypatch.setenv(name, "")  # the command sets them for this process
    (tmp_path / "together.toml").write_text("[visitors]\napart = false\n")
    for text, serving, said in (
        ("tilte = 'x'\n", [], "line 1: there is no key 'tilte'"),
        ("data = 'weather'\n", [], "data is 'weather', expected one of"),
        (f"share = '{'x' * 32}'\n", [], "share is no link that this server has"),
        ("title = 'x'\n", [str(tmp_path / "together.toml")], "A class tells its pupils apart"),
    ):
        path = tmp_path / f"lesson{len(said)}.toml"
        path.write_text(text)
        told = run("serve", *serving, "--class", str(path))
        assert told.exit_code == 1 and told.output.count("\n") == 1 and said in told.output, told.output


def test_a_lesson_without_a_name_is_named_by_its_file_and_is_what_the_process_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "8b.toml").write_text("pages = [3, 1]\n")
    assert served_lesson() is None
    monkeypatch.setenv(lesson.VARIABLE, str(tmp_path / "8b.toml"))

    assert served_lesson() == (Lesson(name="8b", pages=(3, 1)), tmp_path / "8b.toml")


def test_the_example_of_the_documentation_is_the_one_in_deploy_and_has_every_key() -> None:
    example = (ROOT / "deploy" / "lesson.toml").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "classroom.md").read_text(encoding="utf-8")

    assert f"```toml\n{example}```" in page and read_lesson(ROOT / "deploy" / "lesson.toml").route == "sequence"
    assert [name for name in Lesson.__dataclass_fields__ if f"\n{name} = " not in example and f"\n# {name} = " not in example] == []


def test_a_link_names_a_route_or_any_pages_in_their_order() -> None:
    assert len(CHAPTERS) == TOUR_PAGES and {name: one.pages for name, one in routes.ROUTES.items()} == ROUTES
    assert pages_in("3-1-20") == (3, 1, 20) and pages_in("attention") == ROUTES["attention"]
    for other in ("", "3-3", "0-1", "21", "3-", "x", "03", "1-" * 9000):
        assert pages_in(other) == tuple(range(1, TOUR_PAGES + 1))
    assert lesson_parameters(Lesson(name="x", pages=(3, 1), data="nyc_weather", window=7)) == {
        "tour": "3", "lesson": "1", "route": "3-1", "data": "nyc_weather", "model": "nyc_weather", "window": "7",
    }  # fmt: skip


def test_the_teachers_key_is_printed_on_a_terminal_only(tmp_path: Path) -> None:
    told, drawn = Serving(ServerSection(outside="http://class")), open_classroom(Lesson(name="drawn"), tmp_path)
    given = open_classroom(Lesson(name="given", teacher_key="known to the teacher"), tmp_path)

    terminal, log = announce(told, drawn, drawn=True), announce(told, drawn, drawn=False)

    assert drawn.teacher_key in terminal and drawn.code in terminal
    assert drawn.teacher_key not in log and drawn.code not in log and str(drawn.key_file) in log and "http://class/class" in log
    assert given.lesson.teacher_key not in announce(told, given, drawn=True)
