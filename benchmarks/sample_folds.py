"""Two samples in folds, and the simple models beside them: a third of the weather's months or one person of the exercises held out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from jaxtyping import Float, Int, Shaped
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from complex_lstm.config import DerivedFeature, Roles, SplitConfig, WindowConfig
from complex_lstm.data import Dataset, guess_roles, prepare_for, prepare_training, read_csv, scale_targets
from complex_lstm.data.scaling import fit_scaling
from complex_lstm.data.splitting import Span
from complex_lstm.samples import SAMPLES

WEATHER, EXERCISES = "nyc_weather", "shoulder_exercises"
AGES = (DerivedFeature("age", "pressure"), DerivedFeature("age", "wind_gust"))
HOUR_AND_AGES = (DerivedFeature("hour of day"), *AGES)
CHANGES = tuple(DerivedFeature("change", name) for name in ("temp", "dewp", "humid", "pressure"))
DAY_TOO = (DerivedFeature("hour of day"), DerivedFeature("day of year"), *AGES)
FEW = (DerivedFeature("hour of day"), DerivedFeature("age", "pressure"), *CHANGES[2:])
THIRDS = ("1+4+7+10", "2+5+8", "3+6+9")  # of the file's months, each held out in turn: together every month of it
PEOPLE = ("1", "2", "3", "4", "5", "6")
ALPHAS = (10.0, 30.0, 100.0, 300.0, 1000.0)
FAR = 8.0  # deviations at which ridge's inputs are held: the file's one impossible wind speed would make half of a month's error


@dataclass(frozen=True)
class Fold:
    """A data set of which one month or one person is the test part, and what that is called."""

    name: str
    dataset: Dataset


def weather_fold(months: tuple[int, ...], derived: tuple[DerivedFeature, ...] = ()) -> Fold:
    """Return the weather with some months of 2013 as its test part: what lies before, between and after them is trained on.

    No window crosses the border of what is held out, and the scaling is that of the training part.
    """
    table = read_csv(SAMPLES[WEATHER].csv)
    roles = replace(guess_roles(table).roles, targets=("temp", "humid", "pressure"), task="values")
    window = WindowConfig(48, 1, as_change=True)
    whole = prepare_training(table, roles, window, SplitConfig("time", validation=0.0, test=0.0), derived)
    spans: list[Span] = []
    for number, one in enumerate(whole.series):
        held = np.isin(one.times.astype("datetime64[M]").astype(int) % 12 + 1, months)
        borders = [0, *(np.nonzero(np.diff(held))[0] + 1).tolist(), len(one)]
        spans += [Span(number, first, stop, "test" if held[first] else "training") for first, stop in pairwise(borders)]
    scaled = prepare_for(table, whole.schema, window, fit_scaling(whole.series, tuple(spans), window))
    name = f"month {' '.join(map(str, months))}"
    return Fold(name, replace(scaled, spans=tuple(spans), windows=replace(scaled.windows, part=_parts(scaled, tuple(spans)))))


def _parts(dataset: Dataset, spans: tuple[Span, ...]) -> Shaped[np.ndarray, " window"]:
    """Return the part of each window that lies within one span, its answer included; "" of the others."""
    windows, ahead = dataset.windows, dataset.window.horizon
    part = np.full(len(windows), "", dtype=object)
    for span in spans:
        within = (windows.series == span.series) & (windows.start >= span.start)
        part[within & (windows.start + windows.length + ahead <= span.stop)] = span.part
    return part


def person_fold(person: str) -> Fold:
    """Return the exercises with one person as their test part."""
    table = read_csv(SAMPLES[EXERCISES].csv)
    roles: Roles = replace(guess_roles(table).roles, group="subject")
    dataset = prepare_training(table, roles, WindowConfig(100, 25), SplitConfig("group", validation=0.0, test=0.15))
    owner = np.array([one.group for one in dataset.series])
    spans = tuple(Span(n, 0, len(one), "test" if owner[n] == person else "training") for n, one in enumerate(dataset.series))
    scaled = prepare_for(table, dataset.schema, dataset.window, fit_scaling(dataset.series, spans, dataset.window))
    part = np.where(owner[scaled.windows.series] == person, "test", "training")
    return Fold(f"person {person}", replace(scaled, spans=spans, windows=replace(scaled.windows, part=part)))


def known(dataset: Dataset, part: str) -> Int[np.ndarray, " window"]:
    """Return the windows of a part of which all answers are known."""
    chosen, windows = dataset.windows.of_part(part), dataset.windows
    if dataset.schema.roles.task == "classes":
        return chosen[windows.label[chosen] != ""]
    return chosen[np.isfinite(windows.actual[chosen]).all(axis=1)]


def answers(dataset: Dataset, chosen: Int[np.ndarray, " window"]) -> Float[np.ndarray, "window target"]:
    """Return what a model of values is trained on: the scaled change."""
    windows = dataset.windows
    return scale_targets(windows.actual[chosen], windows.last[chosen], dataset.scaling, dataset.window)


def error(
    dataset: Dataset, chosen: Int[np.ndarray, " window"], outputs: Float[np.ndarray, "window target"]
) -> Float[np.ndarray, " target"]:
    """Return the mean squared error of each target in units of the target's variance over the whole file."""
    of_file = np.concatenate([one.targets for one in dataset.series])
    in_units = (outputs - answers(dataset, chosen)) * np.array(dataset.scaling.target_std)
    return (in_units**2).mean(axis=0) / np.nanvar(of_file, axis=0)


