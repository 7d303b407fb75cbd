"""Every component switched off over many windows, against a loop by hand."""

import itertools

import numpy as np
import pytest
import torch

from complex_lstm import ComplexLSTMModel
from complex_lstm.config import Roles, Scaling, Schema, WindowConfig
from complex_lstm.data import Dataset, prepare_for
from complex_lstm.errors import InterventionError, Stopped
from complex_lstm.inference import predict
from complex_lstm.interpretation.components import (
    Averages,
    average_over,
    averaged_components,
    contributions,
    joined_averages,
    outputs_with,
)
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.interpretation.prediction_effects import ClassEffect, mean_of, measure_effect
from complex_lstm.metrics import ClassScores, ValueScores, score
from complex_lstm.model.hooks import Intervention
from complex_lstm.model.interventions import Patch, SilenceEnsembleHead, SilenceHead, SkipBlock, UniformAttention, component_interventions
from complex_lstm.model.sites import Site
from tests.data.tables import table_of
from tests.model.lively import remembered, small_model

CHOSEN = np.array([11, 0, 5, 2, 7])


def model_of_classes() -> ComplexLSTMModel:
    return small_model(input_dim=2)


def unequal_series() -> Dataset:
    """Return 12 whole series of 1 to 12 steps and two features; series 2 and 3 have no answer, the others one of two."""
    kinds = ["no", "yes", "", "", "no", "yes", "yes", "no", "no", "yes", "no", "yes"]
    rows = [f"s{n},{step},{(n * step) % 7},{step - n},{kinds[n]}" for n in range(12) for step in range(1 + n)]
    schema = Schema(Roles(("x", "y"), ("kind",), "classes", series="id", time="t"), ("no", "yes"))
    return prepare_for(table_of("id,t,x,y,kind", *rows), schema, WindowConfig(whole_series=True), Scaling((3.0, 0.0), (2.0, 4.0)))


def forecasts() -> Dataset:
    """Return 30 steps of two features, of which the second is forecast as its change, in windows of 4 steps."""
    rows = [f"{step},{(7 * step) % 11},{(step * step) % 13}" for step in range(30)]
    schema = Schema(Roles(("x", "y"), ("y",), "values", time="t"), ())
    window = WindowConfig(length=4, as_change=True)
    return prepare_for(table_of("t,x,y", *rows), schema, window, Scaling((5.0, 6.0), (3.0, 4.0), (0.5,), (2.0,)))


def by_hand(model: ComplexLSTMModel, dataset: Dataset, interventions: tuple[Intervention, ...]) -> np.ndarray:
    """Return the outputs window by window, each alone and without padding."""
    windows = [torch.from_numpy(dataset.windows.inputs(np.array([number]))) for number in CHOSEN]
    return torch.cat([model.trace(x, interventions=interventions).prediction for x in windows]).numpy()


@pytest.mark.long
def test_contributions_are_those_of_a_loop_over_components_and_windows() -> None:
    model, dataset = model_of_classes(), unequal_series()
    components = component_interventions(model)
    before = by_hand(model, dataset, ())
    labels = dataset.windows.label[CHOSEN]

    found = list(contributions(model, dataset, CHOSEN, components))

    assert [(one.name, one.intervention) for one in found] == list(components)
    for one in found:
        after = by_hand(model, dataset, (one.intervention,))
        likely = [int(row.argmax()) for row in before]
        moved = [abs(_probability(new, place) - _probability(old, place)) for old, new, place in zip(before, after, likely, strict=True)]
        right = [np.mean([dataset.schema.classes[row.argmax()] == label for row, label in zip(said, labels, strict=True) if label])
                 for said in (before, after)]  # fmt: skip
        effect = one.effect
        assert isinstance(effect, ClassEffect)
        assert effect.moved == pytest.approx(moved, abs=1e-5)
        assert effect.flipped.tolist() == [int(row.argmax()) != place for row, place in zip(after, likely, strict=True)]
        assert (effect.score_before, effect.score_after) == pytest.approx(right)
        lead = [(new[place] - new[1 - place]) - (old[place] - old[1 - place])
                for old, new, place in zip(before, after, likely, strict=True)]  # fmt: skip
        assert effect.margin == pytest.approx(lead, abs=1e-4)


