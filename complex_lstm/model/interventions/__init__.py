"""Interventions: what if a component were off, held at a value, or had seen another window?

Each is a small frozen value that names its site and the value that goes on there. `model.trace` and `model.intervened` take
any number of them; several at one site act in the order given, each on what the one before has left. The model is never
changed. Blocks, layers and heads count from 0; only convolution stages are 1 and 2, as in the architecture document.

An intervention shows what this model does without something that it was trained with. A model trained without it would do
something else.
"""

from complex_lstm.model.interventions.attention import SilenceAttention, SilenceHead, UniformAttention, UniformHead
from complex_lstm.model.interventions.blocks import DropPositions, ForceGate, ForceGateChannels, SilenceScale, SkipBlock
from complex_lstm.model.interventions.components import Change, component_interventions, first_change
from complex_lstm.model.interventions.outputs import AverageEnsembleHead, ReplacePooled, SilenceEnsembleHead, SilencePooled
from complex_lstm.model.interventions.patching import Patch, PatchSteps

__all__ = [
    "AverageEnsembleHead",
    "Change",
    "DropPositions",
    "ForceGate",
    "ForceGateChannels",
    "Patch",
    "PatchSteps",
    "ReplacePooled",
    "SilenceAttention",
    "SilenceEnsembleHead",
    "SilenceHead",
    "SilencePooled",
    "SilenceScale",
    "SkipBlock",
    "UniformAttention",
    "UniformHead",
    "component_interventions",
    "first_change",
]
