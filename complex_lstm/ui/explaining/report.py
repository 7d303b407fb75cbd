"""The report of a window: one HTML file that opens without a network and is printed on two to five pages of A4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from html import escape

import numpy as np
import streamlit as st

from complex_lstm.config import ModelConfig, WindowConfig
from complex_lstm.data.units import digits
from complex_lstm.evaluation.simple_words import describe_best
from complex_lstm.figures.attention import received_lines
from complex_lstm.figures.gate import gate_over_series
from complex_lstm.figures.importance import cell_heatmap, importance_bars
from complex_lstm.figures.predictions import ensemble_head_bars, probability_bars
from complex_lstm.figures.series import series_lines
from complex_lstm.figures.stills import cells_as_png
from complex_lstm.figures.theme import SEQUENTIAL
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.verdict import RULES
from complex_lstm.model import Checkpoint
from complex_lstm.reports.html import figure_html, now, page_html, table_html, versions
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.attention import head_maps
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.compute.visitor import as_now
from complex_lstm.ui.explaining.findings import Findings
from complex_lstm.ui.explaining.further_measures import FurtherMeasures, further_measures
from complex_lstm.ui.explaining.headline import in_html, naming_of
from complex_lstm.ui.explaining.part_scores import score_words
from complex_lstm.ui.explaining.report_measures import measures_html
from complex_lstm.ui.explaining.simple_comparison import known_comparison
from complex_lstm.ui.session.features import of_features
from complex_lstm.ui.session.messages import shown
from complex_lstm.ui.session.outputs import order_of_outputs
from complex_lstm.ui.session.scene import (
    describe_temperature,
    describe_window,
    model_name,
    predicted_values,
    scaling_note,
    size_sentence,
    title_of,
)

ROWS = 8  # features of a figure, the most important: as many as fit a page with what belongs to them
ALL_BARS = 12
HALF = 440  # pixels of width of a figure that shares its row with another
STANDINGS = {"faithful": "✔", "half": "◐", "chance": "✘", "nothing": "–"}
PATIENCE = 60.0  # seconds to wait for what is still being computed when the report is asked for
LIBRARIES = ("torch", "numpy", "captum", "plotly", "streamlit")


def report_button(findings: Findings) -> None:
    """Draw the button that downloads the report of a window. It can be pressed when all that it needs is computed.

    A run of the page between the click and the file would take the file away, and until then the page runs with every result.
    """
    st.download_button(
        "Report (HTML)",
        as_now(partial(_made, findings)),
        f"report_window_{findings.scene.number}.html",
        "text/html",
        key="explain_report",
        icon="📄",
        help="One file that opens without a network and prints on a few pages: figures, numbers, settings, verdicts, and what takes some "
        "seconds after the click: CPD and CPP of the methods, and the smallest changes found that flip the prediction",
        disabled=not findings.is_final,
        on_click="ignore",
    )


def _made(findings: Findings) -> bytes:
    for job in (*findings.comparison.jobs, findings.scored):
        job.wait(PATIENCE)
    return window_report(findings, further_measures(findings.scene, findings.choice, tuple(findings.comparison.results))).encode()


def window_report(findings: Findings, further: FurtherMeasures) -> str:
    """Return the report of a window as HTML, from the answers that there are; for a missing one it says so.

    Every name from a file is escaped. The file asks for nothing from anywhere: its pictures are in it, and its policy
    forbids scripts and addresses.
    """
    scene = findings.scene
    title = f"{title_of('data', scene.keys[0])}, window {scene.number}"
    before, after = (_claim, _prediction_section, _series_section, _importance_section), (_inside_section, _settings_section)
    place = f"{describe_window(scene, escaped=False)} · model: {model_name(scene.keys[1])}"
    measured = measures_html(further, findings.choice.unit(scene))
    return page_html(title, place, f"{''.join(one(findings) for one in before)}{measured}{''.join(one(findings) for one in after)}")


def _claim(findings: Findings) -> str:
    """Return what the prediction is and rests on, and how far that can be trusted."""
    scene, headline, found = findings.scene, findings.headline, findings.score
    target = naming_of(scene, findings.choice).predicted
    missing = f"The prediction is {target}. What it rests on was not computed yet when this report was made."
    claim = in_html(headline) if headline else escape(missing)
    if found is None or found.scores is None:
        return f'<p class="claim">{claim}</p><p>No score: the answers are not known, or were not scored yet.</p>'
    own, trivial = score_words(found, scene)
    kind = ' class="warning"' if found.is_trivial else ""
    beside = known_comparison(scene, found.part)
    against = f" {describe_best(beside)}" if beside else ""
    return f'<p class="claim">{claim}</p><p{kind}>{escape(f"{found.verdict}: {own}; {trivial}.{against}")}</p>'


def _prediction_section(findings: Findings) -> str:
    scene, windows = findings.scene, findings.scene.dataset.windows
    predicted = predicted_values(scene)
    if scene.is_classes:
        actual = str(windows.label[scene.number])
        likeliest = np.argsort(-predicted, kind="stable")[:ALL_BARS].tolist()
        of_classes = ((scene.outputs[at], f"{predicted[at]:.3f}", "actual" if scene.outputs[at] == actual else "") for at in likeliest)
        calibrated = f"<p>{escape(describe_temperature(scene))}</p>" if scene.temperature != 1 else ""
        return f"<h2>Prediction</h2>{table_html(('class', 'probability', ''), of_classes)}{_left_out(scene, 'most probable')}{calibrated}"
    actual = windows.actual[scene.number]
    rows = (
        (
            f"{name} ({scene.dataset.schema.unit(name)})" if scene.dataset.schema.unit(name) else name,
            shown(scene, place, float(predicted[place])),
            "unknown" if np.isnan(actual[place]) else shown(scene, place, float(actual[place])),
            digits(float(windows.last[scene.number, place])),
        )
        for place, name in ((place, scene.outputs[place]) for place in _drawn_outputs(scene))
    )
    ahead = f"predicted, {scene.dataset.window.horizon} ahead"
    return f"<h2>Prediction</h2>{table_html(('target', ahead, 'actual', 'last value'), rows)}{_left_out(scene, 'largest')}"


def _drawn_outputs(scene: Scene) -> list[int]:
    """Return the outputs in tables and figures: all, or of many the explained one and the most probable or largest."""
    return sorted(order_of_outputs(scene)[:ALL_BARS])


def _left_out(scene: Scene, first: str) -> str:
    """Return how many outputs the table leaves out, nothing where it has all."""
    return f"<p>The {first} of {len(scene.outputs)} outputs.</p>" if len(scene.outputs) > ALL_BARS else ""


def _order(findings: Findings, most: int) -> list[int]:
    """Return the features that figures show: all in their order, or the first of many by the method that ranks them."""
    count, results = len(findings.scene.features), findings.comparison.results
    if count <= most or not results:
        return list(range(count))[:most]
    return np.argsort(-np.abs(results[_method(findings)].explanation.features), kind="stable")[:most].tolist()


def _method(findings: Findings) -> str:
    """Return the method whose map and order the report shows: the consensus, or before it is there the first that is."""
    results = findings.comparison.results
    return "consensus" if "consensus" in results else next(iter(results))


def _ranking(findings: Findings) -> str:
    """Return what ranks the features that are shown, in words."""
    return METHODS[_method(findings)].label if findings.comparison.results else "the file"


def _series_section(findings: Findings) -> str:
    scene, rows = findings.scene, _order(findings, ROWS)
    values, schema = scene.values[:, rows], scene.dataset.schema
    names, units = tuple(scene.features[row] for row in rows), tuple(schema.feature_units[row] for row in rows)
    figure = series_lines(scene.times, values, names=names, units=units, empty=np.isnan(values))
    first = f" The {len(rows)} of {len(scene.features)} features that {_ranking(findings)} ranks first are shown."
    left_out = first if len(rows) < len(scene.features) else ""
    words = f"The window in the file's units. Lines break at empty cells, but the model sees them filled.{left_out}"
    return f"<h2>The window</h2>{figure_html(figure, 'series', words)}"


def _importance_section(findings: Findings) -> str:
    scene, choice, results = findings.scene, findings.choice, findings.comparison.results
    if not results:
        return "<h2>What it rests on</h2><p>No explanation was computed yet when this report was made.</p>"
    method = _method(findings)
    rows, explanation = _order(findings, ALL_BARS), results[method].explanation
    features = tuple(scene.features[row] for row in rows)
    is_signed = METHODS[method].signed
    unit = choice.unit(scene) if is_signed else ""
    cells = cell_heatmap(scene.times, explanation.cells[:, rows], features=features, unit=unit, signed=is_signed, title="")
    words = (
        f"{METHODS[method].label}: how important each cell is for {choice.target(scene)}, against {explanation.baseline}. "
        "Another baseline can give another map, and a map that looks plausible can still be wrong: see the verdicts."
    )
    made = "; ".join(f"{' and '.join(one.names)}: {one.origin}" for one in scene.dataset.schema.derived)
    figures = figure_html(cells, "cells", f"{words} Not in the file, but derived: {made}." if made else words)
    signed = {name: found.explanation for name, found in results.items() if METHODS[name].signed}
    if signed:
        bars = importance_bars(
            np.stack([one.features[rows] for one in signed.values()]),
            methods=tuple(METHODS[name].label for name in signed),
            features=features,
            unit=choice.unit(scene),
            title="",
        )
        figures += figure_html(
            bars,
            "importance",
            "Each feature's importance by each method with a sign, in the output's unit: above zero it raises the output against "
            "the baseline. Methods with one baseline share its faults.",
        )
    return f"<h2>What it rests on</h2>{figures}{_verdicts(findings)}{_feature_table(findings, rows)}"


def _verdicts(findings: Findings) -> str:
    if findings.comparison.chance is None:
        return "<p>The verdicts on the methods were not computed yet when this report was made.</p>"
    unit = findings.choice.unit(findings.scene)
    rows, rules = [], {}
    for name in findings.comparison.results:
        verdict = findings.comparison.verdict(name, unit)
        assert verdict is not None
        rules[verdict.standing] = f"{STANDINGS[verdict.standing]} {RULES[verdict.standing]}"
        warned = "".join(f" {words}." for words in (verdict.measured.capitalize(), *(f"But {one}" for one in verdict.warnings)) if words)
        rows.append((METHODS[name].label, f"{STANDINGS[verdict.standing]} {verdict.words}", f"{verdict.numbers}.{warned}"))
    return (
        f"<h2>How far each method can be trusted on this window</h2>{table_html(('method', 'verdict', 'numbers'), rows)}"
        f"<figcaption>{escape('; '.join(rules.values()))}.</figcaption>"
    )


def _feature_table(findings: Findings, rows: list[int]) -> str:
    results = findings.comparison.results
    heading = ("feature", *(METHODS[name].label for name in results))
    lines = ((findings.scene.features[row], *(f"{found.explanation.features[row]:.4g}" for found in results.values())) for row in rows)
    return f"<h2>Importance in numbers</h2>{table_html(heading, lines)}"


def _inside_section(findings: Findings) -> str:
    """Return the parts of the model: attention heads and what each step receives, the gate, and the ensemble heads."""
    scene = findings.scene
    trace = cache.window_trace(scene.keys, scene.number)
    maps, gate, first = head_maps(trace), trace.gate[0].numpy(), _order(findings, 1)[0]
    heads = ""
    for layer, weights in enumerate(maps.heads if maps else (), 1):
        images = "".join(f'<img alt="" src="{_attention_image(one)}">' for one in weights)
        heads += f'<div class="heads">layer {layer} {images}</div>'
    if heads:
        heads = (
            f"<figure>{heads}<figcaption>Attention heads: a row is the step that attends, a column the step attended to, each map on its "
            "own range. Attention is not importance: each step's content is spread over its neighbours before it is attended to."
            "</figcaption></figure>"
        )
    figures = []
    if maps:
        received = received_lines(scene.times, maps.received, marks=(), title="")
        figures.append(figure_html(received, "attention", "Attention that each step receives, mean over queries and heads.", width=HALF))
    over_series = gate_over_series(scene.times, gate, scene.values[:, first], name=scene.features[first], title="")
    words = "The fusion gate, mean over the channels: 1 is convolution stage 1, 0 stage 2. It does not say how much either carries."
    figures.append(figure_html(over_series, "gate", words, width=HALF))
    outputs, combined = trace.ensemble_head_outputs[0].numpy(), trace.prediction[0].numpy()
    drawn = _drawn_outputs(scene)
    names = of_features(scene.outputs, drawn)
    bars = ensemble_head_bars(outputs[:, drawn], combined[drawn], outputs=names, title="")
    words = "What each ensemble head gives, in the model's own scale. Only the combined output is trained."
    figures.append(figure_html(bars, "ensemble_heads", words, width=HALF))
    if scene.is_classes:
        actual = str(scene.dataset.windows.label[scene.number])
        chart = probability_bars(predicted_values(scene)[drawn], classes=names, actual=actual, title="")
        figures.append(figure_html(chart, "probabilities", "The model's own confidence, not how often it is right.", width=HALF))
    return f'<h2>Inside the model</h2>{heads}<div class="two">{"".join(figures)}</div>'


def _attention_image(weights: np.ndarray) -> str:
    step = -(-len(weights) // 64)
    edges = np.arange(0, len(weights), step)
    small = np.maximum.reduceat(np.maximum.reduceat(weights, edges, axis=0), edges, axis=1)
    return cells_as_png(small / (small.max() or 1.0), SEQUENTIAL)


def _settings_section(findings: Findings) -> str:
    """Return all that is needed to get the same numbers again."""
    scene, choice, results = findings.scene, findings.choice, findings.comparison.results
    table = cache.table(scene.keys[0])
    trained_on = scene.checkpoint.fingerprint if isinstance(scene.checkpoint, Checkpoint) else ""
    efforts = "; ".join(
        f"{METHODS[name].label}: {found.explanation.attribution.effort}, {found.explanation.evaluations} evaluations"
        for name, found in results.items()
    )
    facts: Mapping[str, str] = {
        "model": size_sentence(scene.model.config),
        "model's settings": _in_words(scene.model.config),
        "windows": _in_words(scene.dataset.window),
        "scaling": scaling_note(scene) or ("given with the model" if scene.dataset.scaled_by == "given" else "the checkpoint's own"),
        "explained": f"{choice.target(scene)}, in {choice.unit(scene)}",
        "baseline": choice.baseline_name(scene),
        "methods": efforts or "none",
        "data": f"{table.name}, sha256 {table.fingerprint}",
        "trained on": f"sha256 {trained_on}" if trained_on else "not stated in the checkpoint",
        "device": scene.device_name,
        "versions": versions(LIBRARIES),
        "made": now(),
    }
    return f"<h2>Settings</h2>{table_html(('', ''), facts.items())}"


def _in_words(settings: ModelConfig | WindowConfig) -> str:
    return ", ".join(f"{one.name.replace('_', ' ')} {getattr(settings, one.name)}" for one in fields(settings))
