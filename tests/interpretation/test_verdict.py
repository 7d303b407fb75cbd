import numpy as np
import pytest

from complex_lstm.interpretation.faithfulness import RANKINGS, SHARES, Curves
from complex_lstm.interpretation.robustness import Infidelity
from complex_lstm.interpretation.verdict import (
    RULES,
    WORDS,
    Verdict,
    further_warnings,
    judge,
)
from tests.interpretation.answers import answer

CHANCE = [(0.1 * number, 8 - 0.1 * number) for number in range(RANKINGS)]  # up to 1.9 and down to 6.1
CELLS = [[2.0, -1.0], [1.0, 1.0]]


def curves(*rankings: tuple[float, float], intact: float = 10.0, empty: float = 0.0) -> Curves:
    """Return curves that lie flat: so far from the intact output without the top cells, and with them alone."""
    away = 1 if intact >= empty else -1
    removed, kept = np.array(rankings).T[:, :, None] * np.ones(len(SHARES))
    return Curves(intact - away * removed, intact - away * kept, intact, empty)


def verdict_on(*ranking: float, intact: float = 10.0, empty: float = 0.0, unit: str = "°C", spread: float = 1.0) -> Verdict:
    own, chance = curves(ranking, intact=intact, empty=empty), curves(*CHANCE, intact=intact, empty=empty)
    return judge(answer(CELLS), own, chance, unit=unit, spread=spread)


@pytest.mark.parametrize(
    ("removed", "kept", "standing"),
    [
        (2.0, 6.0, "faithful"),
        (2.0, 6.2, "half"),  # one random ranking keeps more
        (1.8, 6.0, "half"),  # one random ranking takes more away
        (1.8, 6.2, "chance"),
        (1.9, 6.1, "chance"),  # as good as the best random ranking is not better
    ],
)
def test_a_ranking_must_be_better_than_all_random_ones(removed: float, kept: float, standing: str) -> None:
    verdict = verdict_on(removed, kept)

    assert (verdict.standing, verdict.method) == (standing, "ablation")
    assert (verdict.words, verdict.rule) == (WORDS[standing], RULES[standing])


@pytest.mark.parametrize(("spread", "standing"), [(999.0, "faithful"), (1000.0, "nothing")])
def test_a_gap_of_a_hundredth_of_the_spread_is_nothing_to_explain(spread: float, standing: str) -> None:
    assert verdict_on(2.0, 6.0, intact=10.0, spread=spread).standing == standing
    assert verdict_on(2.0, 6.0, intact=-10.0, spread=spread).standing == standing


def test_no_gap_and_no_spread_is_nothing_to_explain() -> None:
    assert verdict_on(0.0, 0.0, intact=0.0, spread=0.0).standing == "nothing"


def test_the_numbers_say_what_happened_to_the_output() -> None:
    # the random ones are 0.1 * (0 ... 19): mean 0.95, standard deviation 0.1 * sqrt((20² - 1) / 12) = 0.577
    assert verdict_on(2.0, 6.0).numbers == (
        "removing the cells it ranks highest moves the prediction by 2 °C towards the baseline, "
        "removing as many random cells by 0.95 ± 0.58; "
        "keeping only these cells moves it by 6, keeping as many random cells by 7.05 ± 0.58"
    )
    assert "moves the prediction by 2 towards" in verdict_on(2.0, 6.0, unit="").numbers


def test_a_mean_has_the_decimals_of_its_deviation() -> None:
    own = curves((2.18, 6.0))

    # by turns 10 and 30: mean 20, standard deviation 10; by turns 0.3565 and -0.0725: mean 0.142, standard deviation 0.2145
    chance = curves(*[(20 + 10 * side, 0.142 + 0.2145 * side) for side in (1, -1)] * 10)
    numbers = judge(answer(CELLS), own, chance, unit="°F", spread=1.0).numbers

    assert "by 2.18 °F towards" in numbers and "random cells by 20 ± 10;" in numbers and numbers.endswith("random cells by 0.14 ± 0.21")


def test_random_rankings_without_any_spread_have_a_deviation_of_zero() -> None:
    chance = curves(*[(0.5, 0.25)] * RANKINGS)

    assert "random cells by 0.5 ± 0;" in judge(answer(CELLS), curves((2.0, 6.0)), chance, unit="", spread=1.0).numbers


def test_below_the_baseline_the_same_numbers_are_said() -> None:
    assert verdict_on(2.0, 6.0, intact=-10.0).numbers == verdict_on(2.0, 6.0).numbers


def test_rules_and_words_are_there_for_each_standing() -> None:
    assert set(RULES) == set(WORDS) == {"faithful", "half", "chance", "nothing"}
    assert RULES["chance"] == "better than all 20 random rankings in neither, like 19 in 21 random rankings or more"


def warnings_about(*about: object, **gap: float) -> tuple[str, ...]:
    return judge(answer(*about, **gap), curves((2.0, 6.0)), curves(*CHANCE), unit="", spread=1.0).warnings


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
