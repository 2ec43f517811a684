"""What the unit tests share: AWS as boto3 describes it, read once."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest
from botocore.loaders import JSONFileLoader


@pytest.fixture(scope="session", autouse=True)
def service_models_are_read_once() -> Iterator[None]:
    """moto takes boto3's session away after each test, and with it every model that it had read."""
    read = JSONFileLoader.load_file
    once = functools.cache(lambda path: read(JSONFileLoader(), path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _loader, path: once(path))
        yield
