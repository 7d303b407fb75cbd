"""Windows as points: in a space of many dimensions, and in a picture of two, with how far the picture can be trusted."""

from __future__ import annotations

import importlib.util
import warnings
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, Float32, Int
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.preprocessing import StandardScaler

from complex_lstm.data import Dataset
from complex_lstm.errors import ExplanationError, install_extra
from complex_lstm.evaluation.pooled import PooledWindows
from complex_lstm.inference import Predictions

FURTHEST = 1e6  # standard deviations: what lies beyond counts as there, so that its square is a number
AT_ONCE = 10_000  # points whose distances are computed together
NEIGHBOURS = 10  # of each point, which the picture should keep
MOST_TRUSTED = 1000  # points whose neighbours are compared: the time grows with their square
FEWEST_FOR_UMAP = 20
BEFORE_UMAP = 50  # principal components that UMAP is given of more dimensions


@runtime_checkable
class Ruler(Protocol):
    """How vectors become comparable: the points that stand for them, and how far these are from each other."""

    def points(self, vectors: Float[np.ndarray, "window dimension"]) -> Float32[np.ndarray, "window dimension"]:
        """Return the vectors as points."""

    def distances(
        self, first: Float32[np.ndarray, "window dimension"], second: Float32[np.ndarray, "other dimension"]
    ) -> Float[np.ndarray, "window other"]:
        """Return how far each of the first points is from each of the second."""


@dataclass(frozen=True)
class InDeviations:
    """Each dimension in standard deviations of some of the vectors. A distance is the root mean square over the dimensions."""

    scaler: StandardScaler

    @classmethod
    def of(cls, vectors: Float32[np.ndarray, "window dimension"], reference: Bool[np.ndarray, " window"]) -> InDeviations:
        """Return the ruler of the reference vectors, or of all where there are none. A dimension that is constant keeps its unit."""
        return cls(StandardScaler().fit(vectors[reference] if reference.any() else vectors))

    def points(self, vectors: Float[np.ndarray, "window dimension"]) -> Float32[np.ndarray, "window dimension"]:
        return np.asarray(self.scaler.transform(vectors).clip(-FURTHEST, FURTHEST), dtype=np.float32)

    def distances(
        self, first: Float32[np.ndarray, "window dimension"], second: Float32[np.ndarray, "other dimension"]
    ) -> Float[np.ndarray, "window other"]:
        return _apart(first, second) / np.sqrt(first.shape[1])


@dataclass(frozen=True)
class AsDirections:
    """Each vector by its direction alone. A distance lies between 0, the same direction, and 2, the opposite one.

    The vector zero has no direction: it stays zero, one from all others.
    """

    def points(self, vectors: Float[np.ndarray, "window dimension"]) -> Float32[np.ndarray, "window dimension"]:
        sizes = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, sizes, out=np.zeros(vectors.shape), where=sizes > 0).astype(np.float32)

    def distances(
        self, first: Float32[np.ndarray, "window dimension"], second: Float32[np.ndarray, "other dimension"]
    ) -> Float[np.ndarray, "window other"]:
        return _apart(first, second)


def _apart(
    first: Float32[np.ndarray, "window dimension"], second: Float32[np.ndarray, "other dimension"]
) -> Float[np.ndarray, "window other"]:
    """Return Euclidean distances, some of the second at a time: all of them as float64 would double the memory."""
    parts = [second[begin : begin + AT_ONCE] for begin in range(0, len(second), AT_ONCE)]
    return np.concatenate([np.zeros((len(first), 0)), *(cdist(first, part) for part in parts)], axis=1)


@dataclass(frozen=True)
class MappedWindows:
    """Windows as points of one space.

    predictions  of the windows, whose numbers in `dataset.windows` are `predictions.chosen`
    points       one for each
    ruler        by which a further vector becomes a point, and distances are measured
    left_out     how many windows are no points, because their vectors are not of finite numbers
    """

    dataset: Dataset
    predictions: Predictions
    points: Float32[np.ndarray, "window dimension"]
    ruler: Ruler
    left_out: int = 0

    @property
    def chosen(self) -> Int[np.ndarray, " window"]:
        """Their numbers in the data set."""
        return self.predictions.chosen


def map_pooled(dataset: Dataset, pooled: PooledWindows) -> MappedWindows:
    """Return the windows as their pooled vectors, in standard deviations of the training part, or of all where it is not known.

    Raises:
        ExplanationError: no vector is of finite numbers.
    """
    known = np.isfinite(pooled.vectors).all(axis=1)
    vectors, predictions = pooled.vectors[known], pooled.predictions.of(known)
    _refuse_none(len(vectors))
    ruler = InDeviations.of(vectors, dataset.windows.part[predictions.chosen] == "training")
    return MappedWindows(dataset, predictions, ruler.points(vectors), ruler, int((~known).sum()))