def _probability(logits: np.ndarray, place: int) -> float:
    powers = np.exp(logits.astype(float))
    return float(powers[place] / powers.sum())


def test_values_move_in_the_scale_that_the_model_learns_and_are_scored_as_on_the_predict_page() -> None:
    model, dataset = small_model(input_dim=2, output_dim=1), forecasts()
    chosen = np.arange(20)
    off = SkipBlock(1)

    (found,) = contributions(model, dataset, chosen, [("block", off)])

    before, after = (outputs_with(model, dataset, chosen, one) for one in ((), (off,)))
    assert found.effect.mean_moved.value == pytest.approx(np.abs(after - before).mean(), rel=1e-6)
    in_units = predict(model, dataset, chosen).predicted
    expected = score(dataset, chosen, in_units)
    assert isinstance(expected, ValueScores)
    assert found.effect.score_before == pytest.approx(expected.squared_error.mean(), rel=1e-5)
    changed = score(dataset, chosen, in_units + (after - before) * 2.0)  # a change of 1 in the model's scale is 2 units
    assert isinstance(changed, ValueScores)
    assert found.effect.score_change.value == pytest.approx(changed.squared_error.mean() - expected.squared_error.mean(), rel=1e-4)


def test_the_accuracy_is_the_predict_pages_and_windows_without_an_answer_do_not_count() -> None:
    model, dataset = model_of_classes(), unequal_series()
    said = predict(model, dataset, CHOSEN)
    expected = score(dataset, CHOSEN, said.predicted)
    assert isinstance(expected, ClassScores)

    effect = measure_effect(dataset, CHOSEN, said.outputs, said.outputs)

    assert (effect.score_before, len(effect.before)) == (pytest.approx(expected.accuracy), expected.windows)


def test_nothing_switched_moves_nothing() -> None:
    model, dataset = model_of_classes(), unequal_series()
    outputs = outputs_with(model, dataset, CHOSEN)

    effect = measure_effect(dataset, CHOSEN, outputs, outputs)

    assert isinstance(effect, ClassEffect)
    assert (*effect.mean_moved, effect.share_flipped, effect.mean_margin.value, effect.score_change.value) == (0, 0, 0, 0, 0)
    assert np.array_equal(outputs, by_hand(model, dataset, ())) or outputs == pytest.approx(
        by_hand(model, dataset, ()), abs=4e-6
    )  # rounding of outputs near 3 in single precision


def test_the_standard_error_is_that_of_the_paired_change() -> None:
    # mean of 1, 2, 6 is 3, the squares of what is left sum to 4 + 1 + 9 = 14: sqrt(14 / 2 / 3)
    assert mean_of(np.array([1.0, 2.0, 6.0])).error == pytest.approx(np.sqrt(7 / 3))
    assert np.isnan(mean_of(np.array([1.0])).error)


def test_batches_and_padding_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    model, dataset = model_of_classes(), unequal_series()
    alone = by_hand(model, dataset, (UniformAttention(0),))

    monkeypatch.setattr("complex_lstm.interpretation.components.WEIGHTS_AT_ONCE", 4 * 12 * 12 * 2)  # two windows at once
    in_pairs = outputs_with(model, dataset, CHOSEN, (UniformAttention(0),))

    assert in_pairs == pytest.approx(alone, abs=1e-5)


