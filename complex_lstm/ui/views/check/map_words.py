"""What stands below the map of windows: how far the picture can be trusted, which windows are in it, and how it was made."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.errors import install_extra
from complex_lstm.evaluation.window_map import Picture, umap_lacks
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.explained_windows import BINS
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.scene import target_label, unit_of
from complex_lstm.ui.views.check.map_jobs import MapSettings, WindowMap


def say_what_is_drawn(scene: Scene, settings: MapSettings, found: WindowMap, picture: Picture, drawn: int) -> None:
    """Write how far the picture can be trusted, which windows are in it, and how it was made."""
    mapped = found.mapped
    missing = f" For UMAP beside PCA: `{install_extra('umap')}`" if umap_lacks() else ""
    st.markdown(f"{_share_words(picture)} {_trust_words(picture)}{missing}".strip())
    words = _windows_words(found, drawn)
    if settings.space:
        target = "the predicted class of each window" if scene.is_classes else target_label(scene, settings.output)
        caption(
            method=METHODS[settings.explainer].label,
            compared=f"signed sums of each feature, of the whole window and of each of {BINS} stretches of it, by direction alone",
            target=f"{target}, {unit_of(scene, settings.output)}",
            windows=words,
            device=mapped.predictions.device,
        )
    else:
        caption(
            compared=f"mean, largest and last hidden state: {mapped.points.shape[1]} numbers, in standard deviations of the "
            f"{found.known.name}",
            windows=words,
            device=mapped.predictions.device,
            time=f"{mapped.predictions.seconds:.1f} s when computed",
        )
    reading(
        "A point is a window. Windows near each other look alike to the model; the ring is the window in view, and the open diamonds are "
        "the known windows most like it. Click a point to open it, or draw around a group to list it below.",
        "Two axes cannot keep all distances: nearest windows are found by all numbers, not in the picture, so a diamond may lie far from "
        "the ring. Of UMAP, neither distances between groups nor their sizes mean anything. That windows are near does not say why.",
    )


def _windows_words(found: WindowMap, drawn: int) -> str:
    """Return which windows are mapped, and which are not."""
    count, window = len(found.mapped.chosen), found.mapped.dataset.window
    is_sample = count + found.left_out < found.total
    stride = "whole series" if window.whole_series else f"stride {window.stride}"
    words = f"{count:,} of {found.total:,}, evenly spread" if is_sample else f"{count:,}, all"
    words += f", of every part, at the model's own stride ({stride})"
    words += f"; {found.left_out:,} without finite numbers are left out" if found.left_out else ""
    return words + (f"; drawn are {drawn:,}, evenly spread" if drawn < count else "")


def _share_words(picture: Picture) -> str:
    if picture.shares is None:
        return "Laid out by UMAP, which keeps who is near whom, and no distances."
    if not np.isfinite(picture.shares).all():
        return "The windows do not differ, so there is no picture of them."
    return f"These two axes hold **{picture.shares.sum():.0%} of the variance**: distances in the picture are that true."


def _trust_words(picture: Picture) -> str:
    if not np.isfinite(picture.trust):
        return ""
    how = "are mostly" if picture.trust >= 0.9 else "are often" if picture.trust >= 0.8 else "are often not"
    return (
        f"Neighbours in the picture {how} neighbours in all dimensions: trustworthiness {picture.trust:.2f}, where 1 is the best"
        f" (measured on {picture.trusted:,} windows)."
    )


def error_words(scene: Scene) -> str:
    """Return what an error of the map is, with its unit."""
    if scene.is_classes:
        return "1 − probability of the answer"
    return "mean absolute error (standard deviations)" if len(scene.outputs) > 1 else "absolute error (standard deviations)"
