"""Windows as points: what distances are, what the picture keeps, and what is left out."""

import dataclasses
import importlib.util

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from complex_lstm.errors import ExplanationError, install_extra
from complex_lstm.evaluation import window_map
from complex_lstm.evaluation.pooled import PooledWindows, pooled_windows
from complex_lstm.evaluation.window_map import (
    AsDirections,
    InDeviations,
    map_explained,
    map_pooled,
    pca_picture,
    spread,
    umap_picture,
)
from tests.browser.truth import truth_of

RANDOM = np.random.default_rng(0)
POINTS = (RANDOM.normal(size=(60, 7)) * [5, 3, 1, 1, 1, 0.5, 0]).astype(np.float32)


@pytest.fixture(scope="module")
def pooled() -> PooledWindows:
    truth = truth_of("planted_order")
    return pooled_windows(truth.model, truth.dataset, np.arange(0, 640, 4))


def test_the_picture_is_that_of_scikit_learn(pooled: PooledWindows) -> None:
    mapped = map_pooled(truth_of("planted_order").dataset, pooled)
    exact = PCA(2, svd_solver="full").fit(mapped.points.astype(float))

    found = pca_picture(mapped.points)

    assert found.shares is not None and np.allclose(found.shares, exact.explained_variance_ratio_, atol=1e-4)
    turned = exact.transform(mapped.points.astype(float))
    signs = np.sign((turned * found.places).sum(axis=0))  # an axis may point either way
    assert np.allclose(found.places, turned * signs, atol=0.01)
    assert found.trust == pytest.approx(trustworthiness(mapped.points, found.places, n_neighbors=10)) and found.trusted == 160
    assert np.allclose(found.place(mapped.points[3]), found.places[3], atol=1e-4)


def test_points_are_in_standard_deviations_of_the_training_part(pooled: PooledWindows) -> None:
    dataset = truth_of("planted_order").dataset
    mapped = map_pooled(dataset, pooled)
    training = pooled.vectors[dataset.windows.part[mapped.chosen] == "training"].astype(float)

    varied = training.std(axis=0) > 1e-6
    by_hand = (pooled.vectors.astype(float) - training.mean(axis=0))[:, varied] / training.std(axis=0)[varied]

    assert varied.sum() > 50 and np.allclose(mapped.points[:, varied], by_hand, atol=1e-3)


def test_a_distance_is_the_root_mean_square_over_the_dimensions() -> None:
    ruler = InDeviations.of(np.array([[0, 10], [2, 10]], dtype=np.float32), np.array([True, True]))

    points = ruler.points(np.array([[1.0, 10.0], [4.0, 14.0]]))

    assert points.tolist() == [[0, 0], [3, 4]]  # the first in deviations of 1, the second never changes and keeps its unit
    assert ruler.distances(points[:1], points).tolist() == [[0, pytest.approx(np.sqrt((9 + 16) / 2))]]


def test_explanations_are_compared_by_direction() -> None:
    points = AsDirections().points(np.array([[3.0, 4.0], [30.0, 40.0], [-3.0, -4.0], [0.0, 0.0]]))

    assert np.allclose(points, [[0.6, 0.8], [0.6, 0.8], [-0.6, -0.8], [0, 0]])
    assert np.allclose(AsDirections().distances(points[:1], points), [[0, 0, 2, 1]])


def test_distances_of_many_points_are_those_of_each_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_map, "AT_ONCE", 25)

    found = AsDirections().distances(POINTS[:3], POINTS)

    assert found.shape == (3, 60)
    assert np.allclose(found, [[np.linalg.norm(one.astype(float) - other) for other in POINTS] for one in POINTS[:3]])


def test_windows_without_finite_vectors_are_left_out_and_counted(pooled: PooledWindows) -> None:
    dataset, vectors = truth_of("planted_order").dataset, pooled.vectors.copy()
    vectors[[2, 5], 3] = np.nan, np.inf

    mapped = map_pooled(dataset, dataclasses.replace(pooled, vectors=vectors))

    assert mapped.left_out == 2 and len(mapped.points) == 158 and np.isfinite(mapped.points).all()
    assert not {8, 20} & set(mapped.chosen.tolist())
    with pytest.raises(ExplanationError, match="None of these windows can be mapped"):
        map_explained(dataset, pooled.predictions, np.full((160, 2), np.nan))


def test_huge_finite_vectors_still_have_a_picture(pooled: PooledWindows) -> None:
    vectors = pooled.vectors.copy()
    vectors[-1] = 1e30

    found = pca_picture(map_pooled(truth_of("planted_order").dataset, dataclasses.replace(pooled, vectors=vectors)).points)

    assert np.isfinite(found.places).all()


@pytest.mark.parametrize(
    ("points", "shares"),
    [
        (np.ones((1, 4)), [np.nan, np.nan]),
        (np.ones((9, 4)), [np.nan, np.nan]),
        (np.array([[0.0, 0], [1, 0]]), [1, 0]),
        (np.arange(6.0)[:, None], [1, 0]),
    ],
)
def test_few_or_equal_points_have_what_picture_there_is(points: np.ndarray, shares: list[float]) -> None:
    found = pca_picture(points.astype(np.float32))

    assert found.places.shape == (len(points), 2) and np.isfinite(found.places).all()
    assert np.allclose(found.shares, shares, equal_nan=True)


def test_a_sample_is_evenly_spread_and_has_both_ends() -> None:
    assert spread(5, 9).tolist() == [0, 1, 2, 3, 4]
    assert spread(101, 11).tolist() == list(range(0, 101, 10))


@pytest.mark.skipif(importlib.util.find_spec("umap") is not None, reason="UMAP is installed here")
def test_without_its_package_umap_says_how_to_get_it() -> None:
    with pytest.raises(ExplanationError) as raised:
        umap_picture(POINTS)

    assert install_extra("umap") in str(raised.value)


@pytest.mark.long  # numba compiles for a minute
@pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="needs the extra umap")
def test_umap_is_the_same_each_time_and_keeps_groups_apart() -> None:
    groups = np.concatenate([POINTS[:30], POINTS[30:] + 60]).astype(np.float32)

    first, second = umap_picture(groups), umap_picture(groups)

    assert np.array_equal(first.places, second.places) and first.shares is None and first.place(groups[0]) is None
    apart = np.linalg.norm(first.places[:30].mean(axis=0) - first.places[30:].mean(axis=0))
    assert apart > np.linalg.norm(first.places[:30] - first.places[:30].mean(axis=0), axis=1).max() and first.trust > 0.8
    with pytest.raises(ExplanationError, match="UMAP needs 20 windows that differ, and here are 19"):
        umap_picture(np.concatenate([groups[:19], groups[:19]]))
