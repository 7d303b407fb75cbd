"""Interventions that the visitor has chosen: as text in the link, as labels on the screen, and applied to a scene."""
