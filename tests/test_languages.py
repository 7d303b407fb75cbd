"""The catalogues: every text of the code in every language, with the same placeholders, markup and names; numbers and dates."""

from __future__ import annotations

import ast
import re
from collections import Counter
from string import Formatter

import pytest

from complex_lstm.languages import ENGLISH, _, languages, mark, ngettext, number, said_in, speaking, spoken
from docs.languages import ROOT, read, source_texts, texts_of, untranslated

CODES = [code for code in languages() if code != ENGLISH]
MARKUP = re.compile(r"\*\*|`[^`]*`|</?\w+[^>]*>|\$[^$]*\$")
NAMES = re.compile(r"\b(?:LayerNorm|ReLU|BiLSTM|LSTM|nn\.\w+|Explain)\b")


@pytest.fixture(scope="module")
def in_code() -> set[str | tuple[str, ...]]:
    return {one.id for one in source_texts() if one.id}


def test_german_spanish_and_simplified_chinese_are_among_the_languages() -> None:
    assert {"de", "es", "zh_Hans"} <= {*CODES}
    assert [languages()[code].name for code in ("en", "de", "es", "zh_Hans")] == ["English", "Deutsch", "Español", "中文 (简体)"]


@pytest.mark.parametrize("code", CODES)
def test_a_catalogue_has_every_text_of_the_code_translated_and_no_other(code: str, in_code: set[str | tuple[str, ...]]) -> None:
    catalogue = read(code)
    listed = {one.id for one in catalogue if one.id}

    assert (in_code - listed, listed - in_code, untranslated(catalogue), catalogue.obsolete) == (set(), set(), [], {})
    assert not [one.id for one in catalogue if one.fuzzy and one.id]


@pytest.mark.parametrize("code", CODES)
def test_translations_keep_placeholders_markup_and_names(code: str) -> None:
    wrong = []
    for one in read(code):
        forms = [one.string] if isinstance(one.string, str) else list(one.string)
        for at, form in enumerate(forms if one.id else ()):
            text = one.id if isinstance(one.id, str) else one.id[0 if at == 0 and len(forms) > 1 else 1]
            if _kept(text) != _kept(form):
                wrong.append((text, form))

    assert wrong == []


def _kept(text: str) -> tuple[object, ...]:
    fields = Counter((name, form) for _text, name, form, _kind in Formatter().parse(text) if name)
    return {*fields}, Counter(MARKUP.findall(text)), {*NAMES.findall(text)}


def test_texts_within_f_strings_and_scripts_are_found() -> None:
    code = 'from complex_lstm.languages import _\nwords = f"**{_(\'Goal.\')}** {ngettext("a", "b", 2)} {mark("c")} {other("d")}"'

    assert texts_of(code.replace('"a", "b"', "'a', 'b'").replace('"c"', "'c'").replace('"d"', "'d'")) == ["Goal.", ("a", "b"), "c"]
    assert said_in('say("step {step}", { step }) + this.say(cell) + `${say(\n  "a \\"b\\"")}`') == ["step {step}", 'a "b"']


@pytest.mark.parametrize(
    ("code", "written"),
    [("en", "1,234.5 12.5%"), ("de", "1.234,5 12,5\u00a0%"), ("es", "1.234,5 12,5\u00a0%"), ("zh_Hans", "1,234.5 12.5%")],
)
def test_numbers_are_written_as_the_language_does(code: str, written: str) -> None:
    with speaking(code):
        assert f"{number(1234.5, ',.1f')} {number(0.125, '.1%')}" == written
        assert _("{number} steps of {file}", number=3, file="a.b") == "3 steps of a.b"  # neither counts nor names change


@pytest.mark.parametrize(
    ("code", "written"), [("en", "2013-10-06 12:00"), ("de", "6.10.2013 12:00"), ("es", "6/10/2013 12:00"), ("zh_Hans", "2013/10/6 12:00")]
)
def test_dates_are_written_as_the_language_does(code: str, written: str) -> None:
    assert languages()[code].dated("2013-10-06 12:00") == written
    assert languages()[code].dated("step 3") == "step 3"


def test_the_language_counts_within_its_block_only_and_one_that_is_not_there_is_english() -> None:
    with speaking("de"):
        assert _(mark("Next")) == "Weiter" and ngettext("{number} step", "{number} steps", 1) == "1 Schritt"
        with speaking("../de"):
            assert spoken().code == ENGLISH
        assert ngettext("{number} step", "{number} steps", 2) == "2 Schritte"

    assert _("Next") == "Next" and _("") == ""


def test_no_function_that_translates_uses_the_name_of_the_function_for_something_else() -> None:
    wrong = []
    for file in (ROOT / "complex_lstm").rglob("*.py"):
        code = file.read_text("utf-8")
        for function in ast.walk(ast.parse(code)) if "complex_lstm.languages" in code else ():
            names = [node for node in ast.walk(function) if isinstance(function, ast.FunctionDef) and isinstance(node, ast.Name)]
            used = {type(name.ctx) for name in names if name.id == "_"}
            wrong += [f"{file.name}: {function.name}"] if used == {ast.Load, ast.Store} else []

    assert wrong == []
