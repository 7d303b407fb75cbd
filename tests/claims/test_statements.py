"""The statements of the architecture document: verdicts by hand from numbers, and each number from the one file of the benchmark."""

import json
import math
import re
from dataclasses import replace

import pytest
from scipy import stats

from complex_lstm.claims import KINDS, VERDICTS, Claim, Finding, Stored, every_claim, judged_claims, stored_numbers
from complex_lstm.claims.counts import counted_power
from complex_lstm.claims.judging import better, count, matters, robust
from complex_lstm.claims.worth import state_of_the_art
from complex_lstm.config import ModelConfig
from complex_lstm.locations import CLAIMS, PAGES

NUMBER = re.compile(r"\d")


def runs(**scores: list[float]) -> Stored:
    """Runs on one data set, of each variant with these scores."""
    rows = [
        {"data": "d", "variant": name.replace("_", " "), "seed": seed, "score": score}
        for name, each in scores.items()
        for seed, score in enumerate(each)
    ]
    return Stored({"runs": rows})


def found(claim: str, stored: Stored | None = None) -> Finding:
    (one,) = (each for each in every_claim() if each.claim == claim)
    return one.finding(stored or stored_numbers())


def test_every_section_of_the_document_and_all_use_cases_have_their_lines() -> None:
    claims = every_claim()
    uses = [one for one in claims if one.section in ("Excellent For", "Not Ideal For")]

    assert len(claims) >= 136 and len({one.section for one in claims}) >= 30
    assert len(uses) == 8 and {one.kind for one in claims} == set(KINDS)
    assert len({(one.section, one.claim) for one in claims}) == len(claims)
    assert all((PAGES / f"{one.where.stem}.py").is_file() and one.how for one in claims)
    assert all(len(one.claim) <= 90 for one in claims), "a line is short"


def test_a_verdict_is_given_where_something_was_measured_and_nowhere_else() -> None:
    for claim, finding in judged_claims():
        assert finding.verdict in VERDICTS
        assert finding.verdict == "not measured" or finding.found
        assert claim.judge or (not finding.found and finding.verdict == "not measured")


def test_the_counts_are_those_of_the_document_and_of_the_model() -> None:
    assert found("about 2.8 million parameters in all") == Finding("13,234,957 parameters: 4.73 times what is stated", "does not hold")
    assert found("the attention layers have about 500,000 parameters").verdict == "holds"
    assert found("about 500,000 elements in all").found.startswith("1,759,840 values") and pytest.approx(7.04e6, rel=1e-3) == 4 * 1_759_840
    assert found("the input has 3,600 elements") == Finding("3,600 elements: as stated", "holds")
    (whole,) = (one for one in every_claim() if one.claim.startswith("about 2.8"))
    assert whole.here and whole.here(ModelConfig(hidden_dim=64)) == "836,813 parameters"


def test_convolutions_grow_with_the_square_of_the_channels_which_the_document_calls_linear() -> None:
    assert counted_power("Convolutions", "hidden") == pytest.approx(2, abs=0.01)
    assert found("convolutions grow linearly with the channels").verdict == "does not hold"
    assert found("attention grows with the square of the steps").verdict == "holds", "in the limit"


@pytest.mark.parametrize(("off", "verdict"), [(1.0, "holds"), (1.19, "holds"), (1.21, "does not hold"), (0.7, "does not hold")])
def test_a_round_number_holds_within_a_fifth(off: float, verdict: str) -> None:
    assert count(1000, round(1000 * off), "things")(Stored({})).verdict == verdict


def test_a_difference_is_beyond_chance_by_the_spread_of_all_variants_with_several_seeds() -> None:
    stored = runs(as_it_is=[0.7, 0.9], other=[0.1, 0.3], once=[0.8])

    difference = stored.difference("once", "other")

    assert difference and difference.mean == pytest.approx(0.6)
    spread = math.sqrt((2 * 0.1**2 + 2 * 0.1**2) / 2)
    assert difference.margin == pytest.approx(stats.t.ppf(0.975, 2) * spread * math.sqrt(1 / 1 + 1 / 2))
    assert "+60.0 ± 74.5 points (1 against 2 runs)" in difference.words


@pytest.mark.parametrize(
    ("ours", "verdict"),
    [([0.8, 0.81], "holds"), ([0.5, 0.51], "does not hold"), ([0.601, 0.61], "does not hold"), ([0.4, 0.9], "cannot be told")],
)
def test_better_holds_beyond_chance_and_not_where_it_could_be_five_points_at_most(ours: list[float], verdict: str) -> None:
    assert better("ours", "theirs")(runs(ours=ours, theirs=[0.6, 0.61])).verdict == verdict


@pytest.mark.parametrize(("other", "moves"), [([0.4, 0.41], True), ([0.6, 0.605], False), ([0.5, 0.9], None)])
def test_critical_and_robust_are_opposites_or_neither_can_be_told(other: list[float], moves: bool | None) -> None:
    stored = runs(as_it_is=[0.6, 0.61], other=other)
    said = {True: ("holds", "does not hold"), False: ("does not hold", "holds"), None: ("cannot be told", "cannot be told")}[moves]

    assert (matters("other")(stored).verdict, robust("other")(stored).verdict) == said
    assert matters("never run")(stored).verdict == "not measured"


def test_state_of_the_art_is_judged_against_all_rivals() -> None:
    simple = {"simple": [{"data": "d", "model": "MiniRocket", "score": 0.5}]}
    ahead, behind = {"plain LSTM": [0.6, 0.61], "plain GRU": [0.6, 0.61]}, {"plain LSTM": [0.95, 0.96], "plain GRU": [0.6, 0.61]}

    def judged(rivals: dict[str, list[float]]) -> str:
        named = {"as it is": [0.8, 0.81]} | rivals
        return state_of_the_art(Stored(runs(**{name.replace(" ", "_"): each for name, each in named.items()}).content | simple)).verdict

    assert judged(ahead) == "holds" and judged(behind) == "does not hold"


def test_the_numbers_come_from_the_one_file_and_change_with_it() -> None:
    content = json.loads(CLAIMS.read_text())
    assert content == stored_numbers().content
    turned = Stored(content | {"runs": [one | {"score": 1 - one["score"]} for one in content["runs"]]})

    stored, other = found("it is state of the art"), found("it is state of the art", turned)

    assert stored.verdict == "does not hold" and other.verdict != stored.verdict


def without_run_numbers(claim: Claim) -> str:
    parts = ("runs", "strategies", "inside", "courses", "depths", "gradients", "simple", "tasks")
    return claim.finding(Stored({part: [] for part in parts})).found


def test_a_comparison_has_no_number_of_its_own() -> None:
    """Without training runs nothing is found: no number is typed into a judge."""
    compared = [one for one in every_claim() if one.kind == "comparison" and one.judge and "weigh" not in one.claim]
    said = []
    for one in compared:
        try:
            said.append(without_run_numbers(replace(one)))
        except (ValueError, IndexError, ZeroDivisionError):
            continue  # it cannot be judged without runs
    assert said and not any(NUMBER.search(one) for one in said)
