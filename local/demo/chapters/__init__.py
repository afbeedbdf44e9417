"""The chapters of the story, by what they are about: plain functions that a Teller plays with."""
