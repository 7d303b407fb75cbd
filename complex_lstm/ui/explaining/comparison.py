"""The chosen methods' explanations and their faithfulness, computed in the background and shown as they are done."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from complex_lstm.interpretation import METHODS, Explanation, explain
from complex_lstm.interpretation.consensus import MEMBERS
from complex_lstm.interpretation.cost import chance_passes, curve_passes, expected_passes
from complex_lstm.interpretation.evidence import MapEvidence, WindowEvidence, map_evidence, window_evidence
from complex_lstm.interpretation.faithfulness import Curves, counted_chance, faithfulness
from complex_lstm.interpretation.forward import uncounted
from complex_lstm.interpretation.methods import explain_consensus
from complex_lstm.interpretation.robustness import Removals, random_removals
from complex_lstm.interpretation.verdict import Verdict, judge
from complex_lstm.ui.compute.cache import remember
from complex_lstm.ui.compute.jobs import POLL, Job, JobFunction, wait_briefly
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.messages import duration, plain
from complex_lstm.ui.session.page_jobs import is_awaited, pause_page, request_jobs
from complex_lstm.ui.session.progress import draw_progress, draw_resume

PAGE = "importance"
QUICK_ONES = 2  # jobs that begin first
ICONS = {"faithful": "✅", "half": "🟡", "chance": "❌", "nothing": "➖"}  # of a verdict's standing


@dataclass(frozen=True)
class MethodResult:
    """A method's explanation, the curves of its ranking, and how its first cells fare, from which the verdict is made."""

    explanation: Explanation
    curves: Curves
    evidence: MapEvidence


@dataclass(frozen=True)
class Chance:
    """What the methods are compared with on the same window.

    curves    the faithfulness of random rankings
    removals  random removals of cells
    window    what is known of the window before a map of it is judged
    """

    curves: Curves
    removals: Removals
    window: WindowEvidence


@dataclass(frozen=True)
class Comparison:
    """The jobs of one window and choice: one per method, and one for chance; None where Stop came before the request.

    `passes` are about how many forward passes each job takes, by its key. `by_itself`: the baseline was chosen by itself.
    """

    key: Hashable
    methods: dict[str, Job[MethodResult] | None]
    chance_job: Job[Chance] | None
    passes: Mapping[Hashable, int]
    by_itself: bool = False

    @property
    def jobs(self) -> list[Job[Any]]:
        return [job for job in (*self.methods.values(), self.chance_job) if job]

    @property
    def results(self) -> dict[str, MethodResult]:
        """The results computed so far, by method, in the order of the registry."""
        return {name: job.result for name, job in self.methods.items() if job and job.state == "done"}

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        return tuple(result.explanation for result in self.results.values())

    @property
    def chance(self) -> Chance | None:
        return self.chance_job.result if self.chance_job and self.chance_job.state == "done" else None

    def verdict(self, method: str, unit: str) -> Verdict | None:
        """The verdict on a method's map, None as long as it or what it is judged by is not computed. `unit` is the explained output's."""
        found, chance = self.results.get(method), self.chance
        return judge(found.explanation, found.evidence, chance.window, unit=unit, by_itself=self.by_itself) if found and chance else None

    @property
    def errors(self) -> dict[str, str]:
        """The messages of failed jobs, by method."""
        return {name: job.error_message for name, job in self.methods.items() if job and job.error_message}

    @property
    def count_done(self) -> int:
        return sum(not job.is_under_way and job.state != "stopped" for job in self.jobs)

    @property
    def seconds_left(self) -> float | None:
        """The time left at the pace of the jobs that run, None before they have done anything."""
        running = [job for job in self.jobs if job.state == "running"]
        done, seconds = sum(job.done for job in running), sum(time.monotonic() - job.started for job in running)
        if not done:
            return None
        left = sum(max(0, self.passes[job.key] - job.done) for job in self.jobs if job.is_under_way)
        return left * seconds / done / len(running)


