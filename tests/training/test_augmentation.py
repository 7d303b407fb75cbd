import torch

from complex_lstm.training.augmentation import add_noise, jitter


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

    for change in (add_noise, jitter):
        assert torch.equal(change(x, 0.1, source(1)), change(x, 0.1, source(1)))
        assert not torch.equal(change(x, 0.1, source(1)), change(x, 0.1, source(2)))
    assert torch.equal(torch.get_rng_state(), before)
