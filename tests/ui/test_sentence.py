"""The sentence on what a prediction rests on."""

import numpy as np
import pytest

from complex_lstm.interpretation.explanation import Attribution, Explanation, UnsignedAttribution
from complex_lstm.ui.explaining.sentence import rests_on

FEATURES, TIMES = ("temp", "humid", "wind"), tuple(f"h{hour}" for hour in range(8))


def explained(method: str, features: list[float], cells: np.ndarray | None = None) -> Explanation:
    """Return an explanation with these features, its cells spread evenly over the window unless they are given."""
    spread = np.tile(np.array(features) / len(TIMES), (len(TIMES), 1)) if cells is None else cells
    kind = UnsignedAttribution if method == "consensus" else Attribution
    return Explanation(method, kind(spread, np.array(features, dtype=float), ""), "", 0, 0.0, "CPU")


def test_where_all_methods_agree_it_names_one_feature() -> None:
    found = {name: explained(name, [3.0, -1.0, 0.5]) for name in ("consensus", "occlusion", "shapley")}

    sentence = rests_on(found, FEATURES, TIMES, "ROW")

    assert "**temp**" in sentence and "humid" not in sentence
    assert "all 2 methods of the consensus rank it first" in sentence


def test_a_negative_importance_counts_by_its_size() -> None:
    assert "**humid**" in rests_on({"consensus": explained("consensus", [1.0, -4.0, 0.0])}, FEATURES, TIMES, "x")


def test_where_a_method_ranks_another_feature_first_it_says_that_they_disagree() -> None:
    found = {
        "consensus": explained("consensus", [3, 1, 0]),
        "occlusion": explained("occlusion", [3, 1, 0]),
        "shapley": explained("shapley", [1, 3, 0]),
    }

    sentence = rests_on(found, FEATURES, TIMES, "ROW")

    assert "**temp** or **humid**: the methods disagree" in sentence
    assert "Shapley ranks humid first" in sentence


@pytest.mark.parametrize(
    ("steps", "words"),
    [((3,), "mostly at h3"), ((2, 3, 4), "mostly from h2 to h3"), (tuple(range(8)), "mostly from h0 to h3")],
)
def test_it_names_the_shortest_stretch_that_holds_half(steps: tuple[int, ...], words: str) -> None:
    cells = np.zeros((8, 3))
    cells[list(steps), 0] = 1.0

    assert words in rests_on({"consensus": explained("consensus", [9, 0, 0], cells)}, FEATURES, TIMES, "x")


def test_names_from_a_file_are_plain_text() -> None:
    sentence = rests_on({"consensus": explained("consensus", [1, 0, 0])}, ("![](http://x)", "b", "c"), TIMES, "**bold**")

    assert "![](" not in sentence and "**bold**" not in sentence
