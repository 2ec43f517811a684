"""Runs first in the tools of a person who is played: their resolver and their clock are the story's."""

from rehearsal.cloud import local_dns, local_names, skewed_clock

local_names.teach()
local_dns.teach()
skewed_clock.teach(skewed_clock.PERSON)
