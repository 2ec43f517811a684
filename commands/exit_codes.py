"""What a command ends with, for a shell and for CI."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
"""It is done, or all is well."""
REFUSED: Final = 1
"""It was looked at, and the answer is no."""
COULD_NOT_TELL: Final = 2
"""It could not be looked at. A call that was not understood ends with the same: nobody looked."""
STILL_UNDER_WAY: Final = 3
"""CloudFormation goes on, and nobody follows it."""
INTERRUPTED: Final = 130
"""A person pressed Ctrl-C: 128 and the number of SIGINT, as in every shell."""
