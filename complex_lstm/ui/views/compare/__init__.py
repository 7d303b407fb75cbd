"""The views of the page Side by side that no other page has: the choice of the two sides, and their explanations."""
