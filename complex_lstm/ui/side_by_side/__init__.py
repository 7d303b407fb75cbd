"""Two sides drawn on one scale, for the views that compare."""
