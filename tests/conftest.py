"""How all tests run: how long an example takes says nothing about the code, so hypothesis has no deadline."""

import gc
from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader, Loader
from hypothesis import settings
from moto.core.loaders import Loader as MotosLoader

from tests.proving import amount

settings.register_profile("switchyard", deadline=None, max_examples=amount(50, proving=1000))
settings.load_profile("switchyard")


class KeptModels(JSONFileLoader):
    """Reads each of botocore's service models once: every new session would parse megabytes of JSON anew."""

    @staticmethod
    @cache
    def _kept(path: str) -> Any:
        return JSONFileLoader().load_file(path)

    def load_file(self, file_path: str) -> Any:
        return self._kept(file_path)


Loader.FILE_LOADER_CLASS = KeptModels
MotosLoader.FILE_LOADER_CLASS = JSONFileLoader  # moto adds to its models


def pytest_collection_finish() -> None:
    """Keep the garbage collector off what was imported: it would look through all of it again and again."""
    gc.collect()
    gc.freeze()
