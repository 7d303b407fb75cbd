import numpy as np
import pytest

from complex_lstm.interpretation.evidence import MapEvidence, WindowEvidence
from complex_lstm.interpretation.robustness import Infidelity
from complex_lstm.interpretation.verdict import RULES, WORDS, WORTH, Verdict, further_warnings, judge, worth
from tests.interpretation.answers import answer

CELLS = [[2.0, -1.0], [1.0, 1.0]]
WINDOW = WindowEvidence(intact=10.0, empty=2.0, step=3.0, needed=0.04)
MOVED = np.array([0.125, 0.25, -0.075])  # 0.1 on average


def verdict_on(
    window: WindowEvidence = WINDOW, *, needed: float = 0.05, idle: float = 0.0, kept: float = 0.7, taken: float = 0.5, unit: str = "°C"
) -> Verdict:
    found = MapEvidence(needed, idle, needed if needed < 1 else window.needed, kept, taken, MOVED)
    return judge(answer(CELLS), found, window, unit=unit)


@pytest.mark.parametrize(
    ("about", "standing"),
    [
        ({}, "faithful"),
        ({"needed": 0.1}, "faithful"),  # 2.5 times the fewest
        ({"needed": 0.101}, "half"),  # more than that
        ({"idle": 0.1}, "faithful"),
        ({"idle": 0.11}, "half"),  # too many of its cells change nothing
        ({"kept": 0.7, "taken": 0.35}, "faithful"),
        ({"kept": 0.7, "taken": 0.34}, "chance"),  # copies that are moved do 10% on average: not a quarter less
        ({"needed": 1.0, "kept": 0.9, "taken": 0.36}, "half"),  # one end alone
        ({"needed": 1.0, "kept": 0.36, "taken": 1.2}, "half"),
        ({"needed": 1.0, "kept": 0.59, "taken": 0.39}, "chance"),
    ],
)
def test_a_map_is_trusted_for_few_cells_at_both_ends_none_of_them_idle(about: dict[str, float], standing: str) -> None:
    verdict = verdict_on(**about)

    assert (verdict.standing, verdict.method) == (standing, "ablation")
    assert (verdict.words, verdict.rule, verdict.measured) == (WORDS[standing], RULES[standing], worth(standing))


@pytest.mark.parametrize("window", [WindowEvidence(10.0, 9.9, 0.99, 0.04), WindowEvidence(10.0, 2.0, 3.0, 1.0)])
def test_without_a_clear_difference_or_few_cells_that_make_it_there_is_nothing_to_explain(window: WindowEvidence) -> None:
    verdict = verdict_on(window)

    assert verdict.standing == "nothing" and verdict.measured == ""


def test_the_numbers_say_what_the_first_cells_do() -> None:
    assert verdict_on(idle=0.02).numbers == (
        "of the difference from the baseline, 8 °C, its first 5.0% of the cells alone keep 70%, and without them 50% is gone; copies of "
        "the map moved in time and between features reach 10% (at most 25%); the fewest cells found that do both are 4.0%, and 2% of its "
        "first cells are in groups that change nothing"
    )
    assert "baseline, 8, its" in verdict_on(unit="").numbers


def test_where_there_is_nothing_to_explain_the_numbers_say_why() -> None:
    near, spread = WindowEvidence(10.0, 9.9, 0.4, 0.04), WindowEvidence(10.0, 2.0, 3.0, 1.0)

    assert verdict_on(near).numbers == "the prediction differs by 0.1 °C from that of the baseline, 40% of the least that counts here"
    assert (
        verdict_on(spread).numbers
        == "the prediction differs by 8 °C from that of the baseline, and no 30% of the cells were found that keep it"
    )


def test_rules_and_words_are_there_for_each_standing() -> None:
    assert set(RULES) == set(WORDS) == {"faithful", "half", "chance", "nothing"}
    assert "at most 2.5 times as many as the fewest cells" in RULES["faithful"]


def test_what_a_verdict_is_worth_is_told_in_one_way() -> None:
    right, count = WORTH["faithful"]

    assert worth("faithful") == f"maps with this verdict were right in {100 * right / count:.0f} of 100 cases with a known answer"
    assert worth("nothing") == "" and right / count >= 0.9


def warnings_about(*about: object, **gap: float) -> tuple[str, ...]:
    return judge(answer(*about, **gap), MapEvidence(0.05, 0.0, 0.05, 0.7, 0.5, MOVED), WINDOW, unit="").warnings


def test_an_answer_that_adds_up_has_no_warning() -> None:
    assert warnings_about(CELLS) == () and warnings_about(CELLS, "integrated_gradients", gap=3.3) == ()  # 3 of 3.3: 9% off


def test_a_sum_that_misses_the_gap_is_warned_of() -> None:
    assert warnings_about(CELLS, "integrated_gradients", gap=4.0) == ("its sum misses the gap by 25%, so its cells should not be added up",)
    assert warnings_about(CELLS, "integrated_gradients", gap=0.0) == ()  # no share of nothing: the standing says so


def test_a_first_step_far_above_the_others_is_warned_of() -> None:
    cause = "which recurrent models show without a cause in the data (captum #594)"

    assert warnings_about([[6.0], [-1.0], [1.0]]) == (f"its first step is 6 times its median step, {cause}",)
    assert warnings_about([[6.0], [0.0], [0.0]]) == (f"its first step is the only one with any importance, {cause}",)
    assert warnings_about([[5.0], [1.0], [1.0]]) == ()


def test_a_map_of_few_steps_is_no_spike() -> None:
    """Temporal rescaling gives most steps zero, so that the median step was zero and any first step infinitely above it."""
    cells = [[3.0], [0.0], [0.0], [0.0], [2.0]]

    assert warnings_about(cells, "temporal_saliency_rescaling") == (
        "it has no sign: it does not show which cells raise the output and which lower it",
    )


def test_one_step_alone_is_no_spike() -> None:
    assert warnings_about([[3.0, 1.0]]) == ()


def test_further_checks_warn_beyond_their_bounds() -> None:
    shuffled = np.array([0.4, 0.9])

    within = further_warnings(infidelity=Infidelity(0.39, shuffled), sensitivity=1.0, random_weights=0.5, shuffled_labels=np.nan)
    beyond = further_warnings(infidelity=Infidelity(0.4, shuffled), sensitivity=1.2, random_weights=0.51, shuffled_labels=0.6)

    assert within == further_warnings() == ()
    expected = (
        "no better than shuffled ones (infidelity 0.4)",
        "changes by 120% of its norm",
        "its map with random weights has a similarity of 0.51",
        "trained on shuffled labels has a similarity of 0.60",
    )
    assert all(words in warning for words, warning in zip(expected, beyond, strict=True))
