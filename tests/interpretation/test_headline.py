"""The headline of a prediction: from made-up explanations whose shares are worked out by hand, and from a model that can be read off."""

import numpy as np
import pytest

from complex_lstm.interpretation.automatic_baseline import AutomaticBaseline
from complex_lstm.interpretation.consensus import MEMBERS
from complex_lstm.interpretation.explanation import Attribution, Explanation, UnsignedAttribution
from complex_lstm.interpretation.headline import MEANS, Headline, Naming, explain_headline, headline
from complex_lstm.interpretation.verdict import WORDS, Standing, Verdict
from complex_lstm.languages import speaking
from tests.interpretation.toys import Linear, request_of

FEATURES, TIMES = ("temp", "humid", "wind"), tuple(f"h{hour}" for hour in range(8))
NAMING = Naming("ROW (98%)", FEATURES, TIMES, "logit")
ALIKE = [[3.0, -1.0, 0.0]] * 4


def explained(method: str, features: list[float], cells: np.ndarray | None = None) -> Explanation:
    """Return an explanation with these features, its cells spread evenly over the window unless they are given."""
    spread = np.tile(np.array(features) / len(TIMES), (len(TIMES), 1)) if cells is None else cells
    kind = UnsignedAttribution if method == "consensus" else Attribution
    return Explanation(method, kind(spread, np.array(features, dtype=float), ""), "the mean", 0, 0.0, "CPU")


def verdict(standing: Standing = "faithful", words: str = "It holds") -> Verdict:
    return Verdict("consensus", standing, words, "", "", "", ())


def made(
    consensus: list[float],
    members: list[list[float]],
    *,
    cells: np.ndarray | None = None,
    judged: Verdict | None = None,
    naming: Naming = NAMING,
) -> Headline:
    """Return the headline of these features by the consensus and by its members, in their order."""
    found = {name: explained(name, features) for name, features in zip(MEMBERS, members, strict=True)}
    return headline({**found, "consensus": explained("consensus", consensus, cells)}, judged or verdict(), naming)


def test_where_all_methods_agree_it_names_one_feature_its_share_and_the_interval_over_the_methods() -> None:
    found = made([6, 3, 1], [[3, -1, 0], [-9, 1, 0], [2, 1, 1], [1, 0, 0]])

    assert found.top is not None and not found.disagrees
    assert (found.top.name, found.top.share, found.top.interval) == ("temp", 0.6, (0.5, 1.0))
    assert found.words(strong=lambda name: f"<{name}>") == (
        "The prediction ROW (98%) rests most on <temp>, spread over the window, by the consensus: 60% of all importance against the mean, "
        "50 to 100% by its 4 methods, which all rank it first. The consensus' verdict: It holds."
    )


def test_in_another_language_it_is_whole_its_numbers_dates_and_the_reason_for_the_baseline_included() -> None:
    instead = AutomaticBaseline("chosen_window", 7, "", MEANS[0], 0.125, "training windows")
    naming = Naming("temp", FEATURES, TIMES, "°F", "71.50", "°F", instead)
    cells = np.zeros((8, 3))
    cells[2] = [6, 3, 1]
    found = made([6, 3, 1], [[3, -1, 0], [1, -3, 0]] * 2, cells=cells, judged=verdict(words=WORDS["faithful"]), naming=naming)

    with speaking("de"):
        words = found.words()

    assert words == (
        "Die Methoden sind sich nicht einig, worauf die Vorhersage temp 71,50 °F beruht. Der Konsens setzt temp an die erste Stelle, "
        "vor allem bei h2: 60\u00a0% der gesamten Wichtigkeit gegenüber Fenster 7 (von selbst gewählt), 25 bis 75\u00a0% nach seinen "
        "4 Methoden; Shapley und Gradient SHAP setzen humid an die erste Stelle. Urteil über den Konsens: Die Vorhersage hängt von "
        "seinen obersten Zellen ab. Vom üblichen Vergleichswert (Mittelwert jedes Merkmals aus dem Training) weicht die Vorhersage nur "
        "um 12\u00a0% der kleinsten Differenz ab, die zählt; darum wurde der Vergleichswert von selbst gewählt: Fenster 7, das nächste "
        "Trainingsfenster, das deutlich anders vorhergesagt wird."
    )


