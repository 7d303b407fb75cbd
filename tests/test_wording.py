"""Sentences with a count read well for one thing and for several."""

import re
from pathlib import Path

import pytest

import complex_lstm
from complex_lstm.wording import counted, form


@pytest.mark.parametrize(("count", "words"), [(0, "0 lines are"), (1, "1 line is"), (2, "2 lines are"), (1500, "1,500 lines are")])
def test_a_count_has_its_noun_and_its_verb(count: int, words: str) -> None:
    assert f"{counted(count, 'line')} {form(count, 'is', 'are')}" == words


def test_a_plural_that_no_s_makes_is_given() -> None:
    assert (counted(1, "class", "classes"), counted(3, "class", "classes")) == ("1 class", "3 classes")


def test_no_message_leaves_the_plural_open() -> None:
    sources = [*Path(complex_lstm.__file__).parent.rglob("*.py"), *Path("pages").glob("*.py"), Path("app.py")]

    found = {path: re.findall(r"\b([a-z]{3,})\((?:s|es)\)", path.read_text()) for path in sources}
    calls = {"len", "str", "set", "sum", "abs", "repr"}
    open_plurals = {path: set(words) - calls for path, words in found.items() if set(words) - calls}

    assert len(sources) > 200 and open_plurals == {}
