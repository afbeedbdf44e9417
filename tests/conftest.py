"""How all tests run: how long an example takes says nothing about the code, so hypothesis has no deadline."""

import gc
from functools import cache
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader
from hypothesis import settings
from moto.core.loaders import Loader as MotosLoader

from tests.proving import amount
from tests.templates.packaged import Package, package

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


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """What osls makes of serverless.yml, packaged once for all tests that look at the result."""
    return package(tmp_path_factory.mktemp("packaged"))


def pytest_collection_finish() -> None:
    """Keep the garbage collector off what was imported: it would look through all of it again and again."""
    gc.collect()
    gc.freeze()
