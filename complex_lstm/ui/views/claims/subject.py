"""The model on which the claims are checked: the open one, or without one an untrained model of full size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from complex_lstm.config import ModelConfig
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import pick_device
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.scene import chosen_scene, model_name, offer_samples, page
from complex_lstm.ui.session.state import current

FULL_SIZE = ModelConfig()
STEPS = 50  # of the window of random numbers


@dataclass(frozen=True)
class FullSizeModel:
    """An untrained model with the sizes that the architecture document gives, used where no model is open."""

    config: ModelConfig = FULL_SIZE
    key: str = ""
    name: str = "an untrained model of full size"
    window_name: str = "random numbers"

    @property
    def window(self) -> np.ndarray:
        """Random numbers in place of scaled features, (time, feature)."""
        return np.random.default_rng(0).standard_normal((STEPS, self.config.input_dim)).astype(np.float32)

    def model(self) -> ComplexLSTMModel:
        with torch.random.fork_rng(devices=[]):  # initial weights are drawn from the process's generator, which must not change here
            return ComplexLSTMModel(**vars(self.config)).to(pick_device()).eval().requires_grad_(False)


@dataclass(frozen=True)
class OpenModel:
    """The open model on the open data."""

    scene: Scene

    @property
    def config(self) -> ModelConfig:
        return self.scene.model.config

    @property
    def key(self) -> str:
        return self.scene.keys[1]

    @property
    def name(self) -> str:
        return model_name(self.key)

    @property
    def window(self) -> np.ndarray:
        return self.scene.inputs

    @property
    def window_name(self) -> str:
        return f"window {self.scene.number}, repeated as needed"

    def model(self) -> ComplexLSTMModel:
        return self.scene.model


Subject = FullSizeModel | OpenModel


def find_subject() -> Subject:
    """Return the open model with its data, else the untrained model of full size."""
    selection = current()
    return OpenModel(chosen_scene(selection)) if selection.is_open else FullSizeModel()


def offer_opening() -> None:
    """Write that gradients need a trained model and data, and link to the pages that provide them."""
    st.markdown("How gradients flow can only be measured on a trained model and its data.")
    if not current().opened.data:
        offer_samples()
        return
    st.info("No model is open for this data. Train a small one, or load a checkpoint on the Start page.", icon="🧠")
    st.page_link(page("train"), label="Go to the Train page", icon="🏋️")
