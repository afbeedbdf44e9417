"""How all tests run: how long an example takes says nothing about the code, so hypothesis has no deadline."""

from hypothesis import settings

settings.register_profile("switchyard", deadline=None)
settings.load_profile("switchyard")
