"""Runs first in every function process of the embedded cloud; the functions themselves are unchanged."""

from rehearsal.cloud import installed_first, local_names, skewed_clock

installed_first.teach()
local_names.teach()
skewed_clock.teach()
