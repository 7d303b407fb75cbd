"""Augmentation by mirror images: some features change their signs together, as those of a sensor on the other arm would."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.config import Scaling
from complex_lstm.errors import TrainingError
from complex_lstm.recipe import parse_columns


@dataclass(frozen=True)
class Mirror:
    """Changes the signs of some features, in the file's units: scaled, a feature is multiplied by `sign` and moved by `shift`."""

    sign: Float[Tensor, " feature"]
    shift: Float[Tensor, " feature"]

    def __call__(self, x: Float[Tensor, "batch time feature"], generator: torch.Generator) -> Float[Tensor, "batch time feature"]:
        """Return the windows, each of them mirrored or not by an even chance.

        It assumes that a mirror image means the same. An acceleration across the mirror changes its sign; of a rotation the two parts
        along the mirror do, and the one across it stays.
        """
        drawn = torch.rand(len(x), 1, 1, generator=generator).to(x.device) < 0.5
        return torch.where(drawn, x * self.sign.to(x) + self.shift.to(x), x)


def mirror_of(listed: str, names: tuple[str, ...], scaling: Scaling) -> Mirror:
    """Return the mirror that changes the signs of the listed features, which stand with commas between them.

    Raises:
        TrainingError: one of them is none of the features.
    """
    turned = [name.strip() for name in parse_columns(listed)]
    unknown = [name for name in turned if name not in names]
    if unknown:
        raise TrainingError(
            f"The mirror changes the sign of {', '.join(unknown)}, and the features are {', '.join(names[:9])}"
            f"{f' and {len(names) - 9} more' if len(names) > 9 else ''}. Name features, with commas between them."
        )
    mean, std = torch.tensor(scaling.feature_mean), torch.tensor(scaling.feature_std)
    changes = torch.tensor([name in turned for name in names])
    return Mirror(torch.where(changes, -1.0, 1.0), torch.where(changes, -2 * mean / std, 0.0))