def test_an_average_is_over_the_windows_and_takes_from_each_what_is_its_own() -> None:
    model, dataset = model_of_classes(), unequal_series()
    traces = [model.trace(torch.from_numpy(dataset.windows.inputs(np.array([number])))) for number in CHOSEN]

    averages = average_over(model, dataset, CHOSEN)

    means = [torch.cat([getattr(one, name) for one in traces]).mean(0) for name in ("pooled_mean", "pooled_max", "pooled_last")]
    assert torch.allclose(averages.pooled, torch.stack(means), atol=1e-5)
    assert torch.allclose(averages.ensemble_head_outputs, torch.cat([one.ensemble_head_outputs for one in traces]), atol=1e-5)
    named = averaged_components(averages)
    assert [name for name, _ in named][::3] == ["pooled mean, held at its average", "ensemble head 1, held at its average"]
    after = [model.trace(torch.from_numpy(dataset.windows.inputs(np.array([5]))), interventions=(one,)) for _, one in named]
    assert torch.allclose(after[1].pooled_max[0], means[1], atol=1e-5)
    assert torch.allclose(after[4].ensemble_head_outputs[0, 1], averages.ensemble_head_outputs[:, 1].mean(0), atol=1e-5)


def test_averages_of_parts_are_joined_to_that_of_all_without_what_is_no_finite_number() -> None:
    model, dataset = model_of_classes(), unequal_series()
    whole, parts = average_over(model, dataset, CHOSEN), [average_over(model, dataset, some) for some in (CHOSEN[:2], CHOSEN[2:])]
    nothing = Averages(torch.full_like(whole.pooled, np.nan), whole.ensemble_head_outputs[:0], 0)

    found = joined_averages([nothing, *(one.of_mean_outputs for one in parts)])

    assert found.windows == whole.windows == len(CHOSEN) and len(CHOSEN[:2]) != len(CHOSEN[2:])
    assert torch.allclose(found.pooled, whole.pooled, atol=1e-6)
    assert torch.allclose(found.ensemble_head_outputs[0], whole.ensemble_head_outputs.mean(0), atol=1e-6)
    with torch.no_grad():
        model.input_proj[0].weight.fill_(3e38)
    assert average_over(model, dataset, CHOSEN).windows == 0
    with pytest.raises(InterventionError, match="finite numbers for none of the windows"):
        joined_averages([nothing])


def test_a_model_under_interventions_says_what_intervened_says_and_owns_nothing() -> None:
    model, x = model_of_classes(), torch.from_numpy(unequal_series().windows.inputs(CHOSEN))
    kept = remembered(model)
    intervened = IntervenedModel(model, [SilenceEnsembleHead(1)])

    intervened.train()
    outputs = intervened.eval()(x, [12, 1, 6, 3, 8])

    assert torch.equal(outputs, model.intervened(x, [12, 1, 6, 3, 8], (SilenceEnsembleHead(1),)))
    assert not list(intervened.parameters()) and remembered(model) == kept


def test_the_shared_model_is_left_alone_after_success_error_and_stop() -> None:
    model, dataset, counter = model_of_classes(), unequal_series(), itertools.count()
    kept = remembered(model)

    done = list(contributions(model, dataset, CHOSEN, component_interventions(model)[:3]))
    with pytest.raises(InterventionError, match="There is no attention head 99"):
        list(contributions(model, dataset, CHOSEN, [("no", SilenceHead(0, 99))]))
    stopped = []
    with pytest.raises(Stopped, match="What was done by then is kept"):
        stopped.extend(contributions(model, dataset, CHOSEN, component_interventions(model), stop=lambda: next(counter) >= 4))
    average_over(model, dataset, CHOSEN)

    assert len(done) == 3 and remembered(model) == kept


def test_what_is_done_before_a_stop_is_there() -> None:
    model, dataset, counter, found = model_of_classes(), unequal_series(), itertools.count(), []
    stop = lambda: next(counter) >= 4  # noqa: E731  # one pass as it is, and three components

    with pytest.raises(Stopped):
        found.extend(one.name for one in contributions(model, dataset, CHOSEN, component_interventions(model), stop=stop))

    assert found == [name for name, _ in component_interventions(model)[:3]]


def test_one_window_can_be_the_donor_of_many() -> None:
    model, dataset = small_model(input_dim=2, output_dim=1), forecasts()
    donor = model.trace(torch.from_numpy(dataset.windows.inputs(np.array([3]))))

    outputs = outputs_with(model, dataset, np.arange(10), (Patch(Site("fused"), donor),))

    assert outputs == pytest.approx(np.full((10, 1), float(donor.prediction[0, 0])), abs=1e-5)