def map_explained(dataset: Dataset, predictions: Predictions, vectors: Float[np.ndarray, "window dimension"]) -> MappedWindows:
    """Return the windows as their vectors of attributions, by direction alone: what matters beside what, and not how strongly.

    Raises:
        ExplanationError: no vector is of finite numbers.
    """
    known = np.isfinite(vectors).all(axis=1)
    _refuse_none(int(known.sum()))
    return MappedWindows(dataset, predictions.of(known), AsDirections().points(vectors[known]), AsDirections(), int((~known).sum()))


def _refuse_none(count: int) -> None:
    if not count:
        raise ExplanationError("None of these windows can be mapped: what the model computes for them is not a finite number.")


@dataclass(frozen=True)
class Picture:
    """Points in two dimensions.

    shares  the share of the variance along each axis; None where the axes have none
    trust   trustworthiness (Venna and Kaski 2001) of the places over `trusted` of the points: 1 where the nearest points of the picture
            are nearest indeed; NaN for too few points
    """

    places: Float32[np.ndarray, "window 2"]
    shares: Float[np.ndarray, " 2"] | None
    trust: float
    trusted: int
    pca: PCA | None = None

    def place(self, point: Float32[np.ndarray, " dimension"]) -> Float[np.ndarray, " 2"] | None:
        """Return where a point that is not among them lies; None where that is not defined."""
        if self.pca is None:
            return None
        found = np.zeros(2)
        along = self.pca.transform(point[None])[0]
        found[: len(along)] = along
        return found


def pca_picture(points: Float32[np.ndarray, "window dimension"]) -> Picture:
    """Return the points along the two directions of their largest variance. The axes of points that do not differ are zero."""
    count = min(2, len(points) - 1, points.shape[1])
    places, shares = np.zeros((len(points), 2), dtype=np.float32), np.full(2, np.nan)
    if count < 1 or not np.ptp(points, axis=0).any():
        return Picture(places, shares, np.nan, 0)
    pca = PCA(count, svd_solver="covariance_eigh").fit(points)
    places[:, :count] = pca.transform(points)
    shares = np.zeros(2)
    shares[:count] = pca.explained_variance_ratio_
    return Picture(places, shares, *_trust(points, places), pca)


def umap_lacks() -> bool:
    """Return whether the optional package that UMAP needs is missing."""
    return importlib.util.find_spec("umap") is None


def umap_picture(points: Float32[np.ndarray, "window dimension"], *, seed: int = 0) -> Picture:
    """Return the points as UMAP (McInnes et al. 2018) lays them out: who is near whom is kept, distances and sizes of groups are not.

    Points of more than 50 dimensions are given by their first 50 principal components. One seed gives one picture.

    Raises:
        ExplanationError: the package is missing, or fewer than 20 points differ.
    """
    if umap_lacks():
        raise ExplanationError(f"UMAP needs a package that is not installed: {install_extra('umap')}")
    different = len(np.unique(points, axis=0))
    if different < FEWEST_FOR_UMAP:
        raise ExplanationError(f"UMAP needs {FEWEST_FOR_UMAP} windows that differ, and here are {different}. Choose PCA.")
    with warnings.catch_warnings():  # of what it does without TensorFlow, and of what numba compiles
        warnings.simplefilter("ignore")
        import umap

        most = min(BEFORE_UMAP, len(points) - 1)
        given = PCA(most, svd_solver="covariance_eigh").fit_transform(points) if points.shape[1] > most else points
        places = umap.UMAP(n_neighbors=min(15, len(points) - 1), random_state=seed, n_jobs=1).fit_transform(given)
    return Picture(np.asarray(places, dtype=np.float32), None, *_trust(points, places))


def _trust(points: np.ndarray, places: np.ndarray) -> tuple[float, int]:
    """Return the trustworthiness over evenly spread points, and how many they are."""
    some = spread(len(points), MOST_TRUSTED)
    neighbours = min(NEIGHBOURS, (len(some) - 1) // 2)
    if neighbours < 1:
        return np.nan, 0
    return float(trustworthiness(points[some], places[some], n_neighbors=neighbours)), len(some)


def spread(count: int, most: int) -> Int[np.ndarray, " chosen"]:
    """Return so many places of a list, evenly spread, or all where there are fewer."""
    return np.arange(count) if count <= most else np.unique(np.linspace(0, count - 1, most).round().astype(int))
