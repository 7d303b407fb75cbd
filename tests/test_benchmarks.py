"""What the benchmarks work out of their measurements, by hand, and that the README's tables are those of the stored ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import recipes, sessions, strategies, training_speed
from benchmarks.rankings import WITH_ALL, agree, ceiling, correlation, importances, ranks, standard_error
from benchmarks.retraining import EXPLAINED, RUNS, errors, open_forecast, orders, sizes, tables
from complex_lstm.config import ModelConfig, TrainingConfig
from complex_lstm.inference import predict
from complex_lstm.metrics import ValueScores, score

README = Path(__file__).resolve().parent.parent / "benchmarks" / "README.md"


def test_a_feature_is_worth_the_error_that_its_lack_adds() -> None:
    runs = pd.DataFrame(
        [(0, WITH_ALL, 1.0, 3.0), (0, "a", 2.0, 4.0), (0, "b", 1.0, 4.0), (1, "a", 9.0, 9.0), (1, WITH_ALL, 1.0, 1.0)],
        columns=["seed", "without", "first", "second"],
    )

    found = importances(runs, ("a", "b"))

    assert found.tolist() == [[3 - 2, 2.5 - 2]]  # seed 1 has no run without b


def test_the_standard_error_is_that_of_the_mean_over_seeds() -> None:
    assert standard_error(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist() == pytest.approx([np.sqrt(2) / np.sqrt(2), 0])


def test_the_most_important_feature_has_rank_one() -> None:
    assert ranks(np.array([0.1, 3.0, -2.0])) == [2, 1, 3]


def test_two_rankings_that_swap_neighbours() -> None:
    first, second = np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])

    found = agree(first[None], second[None])

    assert correlation(first, second) == pytest.approx(1 - 6 * (0 + 1 + 1) / (3 * (3**2 - 1)))
    assert (found.spearman, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5))  # one seed and one window: nothing to draw
    assert found.kendall == pytest.approx((2 - 1) / 3)  # two pairs of three in the same order


def test_seeds_that_contradict_each_other_widen_the_interval() -> None:
    found = agree(np.array([[1.0, 2.0, 3.0], [9.0, 5.0, 1.0]]), np.array([[1.0, 2.0, 3.0]]))

    assert (found.spearman, found.low, found.high) == pytest.approx((-1, -1, 1))  # a quarter of the draws is the first seed twice


def test_a_method_that_gives_all_features_the_same_ranks_nothing() -> None:
    same = np.full((4, 3), 1 / 3)

    found = agree(np.array([[1.0, 2.0, 3.0]]), same)

    assert np.isnan([found.spearman, found.low, found.high, found.kendall]).all() and not orders(same)


def test_how_far_seeds_agree_among_themselves() -> None:
    found = ceiling(np.array([[1.0, 2.0, 4.0], [1.0, 3.0, 2.0], [6.0, 1.0, 0.0]]))

    assert found.pairs == pytest.approx([0.5, -1, -0.5])  # ranks 132 and 123, 321 and 123, 321 and 132
    assert found.others == pytest.approx([-1, -1, -1])  # the others' means are (3.5, 2, 1), (3.5, 1.5, 2) and (1, 2.5, 3)


def test_importance_is_in_standard_deviations_of_the_target_or_in_shares() -> None:
    assert sizes(np.array([[-2.0, 4.0]]), 2.0).tolist() == [[1, 2]]
    assert sizes(np.array([[1.0, 3.0], [2.0, 2.0]]), None).tolist() == [[1 / 4, 3 / 4], [1 / 2, 1 / 2]]


@pytest.mark.long
def test_the_error_that_permutation_raises_is_the_score() -> None:
    forecast = open_forecast()
    said = predict(forecast.shipped.model, forecast.dataset, forecast.test)
    found = score(forecast.dataset, forecast.test, said.predicted)

    by_window = errors(forecast, forecast.dataset.windows.inputs(forecast.test))

    assert isinstance(found, ValueScores)
    assert np.nanmean(by_window) == pytest.approx((found.squared_error / found.persistence).mean(), rel=1e-5)
    assert np.isfinite(by_window).sum() == found.windows


def test_the_readme_has_the_tables_of_the_stored_runs() -> None:
    made = tables(pd.read_csv(RUNS), pd.read_csv(EXPLAINED))

    readme = README.read_text(encoding="utf-8")

    for table in made.split("\n\n"):
        assert table in readme


def test_a_strategy_is_compared_with_plain_seed_by_seed() -> None:
    runs = pd.DataFrame(
        [("d", name, seed, score, 0.5, seconds) for name, seconds, scores in (
            ("plain", 10.0, (0.5, 0.6, 0.7)), ("gradual complexity", 5.0, (0.51, 0.62, 0.73)), ("averaging 0.99", 12.0, (0.5, 0.6, 1.0)),
        ) for seed, score in enumerate(scores)],
        columns=strategies.COLUMNS,
    )  # fmt: skip

    rows = strategies.table("d", runs).splitlines()

    assert rows[0] == "| d | accuracy, % | less plain's | time / plain's |"
    assert rows[2:] == [
        "| plain | 60.0 ± 10.0 |  | 1.00 |",
        "| gradual complexity | 62.0 ± 11.0 | +2.0 ± 0.6 | 0.50 |",  # 1, 2 and 3: deviation 1, by the root of 3; 2 is under 4.3 of that
        "| averaging 0.99 | 70.0 ± 26.5 | +10.0 ± 10.0 | 1.20 |",
    ]


def test_a_difference_beyond_chance_is_bold() -> None:
    plain, ours = pd.Series([0.1, 0.2, 0.3]), pd.Series([0.2, 0.3, 0.4])

    assert strategies.compared(ours, plain) == ("30.0 ± 10.0", "**+10.0 ± 0.0**")


def test_a_variant_trains_and_is_scored_on_series_that_it_has_not_seen() -> None:
    setting = recipes.planted("order", 40, seed=0, rare=True)
    setting = replace(setting, size=ModelConfig(9, 8, 1, 2, 3, 0.1), training=replace(setting.training, epochs=1))

    score, rarest, seconds = strategies.trained(setting, "class weights")

    assert setting.scored.schema.classes[strategies.rarest_class(setting.learned)] == "neither_first"
    assert 0 <= score <= 1 and 0 <= rarest <= 1 and seconds > 0


def test_the_variants_change_what_their_names_say() -> None:
    plain = TrainingConfig(epochs=12, batch_size=32)

    assert strategies.changed(plain, strategies.PLAIN, classes=True) == plain
    assert strategies.changed(plain, strategies.HALVES, classes=True) == replace(plain, batch_size=16, accumulate=2)
    for classes in (True, False):
        together = replace(plain, gradual=True, adaptive_dropout=True, component_rates=True, class_weights=classes)
        assert strategies.changed(plain, strategies.DOCUMENT, classes=classes) == together


def test_class_weights_are_tried_only_where_there_are_classes() -> None:
    assert strategies.CLASS_WEIGHTS in strategies.variants("planted_shape", classes=True)
    assert strategies.CLASS_WEIGHTS not in strategies.variants("nyc_weather", classes=False)
    assert strategies.variants(recipes.RARE, classes=True) == [strategies.PLAIN, strategies.CLASS_WEIGHTS]


def test_the_bare_loop_and_our_training_are_timed_on_the_same_case() -> None:
    case = training_speed.planted(64, epochs=1)
    case = replace(case, size=ModelConfig(9, 8, 1, 2, 3, 0.1), training=replace(case.training, snapshots=2))

    pairs = [(training_speed.bare(case), training_speed.ours(case))]
    what, plain, own, ratio, spread, once = training_speed.row(case, pairs).strip("| ").split(" | ")

    assert what == "planted_order, hidden 64" and spread == f"{ratio} to {ratio}"
    assert float(plain) > 0 and float(own) > 0 and float(once) > 0
    assert float(ratio) == pytest.approx(float(own) / float(plain), rel=0.02)  # each is rounded


def test_the_readme_has_the_tables_of_the_strategies() -> None:
    made = strategies.tables(pd.read_csv(strategies.RUNS))

    readme = README.read_text(encoding="utf-8")

    for table in made.split("\n\n"):
        assert table in readme


def test_a_visitor_has_the_messages_that_a_browser_would_still_have() -> None:
    visitor = sessions.Visitor(None, {})  # type: ignore[arg-type]  # nothing is sent

    visitor.take(shown("a"))
    visitor.take(shown("b"))
    for _ in range(sessions.AGE):
        visitor.take(ForwardMsg(ref_hash="a"))
        visitor.take(ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY))
    assert set(visitor.hashes) == {"a", "b"} and visitor.finished.is_set()

    visitor.take(ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY))
    assert set(visitor.hashes) == {"a"}


def shown(name: str) -> ForwardMsg:
    message = ForwardMsg(hash=name)
    message.delta.new_element.markdown.body = name
    message.metadata.cacheable = True
    return message
