"""The front doors: what the records, the distribution and their checks must say."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.doors.switch import FIRST_CONTENT
from tests.template.templates import Templates, resources


def only(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    ((_, properties),) = found.items()
    return properties


def distribution(template: dict[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = only(resources(template, "AWS::CloudFront::Distribution"))[
        "DistributionConfig"
    ]
    return config


def behaviours(config: dict[str, Any]) -> list[dict[str, Any]]:
    return [config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])]


def test_weighted_records_have_fixed_identifiers_one_ttl_and_a_check_each(
    dns_doors: Templates,
) -> None:
    for service, kinds in (("shop", {"A", "AAAA"}), ("reports", {"CNAME"})):
        records = resources(dns_doors[f"{service}-traffic"], "AWS::Route53::RecordSet").values()
        assert {(r["Type"], r["SetIdentifier"]) for r in records} == {
            (kind, side) for kind in kinds for side in ("old", "new")
        }
        assert len({r.get("TTL") for r in records}) == 1
        assert all("HealthCheckId" in r for r in records)


def test_an_alias_follows_new_s_load_balancer_and_never_old_s(dns_doors: Templates) -> None:
    records = resources(dns_doors["shop-traffic"], "AWS::Route53::RecordSet").values()
    follows = {r["SetIdentifier"]: r["AliasTarget"]["EvaluateTargetHealth"] for r in records}
    assert follows == {"old": False, "new": True}
    assert {r["AliasTarget"]["HostedZoneId"] for r in records} == {"Z32O12XQLNTSW2"}
    assert {r["AliasTarget"]["DNSName"] for r in records} == {
        "dualstack.shop-blue-1410736528.eu-west-1.elb.amazonaws.com",
        "dualstack.shop-green-992604715.eu-west-1.elb.amazonaws.com",
    }


def test_a_cname_group_has_the_ttl_of_a_load_balancer_s_alias(dns_doors: Templates) -> None:
    records = resources(dns_doors["reports-traffic"], "AWS::Route53::RecordSet").values()
    assert {r["TTL"] for r in records} == {"60"}


def test_old_always_counts_as_healthy_and_new_carries_the_switch(dns_doors: Templates) -> None:
    for service in ("shop", "reports"):
        calculated = {
            logical_id: check["HealthCheckConfig"]
            for logical_id, check in resources(
                dns_doors[f"{service}-safety"], "AWS::Route53::HealthCheck"
            ).items()
            if check["HealthCheckConfig"]["Type"] == "CALCULATED"
        }
        thresholds = {
            logical_id.startswith("DnsSwitchOld"): config["HealthThreshold"]
            for logical_id, config in calculated.items()
        }
        assert thresholds == {True: 0, False: 1}


def test_the_switch_states_nothing_that_the_rollback_function_writes(dns_doors: Templates) -> None:
    for template in dns_doors.values():
        for check in resources(template, "AWS::Route53::HealthCheck").values():
            assert not {"Inverted", "Disabled"} & check["HealthCheckConfig"].keys()


def test_no_check_probes_the_weighted_name(dns_doors: Templates) -> None:
    weighted = {"example.com", "reports.example.com"}
    for template in dns_doors.values():
        for check in resources(template, "AWS::Route53::HealthCheck").values():
            probed = check["HealthCheckConfig"].get("FullyQualifiedDomainName")
            assert probed not in weighted


def test_checks_speak_as_the_endpoint_is_declared(dns_doors: Templates) -> None:
    checks = [
        check["HealthCheckConfig"]
        for check in resources(dns_doors["shop-safety"], "AWS::Route53::HealthCheck").values()
    ]
    matching = [c for c in checks if c["Type"] == "HTTPS_STR_MATCH"]
    assert {c["FullyQualifiedDomainName"] for c in matching} == {
        "blue.example.com",
        "green.example.com",
    }
    for config in matching:
        assert config["ResourcePath"] == "/health"
        assert config["SearchString"] == '"status":"ok"'
        assert (config["Port"], config["EnableSNI"]) == (443, True)
        assert (config["RequestInterval"], config["FailureThreshold"]) == (10, 3)


def test_the_store_begins_released_and_never_changes(chatmrpt: Templates) -> None:
    store = only(resources(chatmrpt["chatmrpt-safety"], "AWS::CloudFront::KeyValueStore"))
    assert store["Name"] == "chatmrpt-switch"
    assert "ImportSource" in store
    # CloudFormation takes no other content once the store is there.
    assert FIRST_CONTENT == {
        "switch": '{"state":"released"}',
        "pin-key": "nobody has pinned yet",
    }


def test_both_load_balancers_are_origins_with_the_secret_header(chatmrpt: Templates) -> None:
    origins = {o["Id"]: o for o in distribution(chatmrpt["chatmrpt-traffic"])["Origins"]}
    assert {side: origin["DomainName"] for side, origin in origins.items()} == {
        "old": "chatmrpt-alb-319454030.us-east-2.elb.amazonaws.com",
        "new": "chatmrpt-staging-alb-752380251.us-east-2.elb.amazonaws.com",
    }
    for origin in origins.values():
        assert origin["OriginCustomHeaders"] == [
            {
                "HeaderName": "x-origin-verify",
                "HeaderValue": "{{resolve:secretsmanager:chatmrpt/origin-header-value:SecretString}}",
            }
        ]
        assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "http-only"


def test_every_behaviour_runs_the_function_and_passes_every_method(chatmrpt: Templates) -> None:
    for behaviour in behaviours(distribution(chatmrpt["chatmrpt-traffic"])):
        assert {a["EventType"] for a in behaviour["FunctionAssociations"]} == {
            "viewer-request",
            "viewer-response",
        }
        assert set(behaviour["AllowedMethods"]) == {
            *("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")
        }
        assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behaviour["TargetOriginId"] == "old"
        assert behaviour["Compress"] is True
        # A header that no side sent could not be taken back (HSTS holds for a year).
        assert "ResponseHeadersPolicyId" not in behaviour


def test_every_behaviour_fails_over_to_old(chatmrpt: Templates) -> None:
    """CloudFront Developer Guide, high_availability_origin_failover: not without OPTIONS."""
    for behaviour in behaviours(distribution(chatmrpt["chatmrpt-traffic"])):
        assert set(behaviour["CachedMethods"]) == {"GET", "HEAD", "OPTIONS"}


CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_AND_CLOUDFRONT_HEADERS = "33f36d7e-f396-46d9-90e0-52428a34d9dc"
ALL_VIEWER_EXCEPT_HOST_HEADER = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"


def test_only_static_paths_are_cached_and_each_side_for_itself(chatmrpt: Templates) -> None:
    template = chatmrpt["chatmrpt-traffic"]
    config = distribution(template)
    dynamic = config["DefaultCacheBehavior"]
    assert dynamic["CachePolicyId"] == CACHING_DISABLED
    assert dynamic["OriginRequestPolicyId"] == ALL_VIEWER_AND_CLOUDFRONT_HEADERS
    (static,) = config["CacheBehaviors"]
    assert static["PathPattern"] == "/static/*"
    ((logical_id, policy),) = resources(template, "AWS::CloudFront::CachePolicy").items()
    assert static["CachePolicyId"] == {"Ref": logical_id}
    key = policy["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"] == {
        "HeaderBehavior": "whitelist",
        "Headers": [
            "x-cutover-side",
            *("Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"),
            *("x-forwarded-host", "Host", "CloudFront-Forwarded-Proto"),
        ],
    }
    # CloudFront takes ten (CloudFront Developer Guide, cloudfront-limits).
    assert len(key["HeadersConfig"]["Headers"]) <= 10


def test_no_behaviour_that_caches_forwards_what_is_not_in_its_key(
    chatmrpt: Templates, dns_doors: Templates
) -> None:
    caching = 0
    for template in (chatmrpt["chatmrpt-traffic"], dns_doors["reports-traffic"]):
        assert not resources(template, "AWS::CloudFront::OriginRequestPolicy")
        policies = resources(template, "AWS::CloudFront::CachePolicy")
        for behaviour in behaviours(distribution(template)):
            # Without a cache policy the old settings would hold, and forward as they like.
            assert not {"ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL"} & behaviour.keys()
            if behaviour["CachePolicyId"] == CACHING_DISABLED:
                continue
            caching += 1
            # An origin request policy forwards headers, cookies or query strings beside the key.
            assert "OriginRequestPolicyId" not in behaviour
            config = policies[behaviour["CachePolicyId"]["Ref"]]["CachePolicyConfig"]
            key = config["ParametersInCacheKeyAndForwardedToOrigin"]
            # In a key they would be stored for each viewer, with what the side set for that viewer.
            assert key["CookiesConfig"] == {"CookieBehavior": "none"}
            assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
            forwarded = {header.lower() for header in key["HeadersConfig"]["Headers"]}
            assert not {"authorization", "cookie"} & forwarded
    assert caching == 2


def test_a_new_that_hangs_costs_a_reader_one_response_timeout(chatmrpt: Templates) -> None:
    """CloudFront API reference, Origin: ConnectionAttempts holds for answers that time out too."""
    origins = {o["Id"]: o for o in distribution(chatmrpt["chatmrpt-traffic"])["Origins"]}
    assert origins["new"]["ConnectionAttempts"] == 1
    assert origins["new"]["CustomOriginConfig"]["OriginReadTimeout"] == 60
    assert origins["old"]["ConnectionAttempts"] == 2
    assert {o["ConnectionTimeout"] for o in origins.values()} == {3}


def test_no_error_is_kept_and_none_is_replaced(chatmrpt: Templates) -> None:
    stated = distribution(chatmrpt["chatmrpt-traffic"])["CustomErrorResponses"]
    # CloudFront Developer Guide, HTTPStatusCodes and creating-custom-error-pages.
    assert [response["ErrorCode"] for response in stated] == [
        *(400, 403, 404, 405, 414, 500, 501, 502, 503, 504)
    ]
    for response in stated:
        assert response.keys() == {"ErrorCode", "ErrorCachingMinTTL"}
        assert response["ErrorCachingMinTTL"] == 0


def test_viewers_get_http3_ipv6_and_what_tls_can_be_asked_for(
    chatmrpt: Templates, dns_doors: Templates
) -> None:
    config = distribution(chatmrpt["chatmrpt-traffic"])
    assert (config["HttpVersion"], config["IPV6Enabled"]) == ("http2and3", True)
    assert config["ViewerCertificate"] == {"CloudFrontDefaultCertificate": True}
    own = distribution(dns_doors["reports-traffic"])
    assert own["Aliases"] == ["reports-edge.example.com"]
    assert own["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_without_the_edge_door_there_is_no_distribution_but_still_a_switch(
    dns_doors: Templates,
) -> None:
    assert not resources(dns_doors["shop-traffic"], "AWS::CloudFront::Distribution")
    assert resources(dns_doors["shop-safety"], "AWS::CloudFront::KeyValueStore")


@pytest.mark.parametrize("service", ["shop", "reports"])
def test_no_secret_stands_in_a_template(dns_doors: Templates, service: str) -> None:
    for name, template in dns_doors.items():
        if not name.startswith(service):
            continue
        for secret in resources(template, "AWS::SecretsManager::Secret").values():
            assert "SecretString" not in secret
            assert secret["GenerateSecretString"]["PasswordLength"] == 48
        for function in resources(template, "AWS::CloudFront::Function").values():
            assert function["FunctionCode"]["Fn::Sub"][1].keys() == {
                "NewWeight",
                "Service",
                "SideHeader",
                "StaticPaths",
            }
