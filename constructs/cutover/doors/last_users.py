"""What is deployed for those who ask old by its own name: listener rules, and queries that find them."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Fn
from aws_cdk import aws_athena as athena
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from cutover.declaration.last_users import LISTENER
from cutover.declaration.service import Service
from cutover.doors.last_users_queries import DAYS, create_table, find_last_users
from cutover.doors.redirect_rules import ListenerRule, Redirect, redirect_rules, target_group_arn
from cutover.naming import Names

_Rule = elbv2.CfnListenerRule


class LastUsers(Construct):
    """Defines the rules of each declared listener of old, where `last_users.redirect` is declared, and the
    queries over its access log, where `last_users.access_logs` is.

    A rule that redirects is made after those that keep the edge and the probes at old, and deleted before
    them: no deploy leaves it alone for a moment.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, service: Service
    ) -> None:
        super().__init__(scope, construct_id)
        wanted = service.last_users
        if wanted is not None and wanted.redirect is not None:
            self._redirect(service, wanted.listeners)
        if wanted is not None and wanted.access_logs is not None:
            self._queries(names, service)

    def _queries(self, names: Names, service: Service) -> None:
        athena.CfnNamedQuery(
            self,
            "Table",
            name=f"{names.service}: the access log of old",
            description="Run this once: it makes the table that the other query reads",
            database="default",
            query_string=Fn.sub(create_table(names.service, service)),
        )
        athena.CfnNamedQuery(
            self,
            "Find",
            name=f"{names.service}: who still asks old by its own name",
            description=f"The last {DAYS} days, probes taken out",
            database="default",
            query_string=find_last_users(names.service, service),
        )

    def _redirect(self, service: Service, listeners: Sequence[str]) -> None:
        group = target_group_arn(service)
        for arn in listeners:
            found = LISTENER.fullmatch(arn)
            assert found is not None
            # By the listener's id: the order in which listeners are declared means nothing.
            listener = Construct(self, found["id"])
            keeping: list[elbv2.CfnListenerRule] = []
            for rule in redirect_rules(service):
                made = elbv2.CfnListenerRule(
                    listener,
                    rule.name,
                    listener_arn=arn,
                    priority=rule.priority,
                    conditions=_conditions(rule),
                    actions=[_forward(group) if rule.redirect is None else _send(rule.redirect)],
                )
                if rule.redirect is None:
                    keeping.append(made)
                else:
                    for keeps in keeping:
                        made.add_resource_dependency(keeps)


def _conditions(rule: ListenerRule) -> list[elbv2.CfnListenerRule.RuleConditionProperty]:
    conditions = [
        _Rule.RuleConditionProperty(
            field="host-header",
            host_header_config=_Rule.HostHeaderConfigProperty(values=list(rule.hosts)),
        )
    ]
    if rule.header:
        conditions.append(
            _Rule.RuleConditionProperty(
                field="http-header",
                http_header_config=_Rule.HttpHeaderConfigProperty(
                    http_header_name=rule.header, values=list(rule.values)
                ),
            )
        )
    if rule.path:
        conditions.append(
            _Rule.RuleConditionProperty(
                field="path-pattern",
                path_pattern_config=_Rule.PathPatternConfigProperty(values=[rule.path]),
            )
        )
    if rule.methods:
        conditions.append(
            _Rule.RuleConditionProperty(
                field="http-request-method",
                http_request_method_config=_Rule.HttpRequestMethodConfigProperty(
                    values=list(rule.methods)
                ),
            )
        )
    return conditions


def _forward(group: str) -> elbv2.CfnListenerRule.ActionProperty:
    return _Rule.ActionProperty(type="forward", target_group_arn=group)


def _send(redirect: Redirect) -> elbv2.CfnListenerRule.ActionProperty:
    return _Rule.ActionProperty(
        type="redirect",
        redirect_config=_Rule.RedirectConfigProperty(
            protocol=redirect.protocol,
            host=redirect.host,
            port=str(redirect.port),
            path="/#{path}",
            query="#{query}",
            status_code=redirect.status,
        ),
    )
