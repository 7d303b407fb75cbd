"""Simple models against scikit-learn's own on the same windows, against published numbers, and within their bounds."""

import dataclasses

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from complex_lstm.config import SplitConfig
from complex_lstm.data import Dataset, prepare_for, prepare_training, read_csv, scale_targets
from complex_lstm.errors import Stopped
from complex_lstm.evaluation.fitted import NotFitted, SimpleModel, training_windows
from complex_lstm.evaluation.ridge import ALPHAS, blocked_cut, fit_ridge, flat_window
from complex_lstm.evaluation.simple_models import each_simple_model, fit_simple_models
from complex_lstm.evaluation.window_statistics import OF_CLASSES, OF_FORECASTS, window_statistics
from complex_lstm.model import Checkpoint, load_checkpoint
from complex_lstm.samples import SAMPLES
from tests.evaluation.made import hours, kinds


def sample(name: str, split: SplitConfig | None = None) -> Dataset:
    """Return a sample as its checkpoint reads it, or split otherwise and scaled anew."""
    loaded, table = load_checkpoint(SAMPLES[name].checkpoint), read_csv(SAMPLES[name].csv)
    assert isinstance(loaded, Checkpoint)
    if split is not None:
        return prepare_training(table, loaded.schema.roles, loaded.window, split)
    return prepare_for(table, loaded.schema, loaded.window, loaded.scaling, loaded.split)


def named(dataset: Dataset, name: str) -> SimpleModel:
    return next(one for one in fit_simple_models(dataset) if one.name == name)


def accuracy(dataset: Dataset, one: SimpleModel) -> float:
    test = dataset.windows.of_part("test")
    likeliest = np.array(dataset.schema.classes)[one.predict(test).argmax(axis=1)]
    return float((likeliest == dataset.windows.label[test]).mean())


def test_statistics_are_those_of_a_windows_own_steps() -> None:
    dataset = kinds(lengths=(20, 9, 31))
    windows = np.array([0, 1, 2])
    found = window_statistics(dataset, windows, OF_FORECASTS).reshape(3, 6, 3)

    for row, number in enumerate(windows):
        x = dataset.windows.inputs(np.array([number]))[0].astype(float)
        slope = [np.polyfit(np.arange(len(x)), x[:, feature], 1)[0] for feature in range(3)]
        expected = [x.mean(axis=0), x.std(axis=0), x.min(axis=0), x.max(axis=0), x[-1], slope]
        assert np.allclose(found[row], expected, atol=1e-6)


@pytest.mark.parametrize("as_change", [False, True])
def test_ridge_is_scikit_learns_with_the_alpha_of_the_blocked_cut(as_change: bool) -> None:
    dataset = hours(targets=2, as_change=as_change)
    training = training_windows(dataset)
    fitted, held_out = blocked_cut(training)
    x = dataset.windows.inputs(training.windows).reshape(len(training), -1).astype(float)
    errors = [
        ((Ridge(alpha=alpha).fit(x[fitted], training.truth[fitted]).predict(x[held_out]) - training.truth[held_out]) ** 2).sum()
        for alpha in ALPHAS
    ]
    best = ALPHAS[int(np.argmin(errors))]
    found = fit_ridge(training, dataset)

    assert isinstance(found, SimpleModel) and f"alpha {best:g}, chosen on {held_out.sum()} of them" in found.how
    test, last = dataset.windows.of_part("test"), dataset.windows.last
    flat = dataset.windows.inputs(test).reshape(len(test), -1).astype(float)
    learned = scale_targets(found.predict(test), last[test], dataset.scaling, dataset.window)
    assert np.allclose(learned, Ridge(alpha=best).fit(x, training.truth).predict(flat), atol=1e-8)


def test_no_window_of_the_blocked_cut_overlaps_the_other_side() -> None:
    dataset = hours(horizon=3)
    training = training_windows(dataset)
    fitted, held_out = blocked_cut(training)
    start = dataset.windows.start[training.windows]

    assert start[fitted].max() + 11 + 3 < start[held_out].min() and not (fitted & held_out).any()
    assert held_out.sum() > 50 and fitted.sum() > 300


def test_whole_series_or_groups_are_held_out_where_the_parts_are_such() -> None:
    shoulders = sample("shoulder_exercises")
    training = training_windows(shoulders)
    fitted, held_out = blocked_cut(training)
    people = np.array([one.group for one in shoulders.series])[shoulders.windows.series[training.windows]]

    assert set(people[fitted]) | set(people[held_out]) == set(people) and not set(people[fitted]) & set(people[held_out])
    assert fitted.any() and held_out.any()


