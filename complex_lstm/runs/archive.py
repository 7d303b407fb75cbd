"""A run to take along."""

from __future__ import annotations

import io
import zipfile

from complex_lstm.runs.files import LAST, NEW
from complex_lstm.runs.folder import Run


def zip_run(run: Run) -> bytes:
    """Return a run's folder as a zip, without last.ckpt, which is large and of use to this installation only."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(run.folder.iterdir()):
            if path.is_file() and path.name != LAST and not path.name.endswith(NEW):
                archive.write(path, f"{run.key}/{path.name}")
    return content.getvalue()
