"""Packages serverless.yml once for all tests that look at the result."""

import pytest

from tests.templates.packaged import Package, package


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return package(tmp_path_factory.mktemp("packaged"))