def test_boosting_is_scikit_learns_on_the_statistics() -> None:
    dataset = hours(as_change=True)
    training, test = training_windows(dataset), dataset.windows.of_part("test")
    own = HistGradientBoostingRegressor(early_stopping=False, random_state=0)
    own.fit(window_statistics(dataset, training.windows, OF_FORECASTS), training.truth[:, 0])
    learned = own.predict(window_statistics(dataset, test, OF_FORECASTS))
    expected = learned * dataset.scaling.target_std[0] + dataset.scaling.target_mean[0] + dataset.windows.last[test][:, 0]

    assert np.allclose(named(dataset, "gradient boosting").predict(test)[:, 0], expected)


def test_logistic_regression_is_scikit_learns_on_the_statistics() -> None:
    dataset = kinds(lengths=(20, 12), classes=3)
    training, test = training_windows(dataset), dataset.windows.of_part("test")
    own = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    own.fit(window_statistics(dataset, training.windows, OF_CLASSES), training.truth)

    found = named(dataset, "logistic regression")
    assert np.allclose(found.predict(test), own.predict_proba(window_statistics(dataset, test, OF_CLASSES)))


def test_the_commonest_class_has_its_share_of_the_training_part() -> None:
    dataset = kinds(classes=3)
    labels = dataset.windows.label[dataset.windows.of_part("training")]
    found = named(dataset, "the commonest class").predict(np.array([0, 1]))

    assert np.allclose(found, [[(labels == name).mean() for name in dataset.schema.classes]] * 2)


@pytest.mark.long
def test_on_the_weather_the_rules_have_the_errors_that_the_samples_table_gives() -> None:
    dataset = sample("nyc_weather")
    test = dataset.windows.of_part("test")
    actual = dataset.windows.actual[test]
    known = ~np.isnan(actual).any(axis=1)
    variance = np.nanvar(np.concatenate([one.targets for one in dataset.series]), axis=0)
    models = {one.name: one for one in fit_simple_models(dataset)}
    errors = {name: (((one.predict(test) - actual)[known] ** 2).mean(axis=0) / variance).mean() for name, one in models.items()}

    assert errors["repeating the last value"] == pytest.approx(0.0289, abs=5e-5)  # sample_data/README.md
    assert errors["ridge"] == pytest.approx(0.0194, abs=1e-4)
    assert errors["the same hour yesterday"] > 10 * errors["gradient boosting"] > 0


@pytest.mark.parametrize(("seed", "expected"), [(8, 0.811), (0, 0.704)])  # sample_data/README.md: subjects 1 and 4 left out
def test_on_the_shoulder_exercises_logistic_regression_has_the_accuracy_that_the_samples_table_gives(seed: int, expected: float) -> None:
    dataset = sample("shoulder_exercises", SplitConfig("group", 0.0, 0.15, seed))
    logistic = next(one for one in each_simple_model(dataset) if one.name == "logistic regression")

    assert isinstance(logistic, SimpleModel) and accuracy(dataset, logistic) == pytest.approx(expected, abs=5e-4)


def test_on_the_vowels_whole_series_of_unequal_length_are_told_apart() -> None:
    dataset = sample("japanese_vowels", SplitConfig("series", 0.0, 0.3, 0))
    models = {one.name: one for one in fit_simple_models(dataset)}

    assert len(np.unique(dataset.windows.length)) > 10
    assert accuracy(dataset, models["MiniRocket"]) >= 0.95 and accuracy(dataset, models["logistic regression"]) >= 0.9
    assert "counted over each series' own steps" in models["MiniRocket"].how


def test_windows_are_thinned_out_evenly_and_it_is_said() -> None:
    training = training_windows(kinds(series=90, classes=3)).thinned(30)

    assert len(training) == 30 and np.bincount(training.truth).tolist() == [10, 10, 10]
    assert training.words == "30 of 66 training windows, evenly spread" and training.thinned(40) is training


@pytest.mark.parametrize(
    ("steps", "features", "kept", "columns"), [(50, 9, 50, 450), (500, 9, 221, 1998), (500, 1000, 1, 2000), (500, 2000, 0, 2000)]
)
def test_a_wide_window_keeps_its_last_steps_and_the_mean_of_those_before(steps: int, features: int, kept: int, columns: int) -> None:
    flat = flat_window(steps, features)

    assert flat is not None and (flat.kept, flat.count) == (kept, columns) and flat_window(steps, 2001) is None


