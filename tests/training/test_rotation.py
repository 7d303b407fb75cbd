"""Windows whose x, y and z are turned together."""

import math

import pytest
import torch

from complex_lstm.config import Scaling
from complex_lstm.errors import TrainingError
from complex_lstm.training.rotation import Rotation, rotation_matrices, rotation_of, triples


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("ax", "ay", "az", "wx", "wy", "wz"), ((0, 1, 2), (3, 4, 5))),
        (("label", "acc_z (m/s²)", "acc_x (m/s²)", "acc_y (m/s²)"), ((2, 3, 1),)),
        (("GyroX", "GyroY", "GyroZ [rad/s]"), ((0, 1, 2),)),
        (("x", "y", "z"), ((0, 1, 2),)),
        (("ax", "ay", "AZ"), ()),  # two, and one of another kind
        (("tax", "day", "ax"), ()),
        (("", "(x)", "y", "z"), ()),
    ],
)
def test_triples_are_found_by_their_last_letter(names: tuple[str, ...], expected: tuple[tuple[int, int, int], ...]) -> None:
    assert triples(names) == expected


def test_a_quarter_turn_about_z_takes_x_to_y() -> None:
    turn = rotation_matrices(torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]), torch.tensor([math.pi / 2, math.pi / 2]))

    torch.testing.assert_close(turn[0] @ torch.tensor([1.0, 2.0, 3.0]), torch.tensor([-2.0, 1.0, 3.0]))
    torch.testing.assert_close(turn[1] @ torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, -3.0, 2.0]))


def test_windows_are_turned_in_the_files_units_and_each_as_one() -> None:
    mean, std = torch.tensor([1.0, -2.0, 0.5, 0.0, 0.0, 0.0, 7.0]), torch.tensor([2.0, 0.5, 3.0, 1.0, 1.0, 1.0, 4.0])
    rotation = Rotation(((0, 1, 2), (3, 4, 5)), mean, std)
    x = torch.randn(20, 6, 7, generator=torch.Generator().manual_seed(1))

    turned = rotation(x, 20.0, torch.Generator().manual_seed(2))

    before, after = x * std + mean, turned * std + mean
    inner = [(part[..., :3] * part[..., 3:6]).sum(dim=-1) for part in (before, after)]
    torch.testing.assert_close(inner[0], inner[1], atol=1e-3, rtol=1e-3)  # turned by the same rotation, their angle stays
    torch.testing.assert_close(before[..., :3].norm(dim=-1), after[..., :3].norm(dim=-1), atol=1e-4, rtol=1e-4)
    assert torch.equal(turned[..., 6], x[..., 6])  # no channel of a triple
    turns = torch.linalg.lstsq(before[..., :3], after[..., :3]).solution
    torch.testing.assert_close(before[..., :3] @ turns, after[..., :3], atol=1e-3, rtol=1e-3)  # one for all steps of a window


def test_angles_have_the_deviation_asked_for_and_the_generator_decides() -> None:
    rotation = Rotation(((0, 1, 2),), torch.zeros(3), torch.ones(3))
    axes = torch.eye(3)[None].expand(4000, 3, 3)  # the three unit vectors as a window

    turned = rotation(axes, 15.0, torch.Generator().manual_seed(0))

    trace = turned.diagonal(dim1=1, dim2=2).sum(dim=1)  # of a rotation: 1 + 2 cos(angle)
    angle = torch.rad2deg(torch.acos(((trace - 1) / 2).clamp(-1, 1)))
    assert abs(float((angle**2).mean().sqrt()) - 15) < 4 * 15 / math.sqrt(2 * 4000)
    assert torch.equal(turned, rotation(axes, 15.0, torch.Generator().manual_seed(0)))
    assert not torch.equal(turned, rotation(axes, 15.0, torch.Generator().manual_seed(1)))
    torch.testing.assert_close(rotation(axes, 0.0, torch.Generator()), axes)


def test_where_no_three_channels_belong_together_it_is_said() -> None:
    with pytest.raises(TrainingError, match="such as ax, ay, az, and there are none among temp, humid"):
        rotation_of(("temp", "humid"), Scaling((0.0, 0.0), (1.0, 1.0)))
