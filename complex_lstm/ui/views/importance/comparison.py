"""The chosen methods' answers and their faithfulness, computed beside the page and shown as they come."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from complex_lstm.interpretation import METHODS, Explanation, explain
from complex_lstm.interpretation.faithfulness import Curves, faithfulness, random_faithfulness
from complex_lstm.interpretation.robustness import Removals, random_removals
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.compute.jobs import POLL, Run, Work, wait_briefly
from complex_lstm.ui.explaining.request import Choice
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.progress import ask_all, draw_progress, halt, offer_to_go_on, want_nothing

PAGE = "importance"


@dataclass(frozen=True)
class Answer:
    """A method's explanation and the curves of its ranking."""

    explanation: Explanation
    curves: Curves


@dataclass(frozen=True)
class Chance:
    """What random rankings do on the same window, random removals, and how far the output spreads over training windows."""

    curves: Curves
    removals: Removals
    spread: float


@dataclass(frozen=True)
class Comparison:
    """The works of one window and choice: one a method, and one for chance."""

    key: Hashable
    methods: dict[str, Work[Answer] | None]
    chance_work: Work[Chance] | None

    @property
    def all(self) -> list[Work[Any]]:
        return [work for work in (*self.methods.values(), self.chance_work) if work]

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers that are there, by method, in the order of the registry."""
        return {name: work.result for name, work in self.methods.items() if work and work.state == "done"}

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        return tuple(answer.explanation for answer in self.answers.values())

    @property
    def chance(self) -> Chance | None:
        return self.chance_work.result if self.chance_work and self.chance_work.state == "done" else None

    @property
    def troubles(self) -> dict[str, str]:
        """What went wrong, by method."""
        return {name: work.trouble for name, work in self.methods.items() if work and work.trouble}

    @property
    def count_done(self) -> int:
        return sum(not work.is_under_way and work.state != "stopped" for work in self.all)


def compare(scene: Scene, choice: Choice) -> Comparison:
    """Ask for the answers that are not there yet, and return the comparison as it is after a moment.

    What this visitor waited for before and now does not, stops. After a press on Stop nothing is asked until they go on.
    """
    key = choice.of_window(scene)
    runs: dict[Hashable, Run] = {("chance", key): _drawing(scene, choice)}
    runs |= {("answer", key, name): _answering(scene, choice, name) for name in choice.methods}
    found = ask_all(PAGE, key, runs)
    comparison = Comparison(key, {method: found[("answer", key, method)] for method in choice.methods}, found[("chance", key)])
    wait_briefly(comparison.all)
    return comparison


def leave_comparison() -> None:
    """Stop what this visitor waited for: another view needs the cores."""
    want_nothing(PAGE)


def show_progress(comparison: Comparison) -> None:
    """Show how far it is, with a way to stop, and draw the page anew whenever something more is there."""
    for method, words in comparison.troubles.items():
        st.warning(f"{METHODS[method].label}: {plain(words)}", icon="⚠️")
    if any(work.is_under_way for work in comparison.all):
        _watch(comparison, comparison.count_done)
    elif comparison.count_done < len(comparison.methods) + 1:
        offer_to_go_on(PAGE, f"Stopped with {len(comparison.answers)} of {len(comparison.methods)} methods done.")
    else:
        st.caption(f"All is computed: {len(comparison.answers)} of {len(comparison.methods)} methods, and the random rankings.")


@st.fragment(run_every=POLL)
def _watch(comparison: Comparison, seen: int) -> None:
    under_way = any(work.is_under_way for work in comparison.all)
    if comparison.count_done != seen or not under_way:
        st.rerun()
    running = [METHODS[name].label for name, work in comparison.methods.items() if work and work.state == "running"]
    total, wanted = len(comparison.methods) + 1, [work.key for work in comparison.all]
    words = f"{seen} of {total} done. Now: {', '.join(running) or 'random rankings'}"
    draw_progress(seen / total, words, key=f"{PAGE}_stop", stop=halt, args=(PAGE, comparison.key, wanted))


def _answering(scene: Scene, choice: Choice, method: str) -> Any:
    def run(work: Work[Answer]) -> Answer:
        found = explain(scene.model, choice.request(scene), method, device=scene.device, stop=work.must_stop)
        return Answer(found, faithfulness(choice.ask(scene, work.must_stop), found.attribution))

    return run


def _drawing(scene: Scene, choice: Choice) -> Any:
    def run(work: Work[Chance]) -> Chance:
        asked = choice.ask(scene, work.must_stop)
        return Chance(random_faithfulness(asked), random_removals(asked), float(asked.draw_outputs().std()))

    return run