def test_where_methods_rank_another_feature_first_it_says_so_first_and_who_does() -> None:
    found = made([6, 3, 1], [[3, -1, 0], [1, -3, 0], [1, 3, 0], [0, 0, 5]])

    words = found.words()
    assert found.disagrees and words.startswith("The methods disagree on what the prediction ROW (98%) rests on.")
    assert "The consensus ranks temp first" in words and "0 to 75% by its 4 methods" in words
    assert "Shapley and Integrated Gradients rank humid first; Gradient SHAP ranks wind first" in words


def test_features_that_differ_by_rounding_only_are_no_disagreement() -> None:
    found = made([6, 3, 1], [[1.0, 1.0 + 1e-9, 0], *ALIKE[:3]])

    assert not found.disagrees


def test_a_method_that_gives_no_feature_any_importance_has_no_rank_and_no_share() -> None:
    found = made([1, 2, 0], [[0, 0, 0], [1, 3, 0], [1, 4, 0], [0, 1, 0]])

    assert found.top is not None and not found.disagrees
    assert (found.top.name, found.top.interval, found.top.methods) == ("humid", (0.75, 1.0), 3)


@pytest.mark.parametrize("members", [ALIKE, [[0.0, 0.0, 0.0]] * 4])
def test_where_there_is_nothing_to_explain_it_says_that_and_names_no_feature(members: list[list[float]]) -> None:
    judged = verdict("nothing" if members == ALIKE else "chance", "Nothing to explain here")

    found = made([6, 3, 1], members, judged=judged)

    assert found.top is None and not any(name in found.words() for name in FEATURES)
    assert "The consensus' verdict: Nothing to explain here." in found.words()


@pytest.mark.parametrize(
    ("steps", "words"),
    [((3,), "mostly at h3"), ((2, 3, 4), "mostly from h2 to h3"), (tuple(range(8)), ", spread over the window,")],
)
def test_it_names_the_shortest_stretch_that_holds_half(steps: tuple[int, ...], words: str) -> None:
    cells = np.zeros((8, 3))
    cells[list(steps), 0] = 1.0

    assert words in made([9, 0, 0], ALIKE, cells=cells).words()


def test_names_from_a_file_and_words_are_made_safe_by_who_shows_them() -> None:
    hostile = Naming("<x>", ("<a>", "<b>", "<c>"), tuple(f"<{step}>" for step in range(8)), "logit")

    cells = np.eye(8, 3) + np.eye(8, 3, -1)  # of the first feature: steps 0 and 1
    found = made([6, 3, 1], [[1, 2, 0], *ALIKE[:3]], cells=cells, judged=verdict(words="<v>"), naming=hostile)
    words = found.words(lambda text: text.strip("<>"))

    assert "<" not in words and " a first" in words and " b first" in words and "at 0:" in words and "verdict: v." in words


def test_of_a_model_that_can_be_read_off_it_names_what_the_model_reads() -> None:
    """The output is twice the second feature at the fourth step, and nothing else."""
    weight = [[0.0, 0.0]] * 8
    weight[3] = [0.0, 2.0]
    x = [[1.0, 1.0]] * 8
    draws = [[[value, value]] * 8 for value in (-1.0, 0.0, 0.5)]

    found = explain_headline(Linear(weight), request_of(x, draws=draws), Naming("y", ("a", "b"), TIMES, "y"))

    assert found.top is not None and found.top.name == "b" and not found.disagrees
    assert found.top.share > 0.99 and found.top.interval[0] > 0.99
    assert found.top.stretch is not None and found.top.stretch[0] <= "h3" <= found.top.stretch[1]


def test_of_a_model_that_says_the_same_of_every_window_it_names_nothing() -> None:
    draws = [[[value, value]] * 8 for value in (-1.0, 0.0, 0.5)]

    found = explain_headline(Linear([[0.0, 0.0]] * 8), request_of([[1.0, 1.0]] * 8, draws=draws), Naming("y", ("a", "b"), TIMES, "y"))

    assert found.top is None
