"""The report on a model: what it is, how good on data, where it is worst, and what has moved since training.

A section is a function of what is checked; `SECTIONS` is their order. A new one is a function and its place in that list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from html import escape

import numpy as np

from complex_lstm.data.units import digits
from complex_lstm.evaluation.blocks import mean_interval
from complex_lstm.evaluation.drift import describe_drift
from complex_lstm.evaluation.drift_and_error import describe_error, error_with_shift
from complex_lstm.evaluation.limits import Limits
from complex_lstm.evaluation.slices import describe_slices, window_errors, worst_slices
from complex_lstm.figures.predictions import confusion_heatmap, residual_histogram
from complex_lstm.figures.slices import share_curves, slice_dots
from complex_lstm.metrics import ClassScores, ValueScores, score_notes
from complex_lstm.model import Checkpoint
from complex_lstm.reports.certainty import certainty_section, simple_section
from complex_lstm.reports.checked import CheckedModel, Figure, Section, written
from complex_lstm.reports.html import figure_html, now, page_html, table_html, versions

LIBRARIES = ("torch", "numpy", "scipy", "scikit-learn", "plotly")
WORST = 12  # slices
MOST_ROWS = 30  # targets, classes or features in a table
MOST_CLASSES = 40  # of a confusion matrix that can be read on paper
MOST_HISTOGRAMS = 3  # targets whose errors are drawn


def model_report(checked: CheckedModel) -> str:
    """Return the report as one HTML file. Every name from a file is escaped."""
    title = f"Model check: {checked.model_name} on {checked.data_name}"
    place = f"{checked.windows} · {now()}"
    claim = f'<p class="{"claim warning" if checked.broken else "claim"}">{escape(verdict(checked))}</p>'
    return page_html(title, place, claim + "".join(_as_html(section(checked)) for section in SECTIONS))


def verdict(checked: CheckedModel) -> str:
    """Return in a sentence whether the model holds what is asked of it."""
    if not checked.broken:
        return (
            f"Passed: better than the trivial rule on {checked.windows}{', and within all limits' if checked.limits != Limits() else ''}."
        )
    return f"Failed: {' '.join(checked.broken)}"


def _as_html(section: Section) -> str:
    figures = "".join(figure_html(one.drawn, one.name, one.words) for one in section.figures)
    table = table_html(section.heading, section.rows) if section.rows else ""
    return f"<h2>{escape(section.title)}</h2><p>{escape(section.sentence)}</p>{figures}{table}"


def score_section(checked: CheckedModel) -> Section:
    """Return the scores on all windows of the part beside the trivial rule, with intervals of the model's."""
    scores, answered = checked.scores, checked.answered
    notes = " ".join(score_notes(checked.dataset, checked.predictions.chosen, checked.predictions.predicted))
    if scores is None:
        return Section("Scores", f"No window of this part has both an answer and a prediction, so there is no score. {notes}")
    every = len(checked.predictions.chosen)
    of_all = f"{scores.windows:,} of {every:,} windows are scored, resampled by {answered.blocks.kind} for the intervals."
    names = checked.dataset.schema.outputs
    if isinstance(scores, ClassScores):
        own = mean_interval(answered.right.astype(float), answered.blocks)
        words = f"Accuracy {written(own)}; always the commonest class {scores.largest:.3f}. {of_all} {notes}"
        order = np.argsort(-scores.confusion.sum(axis=1), kind="stable")[:MOST_ROWS].tolist()
        of_classes = [
            (names[at], f"{scores.confusion[at].sum():,}", _share(scores.recall[at]), _share(scores.precision[at]))
            for at in order
        ]  # fmt: skip
        return Section("Scores", words, _confusion(scores, names), ("class", "windows", "recall", "precision"), of_classes)
    order = np.argsort(-scores.relative_mae, kind="stable")[:MOST_ROWS].tolist()
    rows = [_target_row(checked, scores, at) for at in order]
    left_out = f" The {len(order)} targets that gain least of {len(names)}." if len(order) < len(names) else ""
    words = f"Errors of each target beside those of repeating the last value.{left_out} {of_all} {notes}"
    heading = ("target", "mean absolute error", "repeating the last value", "R²", "of repeating")
    return Section("Scores", words, _histograms(checked, order[:MOST_HISTOGRAMS]), heading, rows)


def _target_row(checked: CheckedModel, scores: ValueScores, at: int) -> tuple[str, ...]:
    name, answered = checked.dataset.schema.outputs[at], checked.answered
    unit = checked.dataset.schema.unit(name)
    own = mean_interval(np.abs(answered.errors[:, at]), answered.blocks)
    r2, of_last = (f"{one[at]:.3f}" if np.isfinite(one[at]) else "the target never changes" for one in (scores.r2, scores.persistence_r2))
    return (f"{name} ({unit})" if unit else name, written(own), digits(float(scores.persistence_mae[at])), r2, of_last)


def _confusion(scores: ClassScores, names: tuple[str, ...]) -> tuple[Figure, ...]:
    if len(names) > MOST_CLASSES:
        return ()
    drawn = confusion_heatmap(scores.confusion, classes=names, title="")
    words = (
        "Windows by actual class (rows) and predicted class (columns), as shares of the actual class. Few windows of a class say little."
    )
    return (Figure(drawn, "confusion", words),)