def persistence(dataset: Dataset) -> Float[np.ndarray, " target"]:
    """Return the error of repeating the last value on the test part."""
    chosen = known(dataset, "test")
    still = -np.array(dataset.scaling.target_mean) / np.array(dataset.scaling.target_std)
    return error(dataset, chosen, np.broadcast_to(still, (len(chosen), len(still))))


def ridge(dataset: Dataset) -> tuple[Float[np.ndarray, " target"], float]:
    """Return the error of ridge regression on the flattened windows of the test part, and its alpha.

    Inputs are held within FAR deviations. Alpha is chosen within the training part: each month of it is predicted from the others.
    """
    training, test = known(dataset, "training"), known(dataset, "test")
    x, y = _flat(dataset, training), answers(dataset, training)
    month = _month_of(dataset, training)
    losses = {alpha: np.mean([_held_out(x, y, month == one, alpha) for one in np.unique(month)]) for alpha in ALPHAS}
    alpha = min(losses, key=losses.__getitem__)
    return error(dataset, test, Ridge(alpha).fit(x, y).predict(_flat(dataset, test))), alpha


def _held_out(x: np.ndarray, y: np.ndarray, held: np.ndarray, alpha: float) -> float:
    return float(((Ridge(alpha).fit(x[~held], y[~held]).predict(x[held]) - y[held]) ** 2).mean())


def _flat(dataset: Dataset, chosen: Int[np.ndarray, " window"]) -> np.ndarray:
    return np.clip(dataset.windows.inputs(chosen).reshape(len(chosen), -1), -FAR, FAR).astype(np.float64)


def _month_of(dataset: Dataset, chosen: Int[np.ndarray, " window"]) -> Int[np.ndarray, " window"]:
    windows, month = dataset.windows, np.zeros(len(chosen), dtype=int)
    for number, one in enumerate(dataset.series):
        of_series = windows.series[chosen] == number
        months = one.times.astype("datetime64[M]").astype(int) % 12 + 1
        month[of_series] = months[(windows.start + windows.length - 1)[chosen][of_series]]
    return month


def logistic(dataset: Dataset) -> float:
    """Return the accuracy of logistic regression on mean, deviation, minimum and maximum of each channel, on the test part."""
    training, test = known(dataset, "training"), known(dataset, "test")
    labels = dataset.windows.label
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(_statistics(dataset, training), labels[training])
    return float(model.score(_statistics(dataset, test), labels[test]))


def _statistics(dataset: Dataset, chosen: Int[np.ndarray, " window"]) -> np.ndarray:
    x = dataset.windows.inputs(chosen)
    return np.concatenate([x.mean(axis=1), x.std(axis=1), x.min(axis=1), x.max(axis=1)], axis=1)
