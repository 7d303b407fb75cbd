"""The data sets that ship with the project, each with a checkpoint trained on it or, for planted_shape, on more of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from complex_lstm.locations import SAMPLE_DATA


@dataclass(frozen=True)
class Sample:
    """A shipped CSV and the checkpoint beside it, with a description for the visitor."""

    key: str
    title: str
    icon: str
    sentence: str
    credit: str

    @property
    def csv(self) -> Path:
        return SAMPLE_DATA / f"{self.key}.csv"

    @property
    def cells(self) -> Path:
        """The table of the cells that determine the class. Samples of synthetic data have one."""
        return SAMPLE_DATA / f"{self.key}_cells.csv"

    @property
    def shuffled_control(self) -> Path:
        """The shuffled-label control: a checkpoint trained on the same data with its labels shuffled. Some samples have one."""
        return SAMPLE_DATA / f"{self.key}_shuffled.safetensors"

    @property
    def checkpoint(self) -> Path:
        return SAMPLE_DATA / f"{self.key}.safetensors"


SAMPLES: dict[str, Sample] = {
    sample.key: sample
    for sample in (
        Sample(
            "nyc_weather",
            "New York weather",
            "🌦️",
            "Two days of hourly weather at an airport, and next hour's temperature, humidity and pressure.",
            "nycflights13, CC0",
        ),
        Sample(
            "shoulder_exercises",
            "Shoulder exercises",
            "🏋️",
            "Four seconds of a smartwatch's motion sensors, and which of seven exercises it was.",
            "seglearn, BSD-3-Clause",
        ),
        Sample(
            "japanese_vowels",
            "Japanese vowels",
            "🗣️",
            "A vowel spoken by one of nine speakers, 7 to 26 steps, and which speaker it was.",
            "Kudo, Toyama, Shimbo (1999), CC BY 4.0",
        ),
        Sample(
            "planted_order",
            "Planted order",
            "🧪",
            "Synthetic, so that the right explanation is known: which of two bumps comes first, among distractors.",
            "made by this project",
        ),
        Sample(
            "planted_shape",
            "Planted shape",
            "🔎",
            "Synthetic too: which of three shapes is hidden in two of nine features. The model has seen none of these series.",
            "made by this project",
        ),
    )
}


def shipped_models() -> list[str]:
    """Return the keys of the samples whose checkpoint exists: one that is being trained again has none meanwhile."""
    return [key for key, sample in SAMPLES.items() if sample.checkpoint.exists()]
