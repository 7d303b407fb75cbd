"""All panes of a window, the headline on what the prediction rests on, and the line on how far to trust it."""

from __future__ import annotations

import streamlit as st

from complex_lstm.interpretation.headline import OF_HEADLINE
from complex_lstm.ui.components.overview import opened_pane, overview_canvas
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import wait_briefly
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import ICONS, show_progress
from complex_lstm.ui.explaining.findings import Findings, window_findings
from complex_lstm.ui.explaining.headline import in_markdown, naming_of
from complex_lstm.ui.explaining.other_baselines import offer_baselines, offer_usual
from complex_lstm.ui.explaining.part_scores import score_words
from complex_lstm.ui.explaining.report import report_button
from complex_lstm.ui.explaining.request import choose_tint
from complex_lstm.ui.session.features import show_derived
from complex_lstm.ui.session.figures import file_name
from complex_lstm.ui.session.messages import plain, reading
from complex_lstm.ui.session.page_jobs import is_awaited
from complex_lstm.ui.session.progress import pressed, rerun_when_done
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import choose, current, is_lesson
from complex_lstm.ui.side_by_side.overview import overview_content
from complex_lstm.ui.side_by_side.pair import Side

CANVAS = "explain_overview"


def follow_panes() -> None:
    """Take up the pane that the visitor has opened: call it before anything is drawn."""
    if pane := opened_pane(CANVAS):
        choose(focus=pane, view="")


def show_overview(scene: Scene) -> None:
    """Draw the headline, the trust line and the linked panes, and what is computed meanwhile.

    A projector has the headline alone above the panes, and no choices.
    """
    findings, is_presented = window_findings(scene), bool(current().present)
    with st.container(key="explain_words"):
        st.markdown(_headline(findings) if is_presented else f"{_headline(findings)}  \n{_trust(findings)}")
        if findings.is_flat and not (is_presented or is_lesson()):
            offer_baselines("explain", scene, findings.choice)
        if not is_presented:
            offer_usual("explain", scene, findings.choice)
    is_tinted = _draw_panes(findings)
    if is_presented:
        st.markdown(_trust(findings))
    show_derived(scene)
    if not is_presented:
        _draw_choices(findings)
        nearest = "nearest training windows" if len(scene.dataset.windows.of_part("training")) else "nearest windows"
        if pressed(f"See the {nearest} on the map of windows", key="explain_map", icon="🗺️", type="tertiary"):
            choose(focus="", view="map")
            st.switch_page(page("check"))
    show_progress(findings.comparison)
    if findings.awaits_score:
        rerun_when_done(findings.scored)
    if not is_tinted:
        _await_tint(findings)


def _draw_panes(findings: Findings) -> bool:
    """Draw the linked panes, and return whether the method that is to tint them is done."""
    scene, answer = findings.scene, findings.comparison.results.get(findings.tint)
    with st.container(key="view-explain"):
        overview_canvas(
            overview_content(
                Side("as it is", scene, cache.window_trace(scene.keys, scene.number), (), ()),
                explanation=answer.explanation if answer else None,
                method=findings.tint,
                unit=findings.choice.unit(scene),
                score=score_words(findings.score, scene) if findings.score else ("its score is being computed…",),
            ),
            file_name=file_name("overview", scene.number),
            component_key=CANVAS,
        )
    return answer is not None and findings.tint == findings.method


def _draw_choices(findings: Findings) -> None:
    """Draw what is explained and by what it is tinted, how to read the panes, and the report. In a lesson the reading is a long text."""
    choices, rest = st.columns([3, 2], vertical_alignment="bottom")
    with choices:
        choose_tint(findings.scene, "explain")
    with rest, st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
        if not is_lesson():
            _explain_the_panes()
        report_button(findings)
    if is_lesson():
        _explain_the_panes()


def _await_tint(findings: Findings) -> None:
    """Wait a moment for the method that tints the series, and draw the page again if it is done: the panes are on the screen meanwhile."""
    job = findings.comparison.methods[findings.method]
    if job and is_awaited(job):
        wait_briefly([job])
    if job and job.state == "done":
        st.rerun()


def _explain_the_panes() -> None:
    reading(
        "One vertical line marks the same step in every pane. Red cells raise the explained output against the baseline, blue ones lower "
        "it; orange in the gate is convolution stage 1; rows of an attention head are queries, columns keys; a dot is an ensemble head.",
        "A tint is one method's answer against one baseline, attention is not importance, and only the combined output is trained. "
        "Each pane opens large, with what it shows and how far it can be trusted.",
    )


def _headline(findings: Findings) -> str:
    if found := findings.headline:
        return in_markdown(found)
    done = sum(name in findings.comparison.results for name in OF_HEADLINE)
    words = f"What it rests on is being computed: {done} of {len(OF_HEADLINE)} methods done."
    return f"The prediction is {plain(naming_of(findings.scene, findings.choice).predicted)}. {words}"


def _trust(findings: Findings) -> str:
    """Return how far the explanation, and the model, can be trusted: what the headline's verdict is worth, and the model's score."""
    scene, words = findings.scene, []
    if found := findings.headline:
        measured = f"{found.verdict.measured}. It means: " if found.verdict.measured else "This verdict means: "
        words.append(f"{ICONS[found.verdict.standing]} {measured[0].upper()}{measured[1:]}{found.verdict.rule}")
    else:
        words.append("⏳ How far this explanation can be trusted is being computed")
    if findings.score and findings.score.scores:
        own, trivial = score_words(findings.score, scene)
        words.append(f"{findings.score.verdict}: {plain(own)}, {plain(trivial)}")
    return ". ".join(words) + "."
