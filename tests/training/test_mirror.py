"""Windows and their mirror images."""

import pytest
import torch

from complex_lstm.config import Scaling
from complex_lstm.errors import TrainingError
from complex_lstm.training.mirror import mirror_of

SCALING = Scaling((1.0, -2.0, 0.5), (2.0, 0.5, 4.0))


def test_half_of_the_windows_are_mirrored_in_the_files_units_and_each_as_a_whole() -> None:
    x = torch.randn(400, 5, 3, generator=torch.Generator().manual_seed(1))
    mean, std = torch.tensor(SCALING.feature_mean), torch.tensor(SCALING.feature_std)

    found = mirror_of("ax, wz", ("ax", "wx", "wz"), SCALING)(x, torch.Generator().manual_seed(0)) * std + mean

    before = x * std + mean
    same = torch.isclose(found, before, atol=1e-5).all(dim=(1, 2))
    turned = torch.isclose(found, before * torch.tensor([-1.0, 1.0, -1.0]), atol=1e-5).all(dim=(1, 2))
    assert bool((same ^ turned).all()) and 160 < int(turned.sum()) < 240  # 200 expected, with a deviation of 10


def test_a_mirror_of_what_is_no_feature_is_refused() -> None:
    with pytest.raises(TrainingError, match="changes the sign of ay, and the features are ax, wx, wz. Name features"):
        mirror_of("ax,ay", ("ax", "wx", "wz"), SCALING)
