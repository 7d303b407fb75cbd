"""The choice of what to compare the window with, kept in the selection, and the pair that results."""

from __future__ import annotations

import streamlit as st

from complex_lstm.model import Checkpoint
from complex_lstm.samples import SAMPLES, shipped_models
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import TWIN
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.compute.visitor import open_workspace
from complex_lstm.ui.edits.link import describe
from complex_lstm.ui.edits.session import left_out, open_edited
from complex_lstm.ui.interventions.averages import draw_averaging, is_over_all
from complex_lstm.ui.interventions.resolve import read_setting
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.mirrored import mirrored
from complex_lstm.ui.session.scene import MODELS, model_name, page, still_kept
from complex_lstm.ui.session.state import choose, current, end_page, in_link
from complex_lstm.ui.side_by_side.pair import Kind, Pair, as_edited, before_and_after, two_models, two_windows

KINDS: dict[Kind, str] = {
    "window": "another window", "model": "another checkpoint", "bench": "itself, switched", "edits": "itself, edited",
}  # fmt: skip


def draw_choice(scene: Scene) -> Pair:
    """Draw the choice of what to compare the window with, and return the pair; end the run where there is nothing to compare with."""
    kind: Kind = next((one for one in KINDS if one == current().comparison.versus), "window")
    st.segmented_control(
        "Compare this window with",
        list(KINDS),
        format_func=KINDS.__getitem__,
        required=True,
        **in_link("compare_versus", kind, "versus", other=""),
    )
    return {"window": _choose_window, "model": _choose_model, "bench": _from_bench, "edits": _from_what_if}[kind](scene)


def _choose_window(scene: Scene) -> Pair:
    last = len(scene.dataset.windows) - 1
    other = current().comparison.other
    number = min(int(other), last) if other.isascii() and other.isdigit() and len(other) < 10 else min(scene.number + 1, last)
    st.number_input(
        f"Other window (0 to {last})",
        0,
        last,
        **mirrored("compare_window", number, lambda: choose(other=str(st.session_state["compare_window"]))),
    )
    return two_windows(scene, number)


def _choose_model(scene: Scene) -> Pair:
    """Draw the choice among the shipped models, their shuffled-label controls, this session's models and the link's one."""
    (data, own), other = scene.keys[:2], current().comparison.other
    controls = [f"{sample.key}{TWIN}" for sample in SAMPLES.values() if sample.shuffled_control.exists()]
    known = [*shipped_models(), *controls, *still_kept(MODELS)]
    if other not in known and other in {one.key for one in open_workspace().all("model")}:
        known.append(other)
    offered = {key: cache.checkpoint(key) for key in known if key != own and cache.fits(data, key, current().opened.setup)}
    if not offered:
        st.info("No other checkpoint fits this file. Train one on the Train page, or load one on the Start page.", icon="🧠")
        st.page_link(page("train"), label="Go to the Train page", icon="🏋️")
        end_page()
    same = [key for key, one in offered.items() if isinstance(one, Checkpoint) and one.schema.outputs == scene.outputs]
    itself = cache.split_temperature(own)[0]  # without the temperature that it has here
    ordered = sorted(dict.fromkeys([*same, *offered]), key=lambda key: key == itself)  # those that predict the same outputs come first
    chosen = other if other in offered else ordered[0]
    st.selectbox(
        "Other checkpoint",
        ordered,
        format_func=_name,
        **in_link("compare_model", chosen, "other"),
    )
    return two_models(scene, chosen, (_name(own), _name(chosen)))


def _name(key: str) -> str:
    return f"{model_name(key.removesuffix(TWIN))}, shuffled-label control" if key.endswith(TWIN) else model_name(key)


def _from_bench(scene: Scene) -> Pair:
    setting = read_setting(scene)
    if setting.switches:
        st.markdown(f"**Switched:** {plain(setting.words(scene))}.")
    else:
        st.info("No switch is set, so both sides are the same.", icon="🔧")
    if is_over_all() and setting.chosen:
        draw_averaging(scene.keys)
    st.button("Go to the switches", key="compare_to_switches", icon="🔧", on_click=choose, kwargs={"focus": "switch", "view": ""})
    return before_and_after(scene, setting)


def _from_what_if(scene: Scene) -> Pair:
    edited = open_edited(scene)
    if edited.edits:
        st.markdown(f"**Edited:** {plain('; '.join(describe(edit, scene) for edit in edited.edits))}.")
    else:
        st.info("This window is not edited, so both sides are the same.", icon="✏️")
    for reason in left_out(scene):
        st.warning(plain(reason), icon="⚠️")
    st.button("Go to the edits", key="compare_to_edits", icon="✏️", on_click=choose, kwargs={"focus": "edit", "view": ""})
    return as_edited(edited)
