"""Sessions without a store: a cookie that is signed with a key, which both sides hold."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

COOKIE: Final = "chat-session"
USER: Final = re.compile(r"[a-z0-9-]{1,40}")


class Sessions:
    """Signs and reads cookies, and the tokens that tell a page of ours from a stranger's."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def begin(self, user: str) -> str:
        """Return the cookie's value for `user`."""
        return f"{user}.{self._signed('session', user)}"

    def user(self, cookie: str) -> str:
        """Return whose cookie it is; nobody's where we did not sign it."""
        user, _, signature = cookie.rpartition(".")
        good = hmac.compare_digest(signature.encode(), self._signed("session", user).encode())
        return user if good else ""

    def token(self, cookie: str) -> str:
        """Return the token that a page of this session sends with what it writes."""
        return self._signed("token", cookie)

    def is_token(self, cookie: str, token: str) -> bool:
        """Return whether `token` is this session's."""
        return hmac.compare_digest(self.token(cookie).encode(), token.encode())

    def _signed(self, what: str, text: str) -> str:
        return hmac.new(self._key, f"{what}:{text}".encode(), hashlib.sha256).hexdigest()
