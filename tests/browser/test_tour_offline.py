"""The tour that is taken along: one file, opened without a network, with its picture, its cell and its questions."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from complex_lstm.ui.views.tour.handout import hand_out
from complex_lstm.ui.views.tour.routes import ROUTES
from complex_lstm.ui.views.tour.take_away import offline_tour
from tests.browser.visitor import Visitor
from tests.ui.toured import planted


@pytest.mark.long
def test_the_file_opens_without_a_network_in_german_asks_before_it_shows_and_zooms_into_a_cell(visitor: Visitor, tmp_path: Path) -> None:
    window = planted()
    file = tmp_path / "tour.html"
    file.write_text(offline_tour(window, route="sequence", language="de"), encoding="utf-8")
    page = visitor.page.context.new_page()
    asked_for, errors = [], []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.context.set_offline(True)
    try:
        page.goto(file.as_uri())
        expect(page.locator('.tour[data-ready="true"][data-veiled="true"]')).to_be_visible()
        assert page.locator("#go option").count() == len(ROUTES["sequence"].pages)
        expect(page.locator("#shown")).to_be_empty()
        page.select_option("#go", label="9. Die Tore einer LSTM-Zelle")
        page.locator("#question input").fill("7")
        page.get_by_role("button", name="Antworten").click()
        expect(page.locator("#verdict")).to_contain_text("Nicht ganz.")
        assert page.locator("#verdict rect").count() == 50 and page.locator("#verdict path").count() == 2  # the gate's steps, two answers
        expect(page.locator("#verdict figcaption")).to_contain_text("Vergesstor von Kanal 20. ")
        expect(page.locator("#shown")).to_contain_text("Das Modell berechnete:")
        expect(page.locator(".tour .answers button")).to_have_text("was sie entscheidet (BiLSTM 1, Schritt 25)")

        root = page.locator(".tour")
        root.get_by_role("button", name="Zelle", exact=True).click()
        expect(root).to_have_attribute("data-level", "cell")
        expect(root.locator(".hold")).to_be_hidden()  # it needs the model
        expect(root.locator(".note")).to_contain_text("Dünne Linien: alle Kanäle.")
        expect(root.locator(".status")).to_contain_text(re.compile(r"Vorwärts, Schicht 1, Kanal \d+, Schritt 25: c′ -?\d,\d+"))
        root.locator('[data-box="11"]').click()
        expect(root).to_have_attribute("data-opened", "11")
        root.locator("canvas.large").press("Home")
        weight = float(window.trace.attention[0, 1, 0, 0, 0])
        expect(root.locator(".status")).to_contain_text(f"Query-Schritt 0, Key-Schritt 0: {float(f'{weight:.6g}')}".replace(".", ","))
        assert asked_for == [file.as_uri()] and errors == []
    finally:
        page.context.set_offline(False)  # the browser is that of the next test too
        page.close()


SMALLEST = """body => {
    const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT), sizes = [];
    while (texts.nextNode())
        if (texts.currentNode.textContent.trim()) sizes.push(parseFloat(getComputedStyle(texts.currentNode.parentElement).fontSize));
    return Math.min(...sizes);
}"""


@pytest.mark.long
@pytest.mark.parametrize("answers", [False, True])
def test_the_hand_out_prints_on_few_pages_in_no_small_type_and_no_axis_is_higher_than_its_picture(visitor: Visitor, answers: bool) -> None:
    page = visitor.page
    page.set_content(hand_out(planted(), answers=answers, patience=60))
    page.emulate_media(media="print")

    printed = page.pdf(format="A4", prefer_css_page_size=True)
    heights = page.locator(".opened").evaluate_all("all => all.map(one => [...one.children].slice(0, 2).map(part => part.offsetHeight))")

    assert 8 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 12
    smallest = page.locator("body").evaluate(SMALLEST)
    assert smallest >= 12  # pixels: nine points on paper
    pages = page.locator("section").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert max(pages) < 1047  # 277 mm: a question and all that it needs are on one page
    assert len(heights) == 20 and all(picture >= 75 and axis <= picture + 1 for axis, picture in heights)
