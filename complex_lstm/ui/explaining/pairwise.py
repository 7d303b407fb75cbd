"""One method's answers for two sides of a view, computed beside the page and returned when both are there."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from complex_lstm.interpretation import Explanation, explain
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.model.hooks import Intervention
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.compute.jobs import POLL, Run, Work, wait_briefly, works
from complex_lstm.ui.explaining.request import Choice
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.progress import ask_all, draw_progress, halt, offer_to_go_on


@dataclass(frozen=True)
class Explained:
    """A window as a model sees it, `x`, and what acts on the model; `done` tells what was done to either, nothing where it is empty."""

    scene: Scene
    x: np.ndarray
    interventions: tuple[Intervention, ...] = ()
    done: Hashable = ()

    def key(self, choice: Choice, method: str) -> Hashable:
        return "explained", self.scene.keys, self.scene.number, self.done, choice.asked, method

    def run(self, choice: Choice, method: str) -> Run:
        """Return a run that explains the window, against the baseline of the window as it was."""
        model = IntervenedModel(self.scene.model, self.interventions) if self.interventions else self.scene.model

        def run(work: Work[Any]) -> Explanation:
            request = replace(choice.request(self.scene), x=self.x)
            return explain(model, request, method, device=self.scene.device, stop=work.must_stop)

        return run


def explain_both(page: str, sides: tuple[Explained, Explained], choice: Choice, method: str) -> tuple[Explanation, Explanation] | None:
    """Return the answers for both sides; before they are there draw how far they are, or why they are not coming.

    What this visitor waited for on the page before and now does not, stops.
    """
    runs = {side.key(choice, method): side.run(choice, method) for side in sides}
    asked = [work for work in ask_all(page, tuple(runs), runs).values() if work]
    wait_briefly(asked)
    if trouble := next((work.trouble for work in asked if work.trouble), ""):
        st.warning(plain(trouble), icon="⚠️")
    elif any(work.is_under_way for work in asked):
        _watch(page, list(runs))
    elif len(asked) < len(runs) or any(work.state != "done" for work in asked):
        offer_to_go_on(page, "Stopped before the explanations were there.")
    else:
        return asked[0].result, asked[-1].result  # sides that are alike are one work
    return None


@st.fragment(run_every=POLL)
def _watch(page: str, keys: list[Hashable]) -> None:
    found = [work for work in map(works().find, keys) if work]
    if not any(work.is_under_way for work in found):
        st.rerun()
    done = sum(not work.is_under_way for work in found)
    words = f"Explaining: {done} of {len(found)} done"
    draw_progress(done / len(found), words, key=f"{page}_stop", stop=halt, args=(page, tuple(keys), keys))
