"""What the weights of a model say by themselves: their norms by part, and the units that do nothing."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.model import ComplexLSTMModel
from complex_lstm.profiling.counting import parts_of

CLOSED = 1e-3  # a BatchNorm scale below this share of the largest of its layer lets nothing of its channel through
STILL = 1e-6  # a unit that moves less than this is constant


@dataclass(frozen=True)
class PartWeights:
    """The weights of one part: how many, their Euclidean norm, and the largest one's size."""

    label: str
    kind: str
    parameters: int
    norm: float
    largest: float


@dataclass(frozen=True)
class LayerUnits:
    """Of the units of one layer how many never fire (always 0), and how many others give one same value whatever the input.

    `closed` counts the channels whose BatchNorm scale is near zero; None where no BatchNorm stands before the units.
    """

    layer: str
    units: int
    silent: int
    constant: int
    closed: int | None


def weights_by_part(model: ComplexLSTMModel) -> tuple[PartWeights, ...]:
    """Return the size of the weights of each part, from the input to the output."""
    named = {name: value.detach().float() for name, value in model.named_parameters()}
    found = []
    for part in parts_of(model.config):
        values = [value.flatten() for name, value in named.items() if name.startswith(part.prefixes)]
        flat = torch.cat(values)
        found.append(PartWeights(part.label, part.kind, len(flat), float(flat.norm()), float(flat.abs().max())))
    return tuple(found)


def random_windows(model: ComplexLSTMModel, *, windows: int, steps: int, seed: int) -> Float[Tensor, "window time feature"]:
    """Return windows of standard normal noise, as scaled inputs are distributed at best. They are no data."""
    return torch.randn(windows, steps, model.config.input_dim, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def idle_units(model: ComplexLSTMModel, x: Float[Tensor, "window time feature"]) -> tuple[LayerUnits, ...]:
    """Return for each layer of ReLU units how many are idle on these windows, from the input to the output.

    A unit that is idle on random windows may still fire on data; one that is silent there is certainly of little use to inputs
    that are spread like them. The model is copied, so that nothing is left behind on it.
    """
    model = copy.deepcopy(model).cpu().eval()
    names = {module: name for name, module in model.named_modules()}
    units: dict[str, Float[Tensor, "unit sample"]] = {}

    def keep(module: nn.Module, _: object, output: Tensor) -> None:
        name = names[module]
        across = output.transpose(0, 1) if name.startswith("temp_conv") else output.movedim(-1, 0)  # (unit, ...)
        units[name] = across.flatten(1)

    for module in names:
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(keep)
    model(x)
    found = []
    for name, values in units.items():
        layer = name.rpartition(".")[0]
        silent = values.amax(dim=1) <= 0
        constant = (values.amax(dim=1) - values.amin(dim=1) <= STILL) & ~silent
        siblings = dict(model.get_submodule(layer).named_children())
        norms = [one for one in siblings.values() if isinstance(one, nn.BatchNorm1d)]
        closed = [
            int((one.weight.abs() < CLOSED * one.weight.abs().amax()).sum()) if one.weight.any() else len(one.weight) for one in norms
        ]
        found.append(LayerUnits(name, len(values), int(silent.sum()), int(constant.sum()), closed[0] if closed else None))
    return tuple(found)
