"""Interventions chosen by the visitor: as text in the link, in words, and applied to a scene."""
