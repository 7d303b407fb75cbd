"""Two sides drawn on one scale, for the pages that compare."""
