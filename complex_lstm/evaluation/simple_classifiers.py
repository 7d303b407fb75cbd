"""Classes without a network: the commonest one, logistic regression on window statistics, and MiniRocket with a ridge classifier."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped
from complex_lstm.evaluation.fitted import NotFitted, SimpleModel, TrainingWindows, batches
from complex_lstm.evaluation.mini_rocket import MiniRocket, fit_mini_rocket
from complex_lstm.evaluation.window_statistics import OF_CLASSES, strongest, window_statistics

LOGISTIC, ROCKET = "logistic regression", "MiniRocket"
MOST_COLUMNS, MOST_WINDOWS, MOST_WORK, MOST_ROUNDS = 300, 20_000, 10**8, 500  # work: numbers times classes in one round
ROCKET_WINDOWS, ROCKET_FEATURES, FEWEST_FEATURES = 2_500, 9_996, 840  # the ridge classifier takes the cube of the windows
ROCKET_BATCH = 2**23  # numbers at once: each of thousands of features costs a round in Python for each batch
UNSEEN = ("validation", "test", "new")
ROCKET_WORK, ROCKET_CELLS = 3 * 10**9, 16 * 10**6  # steps times features: about 10 s on one core; features of all windows: 128 MB


def commonest_class(training: TrainingWindows, dataset: Dataset) -> SimpleModel | NotFitted:
    """Return the rule that gives each class its share of the training windows, so that the commonest is always predicted."""
    if not len(training):
        return NotFitted("the commonest class", "no training window has a class")
    shares = np.bincount(training.truth, minlength=len(dataset.schema.classes)) / len(training)
    name = dataset.schema.classes[int(shares.argmax())]
    how = f"{name}, the class of {shares.max():.1%} of the {training.words}"
    return SimpleModel("the commonest class", how, lambda windows: np.tile(shares, (len(windows), 1)))


def commonest_of_these(dataset: Dataset) -> SimpleModel | NotFitted:
    """Return the rule for a file without a training part: the commonest class of its own windows, which only their answers tell."""
    labels, classes = dataset.windows.label, dataset.schema.classes
    counts = np.array([np.count_nonzero(labels == name) for name in classes])
    if not counts.any():
        return NotFitted("the commonest class", "none of these windows has a class that the model knows")
    how = f"{classes[int(counts.argmax())]}, the commonest class of this file's windows themselves, which only their answers tell"
    shares = counts / counts.sum()
    return SimpleModel("the commonest class of this file", how, lambda windows: np.tile(shares, (len(windows), 1)))


def fit_logistic(training: TrainingWindows, dataset: Dataset) -> SimpleModel | NotFitted:
    """Return logistic regression with scikit-learn's defaults on the standardised mean, deviation, minimum and maximum of each feature."""
    if reason := _one_class(training):
        return NotFitted(LOGISTIC, reason)
    from sklearn.feature_selection import f_classif
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    every = len(OF_CLASSES) * len(dataset.schema.roles.features)
    used = min(every, MOST_COLUMNS)
    training = training.thinned(min(MOST_WINDOWS, MOST_WORK // (used * len(dataset.schema.classes))))
    columns = window_statistics(training.dataset, training.windows, OF_CLASSES, training.stop)
    kept = np.arange(every)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # rounds that are not enough are said; classes may be rare, and columns never change
        if every > used:
            kept = strongest(f_classif(columns, training.truth)[0], used)
        made = make_pipeline(StandardScaler(), LogisticRegression(max_iter=MOST_ROUNDS)).fit(columns[:, kept], training.truth)
    rounds = int(made[-1].n_iter_.max())
    of = f"the {used} statistics that separate the classes most, of {every:,}:" if every > used else "the"
    how = f"logistic regression on {of} {', '.join(OF_CLASSES)} of each feature, fitted on {training.words}"
    how += f", stopped after {rounds} rounds" if rounds >= MOST_ROUNDS else ""

    def predict(windows: Int[np.ndarray, " window"]) -> Float[np.ndarray, "window class"]:
        probabilities = np.zeros((len(windows), len(dataset.schema.classes)))
        if len(windows):
            probabilities[:, made.classes_] = made.predict_proba(window_statistics(dataset, windows, OF_CLASSES)[:, kept])
        return probabilities

    return SimpleModel(LOGISTIC, how, predict)


def fit_rocket(training: TrainingWindows, dataset: Dataset) -> SimpleModel | NotFitted:
    """Return MiniRocket's features with scikit-learn's RidgeClassifierCV, as published.

    It has no probabilities: the class that it decides for has 1. Fewer features than the published 9,996, and fewer training windows,
    where all would take too much time or memory.
    """
    if reason := _one_class(training):
        return NotFitted(ROCKET, reason)
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    steps = max(1, int(training.dataset.windows.length[training.windows].mean()))
    training = training.thinned(min(ROCKET_WINDOWS, max(2, ROCKET_WORK // (steps * FEWEST_FEATURES))))
    others = max([int(np.count_nonzero(dataset.windows.part == part)) for part in UNSEEN] + [1])  # that are to be scored
    if steps * others * FEWEST_FEATURES > 30 * ROCKET_WORK:
        return NotFitted(ROCKET, f"it would take more than some minutes for {others:,} windows of {steps:,} steps")
    within = min(ROCKET_WORK // (steps * max(len(training), others)), ROCKET_CELLS // len(training), ROCKET_FEATURES)
    lengths = training.dataset.windows.length[training.windows]
    shuffled = training.windows[np.random.default_rng(0).permutation(len(training))]
    drawn = next(batches(training.dataset, shuffled, cells=ROCKET_BATCH))
    rocket = fit_mini_rocket(
        training.dataset.windows.inputs(drawn), training.dataset.windows.length[drawn], features=max(within, FEWEST_FEATURES)
    )
    columns = _rocket_features(rocket, training.dataset, training.windows, training.stop)
    classifier = make_pipeline(StandardScaler(with_mean=False), RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # classes may be rare
        made = classifier.fit(columns, training.truth)
    if training.stop():
        raise Stopped
    padded = ", padded with zeros and counted over each series' own steps" if (lengths != lengths.max()).any() else ""
    how = f"{rocket.count:,} features of MiniRocket (Dempster et al. 2021){padded}, with a ridge classifier, fitted on {training.words}"
    return SimpleModel(ROCKET, how, partial(_decide, rocket, made, dataset))


def _decide(rocket: MiniRocket, made: Any, dataset: Dataset, windows: Int[np.ndarray, " window"]) -> Float[np.ndarray, "window class"]:
    decided = np.zeros((len(windows), len(dataset.schema.classes)))
    if len(windows):
        decided[np.arange(len(windows)), made.predict(_rocket_features(rocket, dataset, windows))] = 1
    return decided


def _rocket_features(
    rocket: MiniRocket, dataset: Dataset, windows: Int[np.ndarray, " window"], stop: Callable[[], bool] = lambda: False
) -> Float[np.ndarray, "window feature"]:
    made, done = np.empty((len(windows), rocket.count), dtype=np.float32), 0
    for batch in batches(dataset, windows, stop, cells=ROCKET_BATCH):
        made[done : done + len(batch)] = rocket.transform(dataset.windows.inputs(batch), dataset.windows.length[batch])
        done += len(batch)
    return made


def _one_class(training: TrainingWindows) -> str:
    """Return why nothing can be told apart, "" where the training windows have two classes or more."""
    found = len(np.unique(training.truth))
    return "" if found > 1 else f"the training windows have {'one class' if found else 'no class'}, so there is nothing to tell apart"
