"""What a function's environment tells it of its hook."""

from __future__ import annotations

from dataclasses import dataclass

from shared.hooks.hook import Hook


@dataclass(frozen=True, kw_only=True)
class HookSettings:
    """The variables of a hook; without the first there is none."""

    hook_arn: str = ""
    hook_seconds: int = 0
    hook_role_arn: str = ""

    def hook(self) -> Hook | None:
        """Return the declared hook, or None."""
        if not self.hook_arn:
            return None
        return Hook(self.hook_arn, self.hook_seconds, self.hook_role_arn)
