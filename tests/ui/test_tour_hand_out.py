"""The hand-out: whole, readable with no network, and nothing in it but text of ours and of the window, escaped."""

import base64
import re
import struct
import zlib
from collections.abc import Iterator
from functools import partial
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from complex_lstm.figures.stills import bars_of, cells_as_png
from complex_lstm.ui.compute.jobs import job_queue, session_id
from complex_lstm.ui.session.scene import predicted_values
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.handout import hand_out as hand_out_within
from complex_lstm.ui.views.tour.routes import ROUTES
from tests.pages.looking import PATIENCE
from tests.ui.own_file import keep_own
from tests.ui.toured import planted, toured

hand_out = partial(hand_out_within, patience=PATIENCE)  # on a machine however slow


@pytest.fixture(autouse=True)
def what_a_hand_out_no_longer_waits_for_ends_with_the_test() -> Iterator[None]:
    yield
    job_queue().withdraw_all_but((), session_id())


class Tags(HTMLParser):
    """Gathers the tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.long
def test_the_hand_out_has_every_page_every_question_and_all_answers_at_its_end() -> None:
    window = planted()

    page = hand_out(window)

    text, answers = page.split('class="answers"')
    for number, chapter in enumerate(CHAPTERS, 1):
        question = chapter.question(window)
        assert f"<h2>{number}. " in text
        assert f"<b>{number}.</b> {escape(question.answer.text)}." in answers
    assert text.count("The model computed:") == text.count("class='question'") == len(CHAPTERS)
    assert "$" not in page  # every field of the frame is filled in


@pytest.mark.long
def test_the_hand_out_fetches_nothing_and_runs_nothing() -> None:
    found = Tags(hand_out(planted()))

    assert not {"script", "link", "iframe", "object", "a"} & set(found.tags)
    assert found.sources and all(source.startswith("data:image/png;base64,") for source in found.sources)
    assert "math" in found.tags and "svg" in found.tags


def test_a_picture_of_cells_is_a_png_of_their_colours() -> None:
    """Read by the specification: a row is a filter byte and three bytes a pixel."""
    address = cells_as_png(np.array([[0.0, 0.5], [1.0, 2.0]]), [[0.0, "#000000"], [1.0, "#FFFFFF"]])

    raw = base64.b64decode(address.partition(",")[2])
    width, height = struct.unpack(">II", raw[16:24])
    (length,) = struct.unpack(">I", raw[33:37])
    pixels = zlib.decompress(raw[41 : 41 + length])
    assert raw.startswith(b"\x89PNG") and (width, height) == (2, 2)
    assert pixels == bytes([0, 0, 0, 0, 128, 128, 128, 0, 255, 255, 255, 255, 255, 255])  # above 1 stays white


def test_bars_on_one_axis_share_their_range_and_others_do_not() -> None:
    figure = go.Figure(
        [go.Bar(name="m", x=["a"], y=[2.0], marker={"color": "red"}), go.Bar(name="n", x=["a"], y=[-1.0], marker={"color": "red"})]
    )
    figure.add_bar(name="o", x=["a"], y=[9.0], yaxis="y2", marker={"color": "red"})

    assert [(bars.low, bars.high) for bars in bars_of(figure)] == [(-1, 2), (-1, 2), (0, 9)]


@pytest.mark.parametrize("sum_of", [r"s = 1 \cdot 2 + \underbrace{(-3 + 1)}_{\text{a + b}} = 4"])
def test_a_long_sum_breaks_between_its_terms_only(sum_of: str) -> None:
    from complex_lstm.ui.views.tour.handout import _broken

    assert len(re.findall("<math", _broken(sum_of))) == 2


@pytest.mark.parametrize("sample", ["nyc_weather", "japanese_vowels"])
@pytest.mark.long
def test_the_hand_out_of_values_and_of_series_of_unequal_length_is_whole(sample: str) -> None:
    window = toured(sample)

    page = hand_out(window)

    text, answers = page.split('class="answers"')
    assert text.count("class='question'") == text.count("The model computed:") == len(CHAPTERS) and text.count("In this window.") == 4
    for number, chapter in enumerate(CHAPTERS, 1):
        assert f"<b>{number}.</b> {escape(chapter.question(window).answer.text)}." in answers
    end = text.split("What the prediction means")[1]
    said = [float(one) for one in re.findall(r"From the digits above: (\S+)\. The model computed: (\S+)\.", end)[0]]
    assert said[0] == pytest.approx(said[1], rel=1e-5) == pytest.approx(predicted_values(window.scene)[window.target], rel=1e-5)
    assert f"of {window.steps} steps" not in text and not {"script", "link", "a"} & set(Tags(page).tags)


def test_names_that_could_be_more_than_names_are_only_text_in_the_hand_out(workspace: Path) -> None:
    hostile = ("<script>alert(1)</script>", "![](http://127.0.0.1:9/x)", "$a$ & $b$", "</section><a href='http://127.0.0.1:9/'>a</a>")
    window = keep_own(hostile, target="<b>kind</b>", classes=("<i>low</i>", "<img src=x>")).window()

    page = hand_out(window)

    found = Tags(page)
    assert not {"script", "a", "i"} & set(found.tags) and all(source.startswith("data:image/png;base64,") for source in found.sources)
    assert (
        page.count("<section") == page.count("</section>") == len(CHAPTERS)
    )  # two blocks are too few for one page; the answers are one more
    assert escape(hostile[0]) in page and escape("<i>low</i>") in page


@pytest.mark.long
def test_what_takes_longer_than_a_hand_out_waits_is_left_out_and_said_to_be(workspace: Path) -> None:
    """Fetching it did all forward passes of the last pages while the visitor waited."""
    window = keep_own(("a", "b"), length=1000, steps=2400, hidden_dim=24, num_lstm_layers=2).window()
    page = hand_out_within(window, patience=0.2)

    assert "open page 19 of the tour, let it finish" in page and "19." not in page.split('class="answers"')[1]


@pytest.mark.long
def test_a_hand_out_without_answers_has_every_question_and_gives_none_away() -> None:
    window = planted()

    page = hand_out(window, answers=False)

    assert page.count("class='question'") == len(CHAPTERS) and 'class="answers"' not in page
    assert not [chapter.title for chapter in CHAPTERS if escape(chapter.question(window).because) in page]
    of_route = hand_out(window, answers=False, route="sequence")
    assert [int(one) for one in re.findall(r"<h2>(\d+)\.", of_route)] == list(ROUTES["sequence"].pages)
    assert "In this window." not in page and "The model computed:" not in page and 'class="exhibit"' not in page
