"""Which repository on GitHub may look, plan and apply: the context key `cutover_ci`."""

from __future__ import annotations

from pydantic import Field

from cutover.declaration.model import Model

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


class Ci(Model):
    """One repository, and where in it a deploy is approved."""

    owner: str = Field(
        pattern=_NAME, description="who owns the repository on GitHub, like the organisation's name"
    )
    owner_id: int = Field(
        ge=1,
        description="the owner's number, a whole number: gh api repos/OWNER/NAME --jq .owner.id",
    )
    repository: str = Field(pattern=_NAME, description="name of the repository")
    repository_id: int = Field(
        ge=1,
        description="the repository's number, a whole number: gh api repos/OWNER/NAME --jq .id",
    )
    branch: str = Field(
        default="main",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$",
        description="the branch from which plans are made, like main",
    )
    environment: str = Field(
        default="production",
        pattern=_NAME,
        description="the environment whose reviewers approve an apply, like production",
    )
    provider_arn: str | None = Field(
        default=None,
        pattern=r"^arn:[a-z-]+:iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com$",
        description="ARN of GitHub's identity provider if the account has it already (one account has one); "
        "left out: it is made",
    )

    def subjects(self, what: str) -> list[str]:
        """Return both forms in which GitHub names this repository doing `what`, like `pull_request`.

        Repositories that were created after 15 July 2026 are named with their numbers, older ones without
        until they are renamed, transferred or opted in (GitHub Docs, actions/reference/security/oidc).
        """
        return [
            f"repo:{self.owner}/{self.repository}:{what}",
            f"repo:{self.owner}@{self.owner_id}/{self.repository}@{self.repository_id}:{what}",
        ]
