"""What a chat is told is in the form that it shows, whatever people typed."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from shared.chat import notification


@given(says=st.text(max_size=400), text=st.text(max_size=9000) | st.just("```<!channel>\n" * 900))
def test_a_notification_keeps_to_the_form_and_its_limits(says: str, text: str) -> None:
    told = json.loads(notification("chatmrpt", says, text, "Rolled Back"))
    content, metadata = told["content"], told["metadata"]
    assert (told["version"], told["source"]) == ("1.0", "custom")
    assert len(content["title"]) <= 250
    assert len(content["description"]) <= 8000
    assert all(len(step) <= 350 for step in content["nextSteps"])
    assert metadata["threadId"] == "cutover-chatmrpt"
    # Nothing that was typed leaves the block, or mentions anybody.
    assert content["description"].count("```") == 2
    assert "<" not in content["description"]
