"""All panes of a window, the sentence on what the prediction rests on, and the line on how far to trust it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from complex_lstm.data import time_labels
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.verdict import judge
from complex_lstm.ui.components.overview import opened_pane, overview_canvas
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.explaining.comparison import Comparison, compare, show_progress
from complex_lstm.ui.explaining.part_scores import PartScore, part_score, score_words, unseen_part
from complex_lstm.ui.explaining.report import report_button
from complex_lstm.ui.explaining.request import QUICK, ExplanationSettings, choose_tint, chosen
from complex_lstm.ui.explaining.sentence import MEMBERS, rests_on
from complex_lstm.ui.session.messages import plain, reading, shown
from complex_lstm.ui.session.scene import predicted_values
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.side_by_side.overview import overview_content
from complex_lstm.ui.side_by_side.pair import Side

CANVAS = "explain_overview"
ICONS = {"faithful": "✅", "half": "🟡", "chance": "❌", "nothing": "➖"}


def follow_panes() -> None:
    """Take up the pane that the visitor has opened: call it before anything is drawn."""
    if pane := opened_pane(CANVAS):
        choose(focus=pane, view="")


def show_overview(scene: Scene) -> None:
    """Draw the sentence, the trust line and the linked panes, and what is computed meanwhile."""
    method = current().explanation.method if current().explanation.method in METHODS else QUICK
    choice = replace(chosen(scene), methods=tuple(name for name in METHODS if name in {*MEMBERS, "consensus", method}))
    comparison = compare(scene, choice)
    scored = part_score(scene, unseen_part(scene))
    result = scored.result if scored.state == "done" else None
    with st.container(key="explain_words"):
        st.markdown(f"{_sentence(scene, choice, comparison)}  \n{_trust(scene, choice, comparison, result)}")
    answer = comparison.results.get(method)
    with st.container(key="view-explain"):
        overview_canvas(
            overview_content(
                Side("as it is", scene, cache.window_trace(scene.keys, scene.number), (), ()),
                explanation=answer.explanation if answer else None,
                method=method,
                unit=choice.unit(scene),
                score=score_words(result, scene) if result else ("scoring the unseen windows…",),
            ),
            file_name=f"window_{scene.number}",
            component_key=CANVAS,
        )
    choices, rest = st.columns([3, 2], vertical_alignment="bottom")
    with choices:
        choose_tint(scene, "explain")
    with rest, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
        _explain_the_panes()
        report_button(scene)
    show_progress(comparison)


def _explain_the_panes() -> None:
    reading(
        "One vertical line marks the same step in every pane. Red cells raise the explained output against the baseline, blue ones lower "
        "it; orange in the gate is convolution stage 1; rows of an attention head are queries, columns keys; a dot is an ensemble head.",
        "A tint is one method's answer against one baseline, attention is not importance, and only the combined output is trained. "
        "Each pane opens large, with what it shows and how far it can be trusted.",
    )


def _prediction(scene: Scene, choice: ExplanationSettings) -> str:
    """Return the explained output with its value, as the sentence names it."""
    value = predicted_values(scene)[choice.output]
    name = scene.outputs[choice.output]
    if scene.is_classes:
        return f"{name} ({value:.0%})"
    return f"{name} {shown(scene, choice.output, float(value))} {scene.dataset.schema.unit(name)}".rstrip()


def _sentence(scene: Scene, choice: ExplanationSettings, comparison: Comparison) -> str:
    there = {name: answer.explanation for name, answer in comparison.results.items() if name in {*MEMBERS, "consensus"}}
    if "consensus" not in there:
        done = sum(name in MEMBERS for name in there)
        words = f"What it rests on is being computed: {done} of {len(MEMBERS)} methods done."
        return f"The prediction is {plain(_prediction(scene, choice))}. {words}"
    return rests_on(there, scene.features, time_labels(scene.times), _prediction(scene, choice))


def _trust(scene: Scene, choice: ExplanationSettings, comparison: Comparison, result: PartScore | None) -> str:
    """Return how far the explanation, and the model, can be trusted: the verdict on the consensus, and the model's score."""
    words = []
    if "consensus" in comparison.results and comparison.chance:
        answer, chance = comparison.results["consensus"], comparison.chance
        verdict = judge(answer.explanation, answer.curves, chance.curves, unit=choice.unit(scene), spread=chance.spread)
        words.append(f"{ICONS[verdict.standing]} {verdict.words}, {verdict.rule}")
    else:
        words.append("⏳ How far this explanation can be trusted is being computed")
    if result and result.scores:
        own, trivial = score_words(result, scene)
        better = "The model is no better than the trivial rule" if result.is_trivial else "The model is better than the trivial rule"
        words.append(f"{better}: {plain(own)}, {plain(trivial)}")
    return ". ".join(words) + "."
