"""What the cloud wrote down becomes events, and what says nothing does not."""

from __future__ import annotations

from rehearsal.drill.happened import as_events

ENTRIES = [
    {"at": 1.0, "what": "alarm", "of": "chat-new-5xx-hard", "after": "OK"},
    {"at": 2.0, "what": "alarm", "of": "chat-new-5xx-hard", "after": "ALARM"},
    {"at": 2.1, "what": "started", "of": "chat-rollback"},
    {"at": 2.2, "what": "started", "of": "chat-judge"},
    {"at": 3.0, "what": "throttle", "of": "chat-rollback"},
    {"at": 4.0, "what": "throttle", "of": "chat-rollback"},
]


def test_an_alarm_that_is_over_and_another_function_are_no_events() -> None:
    found = [(event.at, event.kind, event.what) for event in as_events(ENTRIES, "chat-rollback")]
    assert found == [
        (2.0, "alarm", "chat-new-5xx-hard"),
        (2.1, "called", "the rollback function started"),
        (3.0, "note", "throttle: chat-rollback, 2 times"),
    ]
