"""The expression by which Athena reads old's access log, on the examples of AWS's guide."""

# ruff: noqa: E501 - a log's lines are long

from __future__ import annotations

import re

import pytest

from cutover.doors.last_users_queries import COLUMNS, LINE

GROUP = (
    "arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067"
)
CERTIFICATE = "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"
HTTP = (
    "http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 "
    '0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - '
    f'{GROUP} "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-"'
)
H2 = (
    "h2 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 10.0.1.252:48160 10.0.0.66:9000 "
    '0.000 0.002 0.000 302 - 5 257 "GET https://10.0.2.105:773/a HTTP/2.0" "a b" '
    f'ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 {GROUP} "Root=1-58337327-72bd00b0343d75b906739c42" "-" '
    f'"{CERTIFICATE}" 49020 2018-07-02T22:22:48.364000Z "redirect" "https://example.com:80/" "-"'
)


@pytest.mark.parametrize("more", ["", ' "-" "-" "-" "-" TID_1234 "a new one"'])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        (HTTP, ["192.168.131.39", "200", "GET", "http://www.example.com:80/", "HTTP/1.1", "curl/7.46.0", "0", "forward"]),
        (H2, ["10.0.1.252", "302", "GET", "https://10.0.2.105:773/a", "HTTP/2.0", "a b", "49020", "redirect"]),
        (HTTP.replace("10.0.0.1:80", "-"), ["192.168.131.39", "200", "GET", "http://www.example.com:80/", "HTTP/1.1", "curl/7.46.0", "0", "forward"]),
    ],
)  # fmt: skip
def test_each_column_is_found_and_what_comes_after_is_passed_over(
    line: str, said: list[str], more: str
) -> None:
    found = re.fullmatch(LINE, line + more)
    assert found is not None
    columns = dict(zip(COLUMNS, found.groups(), strict=True))
    assert columns.pop("time") == "2018-07-02T22:23:00.186641Z"
    assert columns.pop("elb") == "app/my-loadbalancer/50dc6c495c0c9188"
    assert list(columns.values()) == said
