"""The explanation before and after the edits, computed beside the page and drawn on one scale."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from complex_lstm.figures.what_if import before_after_heatmaps
from complex_lstm.interpretation import METHODS, Explanation, explain
from complex_lstm.model.device import pick_device
from complex_lstm.ui.importance.choices import Choice, chosen
from complex_lstm.ui.messages import caption, plain, reading
from complex_lstm.ui.state import choose
from complex_lstm.ui.wanted import ask_all, draw_progress, halt, offer_to_go_on
from complex_lstm.ui.what_if.edits import Bench
from complex_lstm.ui.work import POLL, Work, wait_briefly, works

PAGE = "what_if"
QUICK = "occlusion"


def show_explanations(bench: Bench) -> None:
    """Draw one method's answer for the window as it was and as it is now, and the difference."""
    choice, method = _choose(bench)
    asked = _ask(bench, choice, method)
    if trouble := next((work.trouble for work in asked if work.trouble), ""):
        st.warning(plain(trouble), icon="⚠️")
    elif any(work.is_under_way for work in asked):
        _watch([work.key for work in asked])
    elif all(work.state == "done" for work in asked):
        before, after = (work.result for work in asked)
        _draw(bench, choice, before, after)
    else:
        offer_to_go_on(PAGE, "Stopped before the explanations were there.")


def _choose(bench: Bench) -> tuple[Choice, str]:
    choice = chosen(bench.scene)
    left, right = st.columns(2)
    st.session_state["what_if_target"] = choice.output
    left.selectbox(
        "Explain the output",
        range(len(bench.scene.outputs)),
        format_func=bench.scene.outputs.__getitem__,
        key="what_if_target",
        on_change=lambda: choose(target=st.session_state["what_if_target"]),
    )
    names = list(METHODS)
    method = right.selectbox(
        "By the method",
        names,
        index=names.index(QUICK),
        format_func=lambda name: METHODS[name].label,
        key="what_if_method",
        persist_state="session",
    )
    return choice, method


def _ask(bench: Bench, choice: Choice, method: str) -> list[Work[Explanation]]:
    """Return the works of both explanations, asked for unless the visitor stopped them; what was asked before stops."""
    about = choice.asked, method
    runs: dict[Hashable, Callable[[Work[Any]], Explanation]] = {
        ("what_if", bench.scene.keys, bench.scene.number, edits, about): _explaining(bench, choice, method, x)
        for edits, x in (((), bench.window.x_before), (bench.edits, bench.window.x))
    }
    found = [work for work in ask_all(PAGE, tuple(runs), runs).values() if work]
    wait_briefly(found)
    return found if bench.edits else found * 2  # without edits before and after are one


def _explaining(bench: Bench, choice: Choice, method: str, x: np.ndarray) -> Callable[[Work[Any]], Explanation]:
    """Return a run that explains the window x, before and after against the same baseline: that of the window as it was."""

    def run(work: Work[Any]) -> Explanation:
        question = replace(choice.question(bench.scene), x=x)
        return explain(bench.scene.model, question, method, device=pick_device(), stop=work.must_stop)

    return run


@st.fragment(run_every=POLL)
def _watch(keys: list[Hashable]) -> None:
    found = [work for work in map(works().find, keys) if work]
    if not any(work.is_under_way for work in found):
        st.rerun()
    done = sum(not work.is_under_way for work in found)
    words = f"Explaining: {done} of {len(found)} done"
    draw_progress(done / len(found), words, key=f"{PAGE}_stop", stop=halt, args=(PAGE, tuple(keys), keys))


def _draw(bench: Bench, choice: Choice, before: Explanation, after: Explanation) -> None:
    scene, unit = bench.scene, choice.unit(bench.scene) if METHODS[before.method].signed else ""
    st.plotly_chart(
        before_after_heatmaps(
            scene.times, before.cells, after.cells, changed=bench.window.changed, features=scene.features, unit=unit, title=""
        ),
        key="what_if_explanations",
        alt=f"Importance of every cell by {METHODS[before.method].label} before the edits, after them, and the difference",
    )
    caption(
        method=METHODS[before.method].label,
        baseline=before.baseline,
        target=f"{choice.target(scene)}, {unit or 'no unit'}",
        steps=f"{after.attribution.effort}; {after.evaluations} evaluations each",
        device=after.device,
    )
    reading(
        "All three maps share one colour range; red raises the output against the baseline, blue lowers it, and dots are edited cells.",
        "A cell's importance can change although the cell did not: the model reads it beside the edited ones.",
    )
