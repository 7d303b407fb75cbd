"""Simple models on Check: fitted while the visitor waits, drawn with the package's numbers, and compared on another part by a click."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from complex_lstm.evaluation.simple_models import fit_simple_models
from tests.browser.truth import truth_of
from tests.browser.visitor import PATIENCE, Visitor


@pytest.mark.long
def test_a_visitor_sees_whether_the_model_is_better_than_simple_ones_on_each_part(visitor: Visitor) -> None:
    visitor.open("check", data="japanese_vowels", model="japanese_vowels")
    visitor.page.get_by_role("button", name="Simple models").or_(visitor.page.get_by_role("radio", name="Simple models")).first.click()
    visitor.see_link(view="simple")

    expect(visitor.page.get_by_text("Of 3 simple models MiniRocket does best here").first).to_be_visible()
    visitor.see_view("simple")
    truth = truth_of("japanese_vowels").dataset
    test, classes = truth.windows.of_part("test"), np.array(truth.schema.classes)
    right = [(classes[one.predict(test).argmax(axis=1)] == truth.windows.label[test]).mean() for one in fit_simple_models(truth)]
    drawn = [x for trace in visitor.traces("simple_differences")[1:] for x in trace["x"]]  # the model is right on all of them
    assert sorted(drawn) == pytest.approx(sorted(100 * (1 - share) for share in right), abs=1e-3)

    visitor.page.get_by_text("training: learned from").first.click()
    expect(visitor.page.get_by_test_id("stCaptionContainer").filter(has_text="243 training windows")).to_be_visible()
    visitor.see_view("simple")
    assert not visitor.messages

    visitor.open("explain", data="japanese_vowels", model="japanese_vowels")
    visitor.see_view("explain")
    with visitor.page.expect_download(timeout=PATIENCE) as waiting:
        visitor.widget("explain_report").get_by_role("button").click()
    assert "trivial rule" in (report := Path(waiting.value.path()).read_text()) and "Of 3 simple models MiniRocket does best here" in report
