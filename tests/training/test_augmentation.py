import pytest
import torch

from complex_lstm.training.batches import add_noise, jitter, warp


def of_three_steps(x: torch.Tensor, strength: float, generator: torch.Generator) -> torch.Tensor:
    return warp(x.cumsum(1), torch.full((len(x),), 3), strength, generator)


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_noise_has_the_strength_asked_for_in_every_cell() -> None:
    x = torch.ones(50, 20, 10)

    noise = add_noise(x, 0.2, source()) - x

    assert abs(noise.mean()) < 4 * 0.2 / 100 and abs(noise.std() - 0.2) < 4 * 0.2 / 141  # of 10,000 cells
    assert len(noise.unique()) > 9_000


def test_jitter_stretches_and_shifts_a_feature_for_the_whole_window() -> None:
    x = torch.arange(5.0)[None, :, None].expand(4, 5, 3)

    changed = jitter(x, 0.3, source())

    steps = changed.diff(dim=1)  # the stretch: the same at every step of a window's feature
    assert torch.allclose(steps, steps[:, :1].expand_as(steps), atol=1e-5)
    assert len(steps[:, 0].unique()) == 12 and len(changed[:, 0].unique()) == 12


def test_the_generator_decides_and_the_process_is_left_alone() -> None:
    x, before = torch.ones(2, 3, 4), torch.get_rng_state()

    for change in (add_noise, jitter, of_three_steps):
        assert torch.equal(change(x, 0.1, source(1)), change(x, 0.1, source(1)))
        assert not torch.equal(change(x, 0.1, source(1)), change(x, 0.1, source(2)))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_warped_window_is_played_around_its_middle_at_one_speed() -> None:
    x = torch.arange(9.0)[None, :, None].expand(50, 9, 2)

    played = warp(x, torch.full((50,), 9), 0.3, source())

    assert torch.allclose(played[:, 4], x[:, 4])  # the middle stays
    speed = played[:, 5, 0] - played[:, 4, 0]
    assert torch.allclose(played[:, 3, 0], 4 - speed, atol=1e-5) and torch.equal(played[..., 0], played[..., 1])
    assert abs(speed.log().std() - 0.3) < 0.1 and len(speed.unique()) == 50


def test_what_a_faster_window_lacks_at_its_ends_is_mirrored() -> None:
    x = torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0])[None, :, None]
    generator, strength = source(3), 0.0
    while float(torch.exp(strength * torch.randn(1, generator=source(3)))) < 1.5:  # a strength at which this draw is fast
        strength += 0.1 if torch.randn(1, generator=source(3)) > 0 else -0.1

    played = warp(x, torch.tensor([5]), strength, generator)[0, :, 0]

    speed = float(played[3] - 2)
    assert 1.5 <= speed <= 2 and float(played[4]) == pytest.approx(4 - (2 * speed - 2)) and float(played[0]) == pytest.approx(2 * speed - 2)


def test_a_warped_window_stays_within_its_own_steps() -> None:
    x = torch.cat([torch.ones(40, 6, 1), torch.full((40, 4, 1), 7.0)], dim=1)  # four padded steps

    played = warp(x, torch.full((40,), 6), 0.5, source())

    assert torch.equal(played, x)


def test_a_window_of_one_step_is_left_as_it_is() -> None:
    x = torch.randn(3, 4, 2, generator=source())

    assert torch.allclose(warp(x, torch.tensor([1, 4, 1]), 0.4, source())[[0, 2]], x[[0, 2]])