@pytest.mark.long
def test_a_thousand_features_and_five_hundred_steps_are_fitted_in_bounds() -> None:
    dataset = hours(800, features=1000, length=500)
    found = {one.name: one for one in each_simple_model(dataset)}
    test = dataset.windows.of_part("training")[-5:]

    assert "the last 1 of 500 steps and the mean of the steps before, 2,000 columns" in found["ridge"].how  # type: ignore[union-attr]
    assert "the 300 statistics that go most with what is learned, of 6,000" in found["gradient boosting"].how  # type: ignore[union-attr]
    assert all(np.isfinite(one.predict(test)).all() for one in found.values() if isinstance(one, SimpleModel))


def test_many_targets_have_no_trees_and_the_reason_is_said() -> None:
    dataset = hours(targets=13, features=13)
    (left_out,) = (one for one in each_simple_model(dataset) if isinstance(one, NotFitted))

    assert left_out.name == "gradient boosting" and "each of the 13 targets" in left_out.reason
    assert named(dataset, "ridge").predict(np.array([0])).shape == (1, 13)


def test_without_a_training_part_only_what_needs_no_fitting_is_there() -> None:
    made = hours()
    new = prepare_for(made.table, made.schema, made.window, made.scaling)
    found = list(each_simple_model(new))

    assert [one.name for one in found if isinstance(one, SimpleModel)] == [
        "repeating the last value", "the same hour yesterday", "the same hour a week ago",
    ]  # fmt: skip
    assert all("no training part" in one.reason for one in found if isinstance(one, NotFitted))


def test_with_the_training_file_beside_it_a_new_file_is_predicted_by_what_was_fitted_there() -> None:
    made = hours(as_change=True)
    new = prepare_for(made.table, made.schema, made.window, made.scaling)
    beside = {one.name: one for one in each_simple_model(new, made)}
    own = {one.name: one for one in each_simple_model(made)}
    same = np.nonzero(np.isin(new.windows.start, made.windows.start[:5]))[0]

    for name in ("ridge", "gradient boosting"):
        assert np.allclose(beside[name].predict(same), own[name].predict(np.arange(5)))  # type: ignore[union-attr]


def test_a_class_that_the_training_part_lacks_is_never_predicted_and_breaks_nothing() -> None:
    dataset = kinds(classes=3)
    label = dataset.windows.label.copy()
    label[(label == "k1") & (dataset.windows.part == "training")] = ""
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, label=label))

    for one in fit_simple_models(dataset):
        predicted = one.predict(dataset.windows.of_part("test"))
        assert predicted.shape[1] == 3 and (predicted[:, 1] == 0).all() and np.allclose(predicted.sum(axis=1), 1)


def test_a_training_part_of_one_class_is_told() -> None:
    dataset = kinds()
    part = np.where(dataset.windows.label == "k0", dataset.windows.part, "new")
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, part=part))
    found = list(each_simple_model(dataset))

    assert [type(one) for one in found] == [SimpleModel, NotFitted, NotFitted]
    assert "the training windows have one class" in found[1].reason  # type: ignore[union-attr]


def test_it_stops_when_it_is_told_to() -> None:
    with pytest.raises(Stopped):
        list(each_simple_model(hours(), stop=lambda: True))


def test_few_training_windows_leave_alpha_alone_and_have_no_trees() -> None:
    found = {one.name: one for one in each_simple_model(hours(30, length=18))}

    assert "alpha 1, not chosen, for want of windows" in found["ridge"].how  # type: ignore[union-attr]
    assert found["gradient boosting"].reason == "3 training windows are too few for trees"  # type: ignore[union-attr]
    assert np.isfinite(found["ridge"].predict(np.array([0]))).all()  # type: ignore[union-attr]


@pytest.mark.parametrize("make", [hours, kinds])
def test_numbers_near_the_largest_that_there_are_break_nothing(make) -> None:  # type: ignore[no-untyped-def]
    dataset = make()
    rows = dataset.windows.rows.copy()
    rows[::7] = 3e38
    rows[3::7] = -3e38
    dataset = dataclasses.replace(dataset, windows=dataclasses.replace(dataset.windows, rows=rows))

    for one in fit_simple_models(dataset):
        assert one.predict(dataset.windows.of_part("test")).shape[1] == len(dataset.schema.outputs)


@pytest.mark.parametrize("lengths", [(1,), (1, 2, 30), (5,)])
def test_series_shorter_than_a_kernel_are_classified(lengths: tuple[int, ...]) -> None:
    dataset = kinds(lengths=lengths)
    models = fit_simple_models(dataset)

    assert [one.name for one in models] == ["the commonest class", "logistic regression", "MiniRocket"]
    assert all(np.allclose(one.predict(np.arange(5)).sum(axis=1), 1) for one in models)
