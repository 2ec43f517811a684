"""What people attach to a change of weight: `promotion.hooks`."""

from __future__ import annotations

import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from cutover.declaration.model import Model

_FUNCTION: Final = (
    r"arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]{1,128})?"
)
_DOCUMENT: Final = r"arn:aws:ssm:[a-z0-9-]+:[0-9]{12}:document/[A-Za-z0-9_.-]{3,128}(:[0-9]{1,8})?"
_ROLE: Final = r"arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}"
AFTER_SECONDS: Final = 120
"""The bake gives up two minutes after its minutes, and CloudFormation waits five: a hook fits in between."""


def _is_called(arn: str) -> str:
    """Return `arn`.

    Raises
    ------
    ValueError
        When it is neither a function's nor a document's.
    """
    if re.fullmatch(f"{_FUNCTION}|{_DOCUMENT}", arn) is None:
        raise ValueError("is neither a function nor a document")
    return arn


Called = Annotated[
    str,
    AfterValidator(_is_called),
    WithJsonSchema({"type": "string", "pattern": f"^({_FUNCTION}|{_DOCUMENT})$"}),
]
"""What is called."""


class Hook(Model):
    """One hook."""

    call: Called = Field(
        description="whole ARN of what is called: a Lambda function, like "
        "arn:aws:lambda:us-east-2:123456789012:function:scale-new, or an Automation document of Systems "
        "Manager, like arn:aws:ssm:us-east-2:123456789012:document/ScaleNew",
    )
    role: str | None = Field(
        default=None,
        pattern=f"^{_ROLE}$",
        description="whole ARN of the role that the document gets as AutomationAssumeRole; a document needs "
        "it, and a function has its own",
    )
    timeout_seconds: int = Field(
        default=60,
        ge=1,
        le=600,
        description="how long its answer is waited for, 1 to 600 s; of an after hook 120 s at most",
    )

    @model_validator(mode="after")
    def _a_document_has_a_role(self) -> Self:
        is_document = self.call.startswith("arn:aws:ssm:")
        if is_document and self.role is None:
            raise ValueError("calls a document and has no role: say what the document may do")
        if not is_document and self.role is not None:
            raise ValueError(
                "calls a function and has a role: a function has its own, so leave it out"
            )
        return self


class Hooks(Model):
    """What is called before a rise, and after a weight is in force."""

    before: Hook | None = Field(
        default=None,
        description="called before each rise; the rise waits for its answer, and its refusal stops it",
    )
    after: Hook | None = Field(
        default=None,
        description="called after each rise that has passed its bake, and told of each fall; it stops "
        "nothing",
    )

    @model_validator(mode="after")
    def _the_bake_can_wait_for_it(self) -> Self:
        if self.after is not None and self.after.timeout_seconds > AFTER_SECONDS:
            raise ValueError(
                f"has an after hook with timeout_seconds {self.after.timeout_seconds}: at most "
                f"{AFTER_SECONDS}, or CloudFormation gives up before it answers. Let the function begin "
                "what takes longer, and answer at once"
            )
        return self
