"""Runs first in every function process of the embedded cloud; the functions themselves are unchanged.

The layer's awscrt is built for Lambda's Python and processor, not for this machine's: the installed one
is imported first, and wins.
"""

import awscrt.auth  # noqa: F401

from rehearsal.cloud import account_hosts

account_hosts.teach()