def compare(scene: Scene, choice: ExplanationSettings, *, first: str = "", wait: bool = True) -> Comparison:
    """Request what is not computed yet, the method `first` before the others, and return the comparison, after a short wait unless told.

    After Stop nothing is requested until the visitor presses Go on.
    """

    def result(method: str, job: Job[MethodResult]) -> MethodResult:
        function = choice.forward_function(scene, job.must_stop, job.count)
        found = explained(scene, choice, method, job.must_stop, job.count)
        evidence = computed(map_evidence, function, evidence_of_window(scene, choice, job.must_stop), found.attribution)
        return MethodResult(found, computed(faithfulness, function, found.attribution), evidence)

    def chance(job: Job[Chance]) -> Chance:
        function = choice.forward_function(scene, job.must_stop, job.count)
        curves, _ = random_curves(scene, choice, job.must_stop, job.count)
        return Chance(curves, computed(random_removals, function), evidence_of_window(scene, choice, job.must_stop))

    key, request = choice.window_key(scene), choice.request(scene)
    passes: dict[Hashable, int] = {
        ("result", key, name): expected_passes(name, request) + curve_passes(request) for name in choice.methods
    } | {("chance", key): chance_passes(request)}
    functions: dict[Hashable, JobFunction] = {("result", key, name): partial(result, name) for name in choice.methods}
    functions[("chance", key)] = chance
    ahead, behind = ("result", key, first), ("result", key, "consensus")  # the consensus takes up what the others have found
    quick = sorted(functions, key=passes.__getitem__)[:QUICK_ONES]  # something to see; then long ones first, so that none is left alone
    order = sorted(functions, key=lambda one: (one != ahead, one == behind, one not in quick, -passes[one]))
    found = request_jobs(PAGE, key, {one: functions[one] for one in order})
    comparison = Comparison(
        key, {method: found[("result", key, method)] for method in choice.methods}, found[("chance", key)], passes, bool(choice.automatic)
    )
    if wait:
        wait_briefly(comparison.jobs)
    return comparison


def explained(
    scene: Scene, choice: ExplanationSettings, method: str, stop: Callable[[], bool], on_pass: Callable[[int], None] = uncounted
) -> Explanation:
    """Return a method's explanation of the scene's window, computed once for all visitors; the consensus takes those of its members.

    Raises:
        Stopped: `stop` returned True before a forward pass.
    """

    def make() -> Explanation:
        if method != "consensus":
            return computed(explain, scene.model, choice.request(scene), method, device=scene.device, stop=stop, on_pass=on_pass)
        members = {name: explained(scene, choice, name, stop, on_pass) for name in MEMBERS}
        curves, evaluations = random_curves(scene, choice, stop, on_pass)
        function = choice.forward_function(scene, stop, on_pass)
        function.evaluations = evaluations
        return computed(explain_consensus, function, members, curves)

    return remember("explanation", (choice.window_key(scene), method), make, most=512)


def random_curves(
    scene: Scene, choice: ExplanationSettings, stop: Callable[[], bool], on_pass: Callable[[int], None] = uncounted
) -> tuple[Curves, int]:
    """Return the curves of random rankings of the window's cells, and in how many evaluations they were found. Computed once, as above."""

    def make() -> tuple[Curves, int]:
        return computed(counted_chance, choice.forward_function(scene, stop, on_pass))

    return remember("random_curves", choice.window_key(scene), make, most=512)


def evidence_of_window(scene: Scene, choice: ExplanationSettings, stop: Callable[[], bool]) -> WindowEvidence:
    """Return what every map of the window is judged by. Computed once, as above."""
    function = choice.forward_function(scene, stop)
    return remember("window_evidence", choice.window_key(scene), lambda: computed(window_evidence, function), most=512)


def show_progress(comparison: Comparison) -> None:
    """Draw the progress and a button that stops it; run the page again whenever another result is done."""
    for method, message in comparison.errors.items():
        st.warning(f"{METHODS[method].label}: {plain(message)}", icon="⚠️")
    if any(map(is_awaited, comparison.jobs)):
        _watch(comparison, comparison.count_done)
    elif comparison.count_done < len(comparison.methods) + 1:
        draw_resume(PAGE, f"Stopped with {len(comparison.results)} of {len(comparison.methods)} methods done.")
    else:
        st.caption(f"All is computed: {len(comparison.results)} of {len(comparison.methods)} methods, and the random rankings.")


@st.fragment(run_every=POLL)
def _watch(comparison: Comparison, seen: int) -> None:
    if comparison.count_done != seen or not any(map(is_awaited, comparison.jobs)):
        st.rerun()
    running = [METHODS[name].label for name, job in comparison.methods.items() if job and job.state == "running"]
    total, keys = len(comparison.methods) + 1, [job.key for job in comparison.jobs]
    left = "" if comparison.seconds_left is None else f", about {duration(comparison.seconds_left)} left"
    words = f"{seen} of {total} done{left}. Now: {', '.join(running) or 'random rankings'}"
    draw_progress(seen / total, words, key=f"{PAGE}_stop", stop=pause_page, args=(PAGE, comparison.key, keys))
