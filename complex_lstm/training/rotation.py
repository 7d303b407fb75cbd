"""Augmentation that turns a sensor: small random rotations of the channels that are the x, y and z of one quantity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.config import Scaling
from complex_lstm.errors import TrainingError

Triple = tuple[int, int, int]


def triples(names: tuple[str, ...]) -> tuple[Triple, ...]:
    """Return the places of the features that are the x, y and z of one quantity: ax, ay, az, or Gyro X (rad/s) and so on.

    Their names differ only in that letter, which is the last one before a unit in brackets.
    """
    found: dict[tuple[str, bool], dict[str, int]] = {}
    for place, name in enumerate(names):
        without_unit = name.split("[")[0].split("(")[0].rstrip()
        letter = without_unit[-1:]
        if letter and letter in "xyzXYZ":
            found.setdefault((without_unit[:-1], letter.isupper()), {}).setdefault(letter.lower(), place)
    return tuple((one["x"], one["y"], one["z"]) for one in found.values() if len(one) == 3)


@dataclass(frozen=True)
class Rotation:
    """Turns the triples of each window, all of them alike, about a random axis. In the file's units: a scaled channel is stretched."""

    triples: tuple[Triple, ...]
    mean: Float[Tensor, " feature"]
    std: Float[Tensor, " feature"]

    def __call__(
        self, x: Float[Tensor, "batch time feature"], degrees: float, generator: torch.Generator
    ) -> Float[Tensor, "batch time feature"]:
        """Return the windows turned by angles with this standard deviation about axes in any direction, one for each window.

        It assumes that how the sensor was worn differs between people for reasons that have nothing to do with the target. Where the
        way up itself decides the target, it does harm.
        """
        axis = torch.nn.functional.normalize(torch.randn(len(x), 3, generator=generator), dim=1)
        angle = math.radians(degrees) * torch.randn(len(x), generator=generator)
        turn = rotation_matrices(axis, angle).to(x)
        turned = x.clone()
        for triple in self.triples:
            place = list(triple)
            mean, std = self.mean[place].to(x), self.std[place].to(x)
            turned[..., place] = ((x[..., place] * std + mean) @ turn.mT - mean) / std
        return turned


def rotation_of(names: tuple[str, ...], scaling: Scaling) -> Rotation:
    """Return the rotation of the triples among these features.

    Raises:
        TrainingError: no three of them belong together.
    """
    found = triples(names)
    if not found:
        raise TrainingError(
            f"Rotation turns three channels whose names differ in x, y and z at their end, such as ax, ay, az, and there are none among "
            f"{', '.join(names[:9])}. Turn it off, or name them so."
        )
    return Rotation(found, torch.tensor(scaling.feature_mean), torch.tensor(scaling.feature_std))


def rotation_matrices(axis: Float[Tensor, "batch 3"], angle: Float[Tensor, " batch"]) -> Float[Tensor, "batch 3 3"]:
    """Return the matrices that turn a column vector by angles in radians about axes of length 1 (Rodrigues' formula)."""
    x, y, z = axis.unbind(dim=1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1).reshape(-1, 3, 3)
    sine, cosine = torch.sin(angle)[:, None, None], torch.cos(angle)[:, None, None]
    return torch.eye(3) + sine * cross + (1 - cosine) * (cross @ cross)
