"""How all tests run: how long an example takes says nothing about the code, so hypothesis has no deadline."""

import gc

from hypothesis import settings

settings.register_profile("switchyard", deadline=None)
settings.load_profile("switchyard")


def pytest_collection_finish() -> None:
    """Keep the garbage collector off what was imported: it would look through all of it again and again."""
    gc.collect()
    gc.freeze()
