"""Where the files lie that are not modules of the package: the dashboard's main script, its pages and settings, the samples.

In a checkout they stand at the top of the repository. A wheel carries them inside the package, in the same order
(`force-include` in pyproject.toml), so that everything else takes the paths from here and need not know which of the two it runs from.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
SHIPPED = PACKAGE / "_shipped"
ROOT = SHIPPED if SHIPPED.is_dir() else PACKAGE.parent

APP = ROOT / "app.py"
PAGES = ROOT / "pages"
SAMPLE_DATA = ROOT / "sample_data"
CLAIMS = ROOT / "benchmarks" / "results" / "claims.json"
