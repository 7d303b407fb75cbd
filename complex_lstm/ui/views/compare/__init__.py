"""Two sides of one view: side by side on one scale, with their difference."""
