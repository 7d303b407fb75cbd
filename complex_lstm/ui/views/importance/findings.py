"""What the checks of a window's explanations have found, as far as they are computed. Nothing is computed for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.sanity import STUBBORN
from complex_lstm.interpretation.verdict import Standing, judge
from complex_lstm.ui.compute.jobs import Job, job_queue
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import ExplanationSettings, chosen
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.progress import partial_results
from complex_lstm.ui.session.scene import has_known_cells
from complex_lstm.ui.views.importance.known_view import known_key
from complex_lstm.ui.views.importance.shuffled_labels import find_shuffled_label_control

STANDINGS: dict[Standing, str] = {
    "faithful": "✅ the prediction depends on the top cells",
    "half": "🟡 it depends on them in part",
    "chance": "❌ it does not depend on them",
    "nothing": "➖ nothing to explain",
}


def describe_checks(scene: Scene) -> str:
    """Return what each check has found of the window's explanations, and which checks are not computed yet. Markdown."""
    choice = chosen(scene)
    found = {
        "Faithfulness": "; ".join(_standings(scene, choice)),
        "Sanity": "; ".join(_sanity(scene, choice)),
        "Known answers": _known(scene, choice),
    }
    missing = [name for name, words in found.items() if not words and (name != "Known answers" or has_known_cells(scene))]
    told = [f"{name}: {words}" for name, words in found.items() if words]
    if missing:
        told.append(f"{'Not' if told else 'not'} checked yet: {', '.join(missing)}, see these views")
    return ". ".join(told)


def _standings(scene: Scene, choice: ExplanationSettings) -> Iterator[str]:
    """Yield of which methods the prediction depends on the top cells of the window, and of which it does not."""
    key = choice.window_key(scene)
    chance = _done(("chance", key))
    results = {name: result for name in METHODS if (result := _done(("result", key, name)))}
    if not chance or not results:
        return
    unit = choice.unit(scene)
    standings = {name: judge(one.explanation, one.evidence, chance.window, unit=unit).standing for name, one in results.items()}
    for standing, words in STANDINGS.items():
        if names := [name for name in standings if standings[name] == standing]:
            yield f"{words} {_labels(names)}"


def _sanity(scene: Scene, choice: ExplanationSettings) -> Iterator[str]:
    """Yield whether maps depend on what was learned: with random weights, and on the shuffled-label control."""
    key = choice.key(scene)
    random = {name: float(one.likeness[-1]) for name, one in partial_results("importance_cascade", key).items()}
    shuffled = partial_results("importance_twin", (find_shuffled_label_control(scene), key))
    for values, what in ((random, "the trained weights"), (shuffled, "the labels")):
        stubborn = [name for name, value in values.items() if not np.isnan(value) and value > STUBBORN]
        if stubborn:
            yield f"❌ hardly dependent on {what} {_labels(stubborn)}"
        if values and len(stubborn) < len(values):
            yield f"✅ {len(values) - len(stubborn)} of {len(values)} methods depend on {what}"


def _known(scene: Scene, choice: ExplanationSettings) -> str:
    """Return which method finds the deciding cells best, beside chance; "" where this is not known or not computed."""
    found = partial_results("importance_known", known_key(scene, choice.of_many))
    if not found:
        return ""
    auprc = {name: float(np.mean([one.auprc for one, _ in pairs])) for name, pairs in found.items()}
    best = max(auprc, key=auprc.__getitem__)
    chance = float(np.mean([one.chance for one, _ in found[best]]))
    return f"{METHODS[best].label} finds most of the deciding cells, AUPRC {auprc[best]:.2f} (chance {chance:.2f})"


def _labels(names: Iterable[str]) -> str:
    return plain(f"({', '.join(METHODS[name].label for name in names)})")


def _done(key: Any) -> Any:
    job: Job[Any] | None = job_queue().find(key)
    return job.result if job and job.state == "done" else None