def _histograms(checked: CheckedModel, targets: list[int]) -> tuple[Figure, ...]:
    found, windows = [], checked.dataset.windows
    for at in targets:
        name, answered = checked.dataset.schema.outputs[at], checked.answered
        still = windows.last[answered.windows, at] - answered.actual[:, at]
        known = ~np.isnan(still)
        if not known.any():
            continue
        unit = checked.dataset.schema.unit(name)
        drawn = residual_histogram(answered.errors[known, at], still[known], name=name, unit=unit, title="")
        words = (
            f"Errors of {name}, the model's and those of repeating the last value. Neighbouring windows overlap, so their errors are alike."
        )
        found.append(Figure(drawn, f"errors_{at}", words))
    return tuple(found)


def slice_section(checked: CheckedModel) -> Section:
    """Return where the model is worst, by every property of the windows."""
    answered = checked.answered
    if not len(answered):
        return Section("Where it is worst", "No window is scored, so there are no slices.")
    words = describe_slices(checked.slices, answered.blocks, is_classes=answered.is_classes)
    worst = worst_slices(checked.slices, WORST)
    if not worst:
        return Section("Where it is worst", words)
    error = "share of wrong windows" if answered.is_classes else "mean error in training deviations"
    drawn = slice_dots(
        [one.label for one in worst],
        np.array([[one.difference.value, one.difference.low, one.difference.high] for one in worst]),
        np.array([one.is_beyond_chance for one in worst]),
        links=[one.label for one in worst],
        x=f"{error}, slice minus others",
        title="",
    )
    caption = (
        f"How much worse each slice is than the others, with 95% intervals by {answered.blocks.kind}; the numbers are the table's. "
        "Ranked by the lower end times the share of the windows. Slices overlap, and what goes with the error need not cause it."
    )
    written = _as_accuracy if answered.is_classes else digits
    rows = [
        (
            f"{place}. {one.label}", f"{one.windows:,} ({one.share:.0%})", written(one.error), written(one.rest),
            "yes" if one.is_beyond_chance else "no",
        )
        for place, one in enumerate(worst, 1)
    ]  # fmt: skip
    heading = ("slice", "windows", "accuracy" if answered.is_classes else error, "in the others", "beyond chance")
    return Section("Where it is worst", words, (Figure(drawn, "slices", caption),), heading, rows)


def shift_section(checked: CheckedModel) -> Section:
    """Return which features have moved from training, and whether the error goes with it."""
    title, drift = "What has moved since training", checked.drift
    if checked.part == "training":
        return Section(title, "These are the training windows themselves.")
    if drift is None:
        return Section(title, "Not known: neither the training data nor what it looked like is in this file or in the checkpoint.")
    words = "this data" if checked.part == "new" else f"the {checked.part} part"
    answered = checked.answered
    together = error_with_shift(answered, checked.part, (), checked.facts, checked.rows) if len(answered) else None
    error = mean_interval(window_errors(answered), answered.blocks) if len(answered) else None
    moved = describe_error(together, error, None, words, drift.kind, is_classes=answered.is_classes)
    first = next((one for one in drift.shifts if len(one.levels)), None)
    figures: tuple[Figure, ...] = ()
    if first is not None:
        drawn = share_curves(
            first.levels, first.before, first.after, name=first.name, unit=first.unit, new=checked.part, title="",
            are_quantiles=drift.against != "training",
        )  # fmt: skip
        caption = (
            f"{first.name}, the first of the table: the share of values up to each value. The largest gap between the lines, straight up "
            "or down, is the distance. A feature that has moved may not matter to the model."
        )
        figures = (Figure(drawn, "shift", caption),)
    rows = [
        (
            one.name, one.verdict, _plain(one.distance), _plain(one.bound), _plain(one.stability),
            _median(one.medians[0]), _median(one.medians[1]),
        )
        for one in drift.shifts[:MOST_ROWS]
    ]  # fmt: skip
    heading = ("feature", "verdict", "distance", "usual up to", "stability index", "median in training", "median here")
    return Section(title, f"{describe_drift(drift, words)} {moved}", figures, heading, rows)


def origin_section(checked: CheckedModel) -> Section:
    """Return which model and which data these are, and by what they were checked."""
    checkpoint, dataset = checked.checkpoint, checked.dataset
    config = ", ".join(
        f"{one.name.replace('_', ' ')} {getattr(checkpoint.model.config, one.name)}" for one in fields(checkpoint.model.config)
    )
    window = ", ".join(f"{one.name.replace('_', ' ')} {getattr(dataset.window, one.name)}" for one in fields(dataset.window))
    trained_on = checkpoint.fingerprint if isinstance(checkpoint, Checkpoint) else ""
    rows = [
        ("model", f"{checked.model_name}, sha256 {checked.fingerprint}"),
        ("its settings", config),
        ("trained on", f"sha256 {trained_on}" if trained_on else "not stated in the checkpoint"),
        ("made by", (checkpoint.command if isinstance(checkpoint, Checkpoint) else "") or "not stated in the checkpoint"),
        ("data", f"{checked.data_name}, sha256 {dataset.table.fingerprint}"),
        ("windows", window),
        ("device", f"{checked.predictions.device}, {checked.predictions.seconds:.1f} s for the predictions"),
        ("versions", versions(LIBRARIES)),
    ]
    notes = " ".join(dataset.report.notes)
    return Section("Model and data", notes or "Which model and which data this report is about.", heading=("", ""), rows=rows)


SECTIONS: tuple[Callable[[CheckedModel], Section], ...] = (
    score_section, simple_section, certainty_section, slice_section, shift_section, origin_section,
)  # fmt: skip


def _as_accuracy(error: float) -> str:
    return f"{1 - error:.3f}"


def _share(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "none"


def _plain(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "unknown"


def _median(value: float) -> str:
    return digits(value) if np.isfinite(value) else "none"
