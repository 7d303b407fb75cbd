"""What is put beside the window: the choice, kept in the selection, and the pair that it makes.

What a view can be put beside: another window, another checkpoint, itself on the bench, or itself as edited.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from complex_lstm.errors import DataError
from complex_lstm.model import Checkpoint
from complex_lstm.samples import SAMPLES, shipped_models
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import TWIN, Scene
from complex_lstm.ui.edits.link import describe
from complex_lstm.ui.edits.session import EditedView, left_out, open_edited
from complex_lstm.ui.interventions.resolve import Setting, read_setting, switched_trace
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import MODELS, model_name, page
from complex_lstm.ui.session.state import choose, current, end_page
from complex_lstm.ui.side_by_side.pair import EditedSide, Kind, Pair, Side
from complex_lstm.workspace import open_workspace


def before_and_after(scene: Scene, setting: Setting) -> Pair:
    """Return the window as it is, and under the switches of the bench."""
    after = Side("switched", scene, switched_trace(scene, setting), setting.interventions, setting.text or ())
    return Pair("bench", _as_it_is("as it is", scene), after)


def as_edited(bench: EditedView) -> Pair:
    """Return the window as it is, and with the edits of the page What if."""
    after = EditedSide("as edited", bench.scene, bench.after, (), bench.edits, bench.window)
    return Pair("edits", _as_it_is("as it is", bench.scene), after)


def two_windows(scene: Scene, number: int) -> Pair:
    """Return the window beside another one of the same data."""
    other = replace(scene, number=number)
    return Pair("window", _as_it_is(f"window {scene.number}", scene), _as_it_is(f"window {number}", other))


def two_models(scene: Scene, model: str, names: tuple[str, str]) -> Pair:
    """Return the window beside what another checkpoint makes of the same stretch of the same series.

    Raises:
        DataError: the other checkpoint reads no series of that name.
    """
    keys = (scene.keys[0], model, *scene.keys[2:])
    other = Scene(keys, cache.dataset(*keys), cache.checkpoint(model), 0)
    other = replace(other, number=_same_stretch(scene, other))
    return Pair("model", _as_it_is(names[0], scene), _as_it_is(names[1], other))


def _as_it_is(name: str, scene: Scene) -> Side:
    return Side(name, scene, cache.window_trace(scene.keys, scene.number), (), ())


def _same_stretch(scene: Scene, other: Scene) -> int:
    """Return the other data set's window that ends where the scene's window ends, or as near to it as there is one."""
    own, theirs = scene.dataset.windows, other.dataset.windows
    name = scene.dataset.series[int(own.series[scene.number])].name
    numbers = [number for number, one in enumerate(other.dataset.series) if one.name == name]
    found = np.flatnonzero(np.isin(theirs.series, numbers))
    if not len(found):
        raise DataError(f"The other checkpoint finds no window in the series {name!r}: it orders the file otherwise. Choose another one.")
    end = int(own.start[scene.number] + own.length[scene.number])
    return int(found[np.argmin(np.abs(theirs.start[found] + theirs.length[found] - end))])


KINDS: dict[Kind, str] = {
    "window": "another window", "model": "another checkpoint", "bench": "itself on the bench", "edits": "as edited in What if",
}  # fmt: skip


def draw_choice(scene: Scene) -> Pair:
    """Draw what the view is put beside, and return the pair; end the run where there is nothing to put beside it."""
    kind: Kind = next((one for one in KINDS if one == current().comparison.versus), "window")
    st.session_state["compare_versus"] = kind
    st.segmented_control(
        "Put beside this window", list(KINDS), format_func=KINDS.__getitem__, key="compare_versus", required=True, on_change=_take_kind
    )
    return {"window": _choose_window, "model": _choose_model, "bench": _from_bench, "edits": _from_what_if}[kind](scene)


def _take_kind() -> None:
    choose(versus=st.session_state["compare_versus"], other="")


def _take_other(key: str) -> None:
    choose(other=str(st.session_state[key]))


def _choose_window(scene: Scene) -> Pair:
    last = len(scene.dataset.windows) - 1
    other = current().comparison.other
    number = min(int(other), last) if other.isascii() and other.isdigit() and len(other) < 10 else min(scene.number + 1, last)
    st.session_state["compare_window"] = number
    st.columns(2)[0].number_input(
        f"Other window (0 to {last})", 0, last, key="compare_window", on_change=_take_other, args=("compare_window",)
    )
    return two_windows(scene, number)


def _choose_model(scene: Scene) -> Pair:
    data, own = scene.keys[:2]
    offered = [key for key in _checkpoints(current().comparison.other) if key != own and cache.fits(data, key)]
    offered.sort(key=lambda key: _outputs(key) != scene.outputs)  # those that predict the same come first
    if not offered:
        st.info("No other checkpoint fits this file. Train one on the Train page, or load one on the Start page.", icon="🧠")
        st.page_link(page("train"), label="Go to the Train page", icon="🏋️")
        end_page()
    chosen = current().comparison.other if current().comparison.other in offered else offered[0]
    st.session_state["compare_model"] = chosen
    st.columns(2)[0].selectbox(
        "Other checkpoint", offered, format_func=_name, key="compare_model", on_change=_take_other, args=("compare_model",)
    )
    return two_models(scene, chosen, (_name(own), _name(chosen)))


def _checkpoints(other: str) -> list[str]:
    """Return shipped models and their twins, this session's, and the one that a link names."""
    twins = [f"{sample.key}{TWIN}" for sample in SAMPLES.values() if sample.shuffled_control.exists()]
    known = [*shipped_models(), *twins, *st.session_state.get(MODELS, [])]
    kept = {one.key for one in open_workspace().all("model")}
    return [*known, *([other] if other in kept and other not in known else [])]


def _outputs(key: str) -> tuple[str, ...]:
    loaded = cache.checkpoint(key)
    return loaded.schema.outputs if isinstance(loaded, Checkpoint) else ()


def _name(key: str) -> str:
    return f"{model_name(key.removesuffix(TWIN))}, twin on shuffled labels" if key.endswith(TWIN) else model_name(key)


def _from_bench(scene: Scene) -> Pair:
    setting = read_setting(scene)
    if setting.switches:
        st.markdown(f"**Switched:** {plain(setting.words(scene))}.")
    else:
        st.info("Nothing is switched on the bench, so that both sides are the same.", icon="🔧")
    st.page_link(page("bench"), label="Go to the bench", icon="🔧")
    return before_and_after(scene, setting)


def _from_what_if(scene: Scene) -> Pair:
    bench = open_edited(scene)
    if bench.edits:
        st.markdown(f"**Edited:** {plain('; '.join(describe(edit, scene) for edit in bench.edits))}.")
    else:
        st.info("This window is not edited, so that both sides are the same.", icon="✏️")
    for trouble in left_out(scene):
        st.warning(plain(trouble), icon="⚠️")
    st.page_link(page("what_if"), label="Go to What if", icon="✏️")
    return as_edited(bench)
