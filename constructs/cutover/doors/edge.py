"""The edge door: one CloudFront distribution, both load balancers behind it, and the function that
picks the side of each viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import Annotations, Duration, Fn, RemovalPolicy
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.declaration.doors import Edge
from cutover.declaration.groups import Group, as_code
from cutover.declaration.side import Side, Which
from cutover.doors.edge_code import router_code
from cutover.doors.origin_header import ORIGIN_SECRET_HEADER, origin_secret_value
from cutover.kept import keep
from cutover.naming import Names
from cutover.paths import LAMBDA

SIDE_HEADER = "x-cutover-side"
_HOST_HEADER = "x-forwarded-host"
"""Set by the function from the viewer's Host, whatever a viewer sends there."""
_ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
# "CloudFront will not failover if OPTIONS are not set as a Cached HTTP methods" (CloudFront Developer Guide,
# high_availability_origin_failover).
_CACHED_METHODS = ["GET", "HEAD", "OPTIONS"]
_STATIC_KEY: Final = (
    SIDE_HEADER,
    # What an answer to OPTIONS, or to another site's page, may depend on (CloudFront API reference,
    # CachedMethods).
    "Origin",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    _HOST_HEADER,
)
"""Headers by which static files may differ. They are in the cache key, and no other header of a viewer
reaches the side."""
_PUBLIC_NAME_KEY: Final = ("Host", "CloudFront-Forwarded-Proto")
"""What tells a side by which name and scheme it was asked. A side that picks a site by its name must hear it
on a static path too, and there only what is in the key reaches it."""
_ERRORS_THAT_CAN_BE_CACHED: Final = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)
"""CloudFront Developer Guide, HTTPStatusCodes; without 412 and 415, which CloudFront takes no custom error
response for."""
_ATTEMPTS: Final[Mapping[Which, int]] = {"old": 2, "new": 1}
"""How often CloudFront tries to connect to a side, and, for GET and HEAD, how often it waits for an answer
(CloudFront Developer Guide, DownloadDistValuesOrigin). A new that hangs must cost a reader one response
timeout before old answers. Behind old there is nobody, so a second attempt is worth its time."""
_NOT_CACHED: Final = cloudfront.CachePolicy.CACHING_DISABLED.cache_policy_id
_ALL_WITH_HOST: Final = (
    cloudfront.OriginRequestPolicy.ALL_VIEWER_AND_CLOUDFRONT_2022.origin_request_policy_id
)
"""All that the viewer sends, Host too, and what CloudFront knows of the viewer, CloudFront-Forwarded-Proto
among it (CloudFront Developer Guide, using-managed-origin-request-policies)."""
_ALL_BUT_HOST: Final = (
    cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER.origin_request_policy_id
)
"""All but Host: each load balancer gets its own name."""
_SECURITY_HEADERS: Final = (
    cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS.response_headers_policy_id
)
_CANNOT_BE_UNDONE: Final = (
    "edge.security_headers tells every browser that comes to use https alone for a year "
    "(Strict-Transport-Security). No rollback takes that back: once the name leads to a load balancer that "
    "speaks plain http, whoever came before cannot get in. Leave it out unless every place that the name "
    "may lead to in that year speaks https."
)
"""RFC 6797, 6.1.1: a browser keeps the policy until its max-age has passed."""


