"""Wrong words about readiness, promotion, judge and rollback get a sentence each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cutover.declaration.reading.context import Override, read_context
from cutover.declaration.reading.errors import DeclarationError
from cutover.promotion.readiness_properties import readiness_properties
from shared.readiness.reading import read
from shared.readiness.spec import Spec

Change = Callable[[dict[str, Any]], object]


def of(part: str, **said: Any) -> Change:
    return lambda declared: declared.setdefault(part, {}).update(said)


def waiver(**said: Any) -> Change:
    whole = {"finding": "parity:/", "by": "ada", "reason": "known", "until": "2026-12-01"}
    return of("readiness", waivers=[whole | said])


@pytest.mark.parametrize(
    ("change", "place", "right"),
    [
        (of("new", scheme="https"), ".new has scheme https but no host_name", "does cover"),
        (of("new", host_name="new.example.com"), ".new has a host_name", "scheme https only"),
        (
            of("new", scheme="https", host_name="New"),
            '.new.host_name "New" is not a host name in lower case',
            "new.origin.example.com",
        ),
        (of("readiness", samples=19), ".readiness.samples is 19.", "20 to 5000"),
        (of("readiness", sampels=20), ".readiness.sampels is not a known key", "mean samples?"),
        (of("readiness", rate=0), ".readiness.rate is 0.", "above 0 to 1000"),
        (of("readiness", rate=300), ".readiness has rate 300 above max_rate 200", ""),
        (of("readiness", exclude=["admin/*"]), "has admin/* in exclude", "start with / or *"),
        (of("readiness", exclude=["/a b"]), "has /a b in exclude", "without a blank"),
        (of("readiness", discover=["s.xml"]), '.discover[0] is "s.xml".', "starting with /"),
        (of("readiness", discover=["/a b"]), '.discover[0] is "/a b".', "starting with /"),
        (of("readiness", headers=[""]), '.headers[0] is "".', "names of more response headers"),
        (of("readiness", headers=["a b"]), '.headers[0] is "a b".', "like x-version"),
        (waiver(until="soon"), '.waivers[0].until "soon" is not a day like', "2026-11-30"),
        (waiver(by=""), '.waivers[0].by "" is blank.', "who accepts it"),
        (
            of("readiness", attestations=[{"what": "backups", "by": "ada"}]),
            ".attestations[0] has only one of by and on",
            "give both, or neither while nobody vouches yet",
        ),
        (
            of("readiness", attestations=[{"what": "x"}, {"what": "x"}]),
            ".readiness names one thing twice in attestations",
            "",
        ),
        (of("promotion", max_step_percent=0), ".max_step_percent is 0.", "1 to 100"),
        (of("promotion", time_zone="Mars"), '.time_zone "Mars" is not a time zone', "New_York"),
        (of("promotion", time_zone="localtime"), '"localtime" is not a time zone', "New_York"),
        (of("promotion", time_zone="Factory"), '"Factory" is not a time zone', "New_York"),
        (
            of("promotion", window={"start": "2:00", "end": "06:00"}),
            '.promotion.window.start is "2:00".',
            "like 02:00",
        ),
        (
            of("promotion", window={"start": "02:00", "end": "02:00"}),
            ".promotion.window starts and ends at 02:00",
            "leave it out",
        ),
        (
            of(
                "promotion",
                freezes=[{"start": "2027-01-02", "end": "2026-12-20", "reason": "holidays"}],
            ),
            ".freezes[0] ends on 2026-12-20, before it starts",
            "",
        ),
        (of("promotion", bake_minutes=56), ".bake_minutes is 56.", "0 to 55"),
        (of("judge", lookback_minutes=1), ".judge.lookback_minutes is 1.", "2 to 60"),
        (of("rollback", cool_down_seconds=181), ".cool_down_seconds is 181.", "0 to 180"),
        (
            of("rollback", point_of_no_return={"reason": "migrated", "by": "ada"}),
            ".rollback.point_of_no_return.on is missing",
            "the day from which it holds",
        ),
        (
            lambda d: d["endpoints"][0].update(body={"by": "html"}),
            '.endpoints[0].body.by is "html".',
            "similarity (of words)",
        ),
        (
            lambda d: d["endpoints"][0].update(body={"by": "pattern", "pattern": "("}),
            ".endpoints[0].body has a pattern that is not a regular expression",
            "",
        ),
        (
            lambda d: d["endpoints"][0].update(body={"pattern": "ok"}),
            ".endpoints[0].body has pattern without by: pattern",
            "",
        ),
    ],
)
def test_a_wrong_word_gets_one_sentence(
    context: dict[str, Any], declared: dict[str, Any], change: Change, place: str, right: str
) -> None:
    change(declared)
    with pytest.raises(DeclarationError) as refused:
        read_context(context)
    (said,) = refused.value.reasons
    assert place in said
    assert right in said


ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/test-user-AbCdEf"
SECRET = {"name": "password", "arn": ARN, "key": "password"}


def journey(*steps: dict[str, Any], **more: Any) -> Change:
    return of("readiness", journeys=[{"name": "j", "steps": list(steps)}], **more)


def posts(**step: Any) -> dict[str, Any]:
    return {"path": "/login", "method": "POST", "writes": True} | step


@pytest.mark.parametrize(
    ("change", "place", "right"),
    [
        (
            journey({"path": "/a", "method": "POST"}),
            '.readiness.journeys[0].steps[0] has method POST without "writes": true.',
            "say that it writes, or take the step out",
        ),
        (
            journey({"path": "/a"}, {"path": "/a", "method": "DELETE"}),
            '.readiness.journeys[0].steps[1] has method DELETE without "writes": true.',
            "",
        ),
        (
            journey({"path": "/a", "headers": {"X-HTTP-Method-Override": "DELETE"}}),
            'has the header X-HTTP-Method-Override without "writes": true.',
            "",
        ),
        (
            journey(posts(writes="yes")),
            '.journeys[0].steps[0].writes is "yes".',
            "every method but GET, HEAD and OPTIONS needs it",
        ),
        (
            journey(posts(body_form={"user": "ada", "password": "hunter2"})),
            ".steps[0] has password as plain text, which looks like a secret",
            "Put it into Secrets Manager",
        ),
        (
            journey(posts(body_json={"in": [{"apiKey": "abc"}], "api_key": "abc"})),
            "has api_key as plain text",
            "",
        ),
        (
            journey({"path": "/", "headers": {"Authorization": "Basic YTpi"}}),
            "has Authorization",
            "",
        ),
        (
            journey(posts(body_form={"password": "{password}"})),
            "has {password} in journeys[0].steps[0].body_form, which no earlier step takes and no secret is",
            "",
        ),
        (
            journey({"path": "/{password}"}, secrets=[SECRET]),
            "has the secret {password} in journeys[0].steps[0].path",
            "Send it in a header or in the body",
        ),
        (
            journey({"path": "/"}, secrets=[SECRET]),
            "has the secret password, which no step uses",
            "",
        ),
        (
            journey(posts(body_form={"p": "{password}"}), secrets=[SECRET | {"arn": ARN[:-7]}]),
            ".secrets[0].arn is",
            "whole ARN",
        ),
        (
            journey({"path": "/{id}", "take": [{"name": "id", "pointer": "/id"}]}),
            "has {id} in journeys[0].steps[0].path, which no earlier step takes",
            "",
        ),
        (
            journey({"path": "/", "take": [{"name": "id", "pointer": "/id", "header": "X"}]}),
            ".take[0] must have exactly one of pointer, header and pattern",
            "",
        ),
        (
            journey({"path": "/", "take": [{"name": "id", "pattern": "("}]}),
            ".take[0] has a pattern that is not a regular expression",
            "",
        ),
        (
            journey({"path": "/", "expect": {"status": "2x"}}),
            ".expect has status 2x",
            '"200" or "2xx"',
        ),
        (journey({"path": "/", "expect": {"values": {"a": 1}}}), "has a in values", "start with /"),
        (journey({"path": "/", "headers": {"Cookie": "a=b"}}), "has Cookie in headers", ""),
        (journey({"path": "/", "headers": {"A": "b\nc"}}), "has A in headers with a value", ""),
        (journey(posts(body_text="a", body_form={"a": "b"})), "has more than one of body_text", ""),
        (
            journey({"path": "/", "body_text": "a"}),
            "has a body with method GET, which takes none",
            "",
        ),
        (journey({"path": "x"}), '.steps[0].path is "x".', "starting with /"),
        (journey(), ".journeys[0].steps is []", "1 to 20"),
        (
            journey({"path": "/"}, session={"journey": "login", "path": "/me"}),
            "has session.journey login, which no journey is called",
            "",
        ),
    ],
)
def test_a_wrong_journey_gets_one_sentence(
    context: dict[str, Any], declared: dict[str, Any], change: Change, place: str, right: str
) -> None:
    test_a_wrong_word_gets_one_sentence(context, declared, change, place, right)


def test_a_journey_comes_through_cloudformation_as_it_was_declared(
    context: dict[str, Any], declared: dict[str, Any]
) -> None:
    journey(
        {"path": "/login", "take": [{"name": "csrf", "pattern": 'value="(.+?)"'}], "follow": False},
        posts(body_json={"n": 1, "t": True, "csrf": "{csrf}", "password": "{password}"}),
        posts(body_form={"a": "b"}, expect={"status": "303", "values": {"/n": 1.5, "/s": "x"}}),
        secrets=[SECRET],
        session={"journey": "j", "path": "/me"},
    )(declared)
    (cutover,) = read_context(context)
    properties = readiness_properties(cutover.name, cutover.service)
    spec = read(Spec, properties)
    assert read(Spec, as_cloudformation_hands_it_on(properties)) == spec
    first, second, third = spec.journeys[0].steps
    assert (first.follow, second.follow) == (False, True)
    assert json.loads(second.body)["n"] == 1
    assert (second.body_kind, third.body_kind) == ("json", "form")
    assert [(one.name, one.value) for one in third.expect.values] == [("/n", "1.5"), ("/s", '"x"')]
    assert (spec.session.path, spec.secrets[0].arn) == ("/me", ARN)
    assert (spec.viewer_scheme, spec.static_paths) == ("https", ("/static/*",))


@pytest.mark.parametrize(
    "given",
    [
        {"override_by": "ada"},
        {"override_reason": "fire"},
        {"override_by": " ", "override_reason": "x"},
    ],
)
def test_an_override_needs_a_name_and_a_reason(
    context: dict[str, Any], given: dict[str, str]
) -> None:
    with pytest.raises(DeclarationError) as refused:
        read_context(context | given)
    assert refused.value.reasons == [
        "-c override_by and -c override_reason belong together: give a name and a reason, like "
        "-c override_by=ada -c override_reason='old is on fire'."
    ]


def test_an_override_holds_for_this_run(context: dict[str, Any]) -> None:
    said = {"override_by": "ada", "override_reason": "old is on fire"}
    (cutover,) = read_context(context | said)
    assert cutover.override == Override("ada", "old is on fire")
    assert read_context(context)[0].override is None


def as_cloudformation_hands_it_on(value: Any) -> Any:
    """Every scalar as a string (CloudFormation User Guide, crpg-ref-requesttypes)."""
    if isinstance(value, dict):
        return {key: as_cloudformation_hands_it_on(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_cloudformation_hands_it_on(inner) for inner in value]
    return str(value)


def test_the_gate_and_the_command_read_the_same_from_the_declaration(
    context: dict[str, Any], declared: dict[str, Any]
) -> None:
    waiver()(declared)
    declared["endpoints"][0]["body"] = {
        "by": "json",
        "ignore": ["meta.time"],
        "unordered": ["items"],
    }
    declared["readiness"]["exclude"] = ["/admin/*"]
    (cutover,) = read_context(context)
    properties = readiness_properties(cutover.name, cutover.service)
    spec = read(Spec, properties)
    assert read(Spec, as_cloudformation_hands_it_on(properties)) == spec
    assert spec.old.url == "http://chatmrpt-alb-319454030.us-east-2.elb.amazonaws.com:80"
    assert spec.endpoints[0].body.ignore == ("meta.time",)
    assert spec.endpoints[0].body.unordered == ("items",)
    assert spec.exclude == ("/admin/*",)
    assert spec.public_hosts == ()
    assert spec.latency.average_ms == 250
    assert [waived.by for waived in spec.waivers] == ["ada"]


def test_viewers_of_the_dns_door_ask_both_sides_for_the_records_name(
    context: dict[str, Any], declared: dict[str, Any]
) -> None:
    declared["dns"] = {
        "hosted_zone_id": "Z0123456789ABCDEFGHIJ",
        "zone_name": "example.com",
        "record_name": "app.example.com",
        "record": "cname",
    }
    (cutover,) = read_context(context)
    spec = read(Spec, readiness_properties(cutover.name, cutover.service))
    assert spec.public_hosts == ("app.example.com",)
