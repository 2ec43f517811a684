"""Runs first in every function process of the embedded cloud; the functions themselves are unchanged."""

from rehearsal.cloud import account_hosts, installed_first, local_names, skewed_clock

installed_first.teach()
account_hosts.teach()
local_names.teach()
skewed_clock.teach()