class EdgeDoor(Construct):
    """Defines the distribution and its function; without `old`, one that sends everybody to new, whatever the
    switch says. The weight is one parameter of `Fn::Sub` around the
    function's code, so that a change of weight is one line in `cdk diff`.

    With CloudFront's own certificate the oldest TLS version is not ours to choose: CloudFront sets
    TLSv1 whatever is asked (CloudFront API reference, ViewerCertificate). With `domain_names` it
    is TLS 1.2.

    `log_config_arn` names the real-time log that every request goes to; None: none. `groups` are on new
    before everybody.

    Attributes
    ----------
    distribution : cloudfront.CfnDistribution
    function : cloudfront.CfnFunction
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        edge: Edge,
        old: Side | None,
        new: Side,
        new_weight: int,
        switch_store_arn: str,
        log_config_arn: str | None = None,
        groups: Sequence[Group] = (),
    ) -> None:
        super().__init__(scope, construct_id)
        # What the function does not choose goes to the safe side.
        self._safe_side: Which = "new" if old is None else "old"
        sides: list[tuple[Which, Side]] = [("new", new)]
        if old is not None:
            sides.insert(0, ("old", old))
        self.function = cloudfront.CfnFunction(
            self,
            "Router",
            name=names.router,
            auto_publish=True,
            function_code=_code(edge, names, new_weight, groups, only_new=old is None),
            function_config=cloudfront.CfnFunction.FunctionConfigProperty(
                comment=f"Picks the side of each viewer of {names.service}",
                runtime="cloudfront-js-2.0",
                key_value_store_associations=[
                    cloudfront.CfnFunction.KeyValueStoreAssociationProperty(
                        key_value_store_arn=switch_store_arn
                    )
                ],
            ),
        )
        static = cloudfront.CachePolicy(
            self,
            "StaticCache",
            cache_policy_name=f"{names.service}-static",
            comment="Static files, each side for itself",
            header_behavior=cloudfront.CacheHeaderBehavior.allow_list(
                *_STATIC_KEY, *(_PUBLIC_NAME_KEY if edge.forward_host else ())
            ),
            query_string_behavior=cloudfront.CacheQueryStringBehavior.all(),
            cookie_behavior=cloudfront.CacheCookieBehavior.none(),
            enable_accept_encoding_gzip=True,
            enable_accept_encoding_brotli=True,
            min_ttl=Duration.seconds(0),
            default_ttl=Duration.minutes(5),
            max_ttl=Duration.days(365),
        )
        # Every behaviour has it: a side is judged by all of its requests.
        logged = {} if log_config_arn is None else {"realtime_log_config_arn": log_config_arn}
        dynamic = logged | self._behaviour(
            edge, _NOT_CACHED, _ALL_WITH_HOST if edge.forward_host else _ALL_BUT_HOST
        )
        # Without an origin request policy a side gets what is in the key and nothing else. A cookie that is
        # forwarded, but not in the key, gives one viewer's session to everybody: CloudFront stores
        # Set-Cookie with the object (CloudFront Developer Guide, Cookies).
        cached = logged | self._behaviour(edge, static.cache_policy_id, None)
        self.distribution = cloudfront.CfnDistribution(
            self,
            "Default",
            distribution_config=cloudfront.CfnDistribution.DistributionConfigProperty(
                enabled=True,
                comment=f"{names.service}: old and new behind one door",
                http_version="http2and3",
                ipv6_enabled=True,
                price_class=edge.price_class,
                aliases=list(edge.domain_names) or None,
                viewer_certificate=_viewer_certificate(edge),
                web_acl_id=edge.web_acl_arn,
                origins=[_origin(which, side, edge, names) for which, side in sides],
                default_cache_behavior=cloudfront.CfnDistribution.DefaultCacheBehaviorProperty(
                    **dynamic
                ),
                cache_behaviors=[
                    cloudfront.CfnDistribution.CacheBehaviorProperty(path_pattern=path, **cached)
                    for path in edge.static_paths
                ]
                or None,
                # CachingDisabled keeps no error (CloudFront Developer Guide, HTTPStatusCodes); elsewhere
                # one of new would stay for 10 s after a rollback.
                custom_error_responses=[
                    cloudfront.CfnDistribution.CustomErrorResponseProperty(
                        error_code=code, error_caching_min_ttl=0
                    )
                    for code in _ERRORS_THAT_CAN_BE_CACHED
                ],
                logging=self._access_logs() if edge.access_logs else None,
            ),
        )

        keep(self.distribution, self.function, static)
        self._acknowledge(edge, [side for _, side in sides])
        if edge.security_headers:
            Annotations.of(self).add_warning_v2("cutover:security-headers", _CANNOT_BE_UNDONE)

    def _acknowledge(self, edge: Edge, sides: Sequence[Side]) -> None:
        reasons = {
            "AwsSolutions-CFR1": "The service is for everybody; a WAF decides who is kept out."
        }
        if edge.web_acl_arn is None:
            reasons["AwsSolutions-CFR2"] = "The declaration names no web ACL (edge.web_acl_arn)."
        if not edge.access_logs:
            reasons["AwsSolutions-CFR3"] = "The declaration keeps none (edge.access_logs)."
        if edge.certificate_arn is None:
            reasons["AwsSolutions-CFR4"] = (
                "With CloudFront's own certificate CloudFront sets TLSv1 whatever is asked; "
                "edge.domain_names with a certificate brings TLS 1.2."
            )
        if any(side.scheme == "http" for side in sides):
            reasons["AwsSolutions-CFR5"] = (
                "A load balancer is declared as plain http (scheme); https is one word there."
            )
        acknowledge(self.distribution, reasons)

    def _behaviour(
        self, edge: Edge, cache_policy_id: str, origin_request_policy_id: str | None
    ) -> dict[str, Any]:
        function_arn = self.function.attr_function_arn
        return {
            "target_origin_id": self._safe_side,
            "viewer_protocol_policy": "redirect-to-https",
            "allowed_methods": _ALL_METHODS,
            "cached_methods": _CACHED_METHODS,
            "compress": True,
            "cache_policy_id": cache_policy_id,
            "origin_request_policy_id": origin_request_policy_id,
            # What a side does not send is not said in its name, unless the declaration asks for it.
            "response_headers_policy_id": _SECURITY_HEADERS if edge.security_headers else None,
            "function_associations": [
                cloudfront.CfnDistribution.FunctionAssociationProperty(
                    event_type=event, function_arn=function_arn
                )
                for event in ("viewer-request", "viewer-response")
            ],
        }

    def _access_logs(self) -> cloudfront.CfnDistribution.LoggingProperty:
        bucket = s3.Bucket(
            self,
            "AccessLogs",
            # CloudFront's standard logs are delivered by ACL (CloudFront Developer Guide,
            # AccessLogs: "the bucket must have ACLs enabled").
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(90))],
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(bucket, {"AwsSolutions-S1": "It holds the access logs of the edge itself."})
        return cloudfront.CfnDistribution.LoggingProperty(
            bucket=bucket.bucket_regional_domain_name, prefix="edge/", include_cookies=False
        )


def _code(
    edge: Edge, names: Names, new_weight: int, groups: Sequence[Group], *, only_new: bool
) -> str:
    """Return the function's code; with `only_new` the one that knows no other side."""
    # `cdk diff` shows three lines around a change: the weight stands last and far enough from the code that a
    # reviewer sees the number and not the code, and the groups stand first.
    weight = {"SideHeader": SIDE_HEADER, "NewWeight": str(new_weight)}
    if only_new:
        return Fn.sub((LAMBDA / "edge" / "only_new.js").read_text(encoding="utf-8"), weight)
    declared = {"Groups": as_code(groups)} if groups else {}
    return Fn.sub(
        router_code(with_groups=bool(groups)),
        {
            **declared,
            "StaticPaths": edge.static_expression,
            "Service": names.service,
            **weight,
        },
    )


