"""The tour in other languages: the hand-out, a derivation, the sheets, and what the picture's scripts say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from complex_lstm.arithmetic import HeldGate, Reading
from complex_lstm.languages import _, speaking
from complex_lstm.ui.components.shared import sources_of
from complex_lstm.ui.views.tour import canvas
from complex_lstm.ui.views.tour.arithmetic import derive_cell
from complex_lstm.ui.views.tour.cell import open_cell
from complex_lstm.ui.views.tour.chapter import fill_in
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.handout import hand_out
from complex_lstm.ui.views.tour.routes import ROUTES, notes
from complex_lstm.ui.views.tour.sheets import list_boxes

from .toured import planted


@pytest.mark.long
@pytest.mark.parametrize(("code", "tag"), [("de", "de"), ("es", "es"), ("zh_Hans", "zh-Hans")])
def test_a_hand_out_is_in_its_language_from_its_title_to_its_answers(code: str, tag: str) -> None:
    page = hand_out(planted(), language=code, patience=0)

    with speaking(code):
        titles = [_(chapter.title) for chapter in CHAPTERS]
    assert f'<html lang="{tag}">' in page and all(title in page for title in titles)
    assert not [words for words in ("Question.", "Do this.", "Answers", "The model computed", "Every number") if words in page]


def test_every_page_asks_in_german_and_says_its_numbers_with_a_comma() -> None:
    with speaking("de"):
        window = planted()
        asked = [chapter.question(window) for chapter in CHAPTERS if chapter.evidence is None]
        claims = [fill_in(chapter.claim, window) for chapter in CHAPTERS]
        start = CHAPTERS[10].start(window)
        box = next(one for one in list_boxes(window) if one.name == start.box)
        derivation = derive_cell(window, box.open()[start.sheet], start.row, start.column)
        title, digits = box.title, derivation.formatted()[-1].in_digits
        held = open_cell(window, 0, HeldGate(Reading(0, False), "f", 0.5)).words

    assert claims[1].startswith("Die Projektion macht aus jedem Schritt 32 Kanäle.")
    assert "LayerNorm zentriert" in asked[2].because and title == "Aufmerksamkeit 1"
    assert not [one.words for one in asked if " the " in f"{one.words} {one.hint} {one.because}"]
    assert derivation.name.startswith("Aufmerksamkeitsschicht 1, ") and "{,}" in digits
    assert held.startswith("Vergesstor von: alle Kanäle, jeder Schritt, vorwärts gelesen, Schicht 1, festgehalten auf 0,5: Die Ausgabe ")


def test_the_scripts_of_the_picture_say_their_words_in_the_language_and_english_needs_none() -> None:
    folder, scripts = Path(canvas.__file__).parent, canvas.SCRIPTS

    spoken = {
        code: json.loads(sources_of(folder, scripts, code)[2].split(";\n")[0].removeprefix("const SPOKEN = ")) for code in ("en", "de")
    }

    assert spoken["en"] == {"language": "en", "decimal": ".", "words": {}}
    assert spoken["de"]["decimal"] == "," and spoken["de"]["words"]["step {step}"] == "Schritt {step}"
    assert {"Play the cell", "Next box", "Let go", "has read {first} to {last}", "Dashed: as it was."} <= {*spoken["de"]["words"]}
    assert len(spoken["de"]["words"]) >= 60


def test_teachers_notes_are_translated_as_a_whole() -> None:
    with speaking("es"):
        told = notes(ROUTES["attention"])

    assert told.startswith("**Tiempo.** 30 minutos, unos 4 por página") and "**Goal.**" not in told and "One row of attention" not in told
