"""What the unit tests share: AWS as boto3 describes it, read once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import botocore.hooks
import botocore.session
import pytest
from botocore.hooks import EventAliaser
from botocore.loaders import JSONFileLoader, Loader


@pytest.fixture(scope="session", autouse=True)
def service_models_are_read_once() -> Iterator[None]:
    """moto takes boto3's session away after each test, and with it every model that it had read."""
    read = JSONFileLoader.load_file
    once = functools.cache(lambda path: read(JSONFileLoader(), path))
    found: dict[str | None, dict[Any, Any]] = {}
    create: Callable[[str | None], Loader] = botocore.session.create_loader

    def loader_that_remembers(search_path: str | None = None) -> Loader:
        loader = create(search_path)
        loader._cache = found.setdefault(search_path, {})
        return loader

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _loader, path: once(path))
        patch.setattr(botocore.session, "create_loader", loader_that_remembers)
        yield


@pytest.fixture(scope="session", autouse=True)
def sessions_begin_quickly() -> Iterator[None]:
    """Each session registers a hundred handlers: most of its time goes into their names and signatures."""
    names: dict[str, str] = {}
    create = EventAliaser.__init__
    look = botocore.hooks.accepts_kwargs

    def alias_that_remembers(aliaser: EventAliaser, *given: Any, **named: Any) -> None:
        create(aliaser, *given, **named)
        aliaser._alias_name_cache = names

    def accepts_kwargs(handler: Callable[..., Any]) -> bool:
        code = getattr(handler, "__code__", None)
        return bool(code.co_flags & inspect.CO_VARKEYWORDS if code else look(handler))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EventAliaser, "__init__", alias_that_remembers)
        patch.setattr(botocore.hooks, "accepts_kwargs", accepts_kwargs)
        yield