def _origin(
    which: Which, side: Side, edge: Edge, names: Names
) -> cloudfront.CfnDistribution.OriginProperty:
    secure = side.scheme == "https"
    return cloudfront.CfnDistribution.OriginProperty(
        id=which,
        domain_name=side.reached_at,
        connection_attempts=_ATTEMPTS[which],
        # A side that does not let anybody connect costs a viewer seconds, not half a minute.
        connection_timeout=3,
        custom_origin_config=cloudfront.CfnDistribution.CustomOriginConfigProperty(
            origin_protocol_policy="https-only" if secure else "http-only",
            http_port=80 if secure else side.listener_port,
            https_port=side.listener_port if secure else 443,
            origin_ssl_protocols=["TLSv1.2"],
            origin_read_timeout=edge.response_timeout_seconds,
            origin_keepalive_timeout=5,
        ),
        origin_custom_headers=[
            cloudfront.CfnDistribution.OriginCustomHeaderProperty(
                header_name=ORIGIN_SECRET_HEADER,
                header_value=origin_secret_value(names),
            )
        ],
    )


def _viewer_certificate(edge: Edge) -> cloudfront.CfnDistribution.ViewerCertificateProperty:
    if edge.certificate_arn is None:
        return cloudfront.CfnDistribution.ViewerCertificateProperty(
            cloud_front_default_certificate=True
        )
    return cloudfront.CfnDistribution.ViewerCertificateProperty(
        acm_certificate_arn=edge.certificate_arn,
        ssl_support_method="sni-only",
        minimum_protocol_version="TLSv1.2_2021",
    )
