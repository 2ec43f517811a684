"""The Athena queries that find who still asks old by its own name, in its load balancer's access log.

Sources: Elastic Load Balancing User Guide for Application Load Balancers, load-balancer-access-logs (fields
and file names); Athena User Guide, create-alb-access-logs-table-partition-projection.
"""

from __future__ import annotations

from typing import Final

from cutover.declaration.service import Service
from cutover.doors.redirect_rules import PROBES, kept_priorities

DAYS: Final = 7
"""So many days the query looks back, today not counted."""

LINE: Final = (
    r"[^ ]+ ([^ ]+) ([^ ]+) ([^ ]+):[0-9]+ (?:[^ ]+ ){4}([^ ]+) (?:[^ ]+ ){3}"
    r'"([^ ]*) (.*?) ([^ "]*)" "([^"]*)" [^ ]+ [^ ]+ [^ ]+ "[^"]*" "[^"]*" "[^"]*" ([^ ]+) [^ ]+ "([^"]*)".*'
)
"""One line of the log; what AWS adds at its end one day is passed over, as AWS asks. Java and Python read it
alike."""

COLUMNS: Final = (
    "time",
    "elb",
    "client_ip",
    "elb_status_code",
    "request_verb",
    "request_url",
    "request_proto",
    "user_agent",
    "matched_rule_priority",
    "actions_executed",
)
"""What the groups of `LINE` are."""


def table_of(name: str) -> str:
    """Return the name of the table for the service `name`."""
    return f"{name.replace('-', '_')}_old_access_log"


def create_table(name: str, service: Service) -> str:
    """Return the statement that makes the table, for `Fn::Sub`: the account is filled in."""
    assert service.last_users is not None
    folder = (
        f"{service.last_users.access_logs}/AWSLogs/${{AWS::AccountId}}/elasticloadbalancing/"
        f"{service.old.region}"
    )
    columns = ",\n".join(f"  `{column}` string" for column in COLUMNS)
    line = LINE.replace("\\", "\\\\")
    return f"""\
CREATE EXTERNAL TABLE IF NOT EXISTS `{table_of(name)}` (
{columns}
)
PARTITIONED BY (`day` string)
ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe'
WITH SERDEPROPERTIES ('input.regex' = '{line}')
LOCATION '{folder}/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.range' = '2020/01/01,NOW',
  'projection.day.format' = 'yyyy/MM/dd',
  'projection.day.interval' = '1',
  'projection.day.interval.unit' = 'DAYS',
  'storage.location.template' = '{folder}/${{!day}}'
)"""


def find_last_users(name: str, service: Service) -> str:
    """Return the query: who asks, with what, for which path, how often and when last; probes taken out."""
    names = ", ".join(f"'{host}'" for host in service.old_names)
    wheres = [
        f"day >= date_format(current_date - interval '{DAYS}' day, '%Y/%m/%d')",
        f"elb = '{service.old.load_balancer}'",
        f"lower(url_extract_host(request_url)) IN ({names})",
        *(f"user_agent NOT LIKE '{probe.replace('*', '%')}'" for probe in PROBES),
    ]
    kept = kept_priorities(service)
    if kept:
        wheres.append(
            "coalesce(try_cast(matched_rule_priority AS integer), -1) "
            f"NOT BETWEEN {kept.start} AND {kept.stop - 1}"
        )
    where = "\n  AND ".join(wheres)
    return "\n".join(
        [
            "SELECT client_ip, user_agent, request_verb, url_extract_path(request_url) AS path,",
            "  actions_executed, count(*) AS requests, max(time) AS last_seen",
            f'FROM "{table_of(name)}"',
            f"WHERE {where}",
            "GROUP BY 1, 2, 3, 4, 5",
            "ORDER BY requests DESC",
            "LIMIT 500",
        ]
    )
