"""Whether a rule of a security group lets the whole world reach a port that administers or stores something.

Rules stand in requestParameters as a list (``ipPermissions.items``), as one rule (``cidrIp``, ``fromPort``), or, for
ModifySecurityGroupRules, under the name of the request and in capitals.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from cttoolkit.param import Match, param

__all__ = ["OPENED", "OPENED_BY_CHANGE", "PORTS"]

PORTS = (22, 23, 135, 445, 1433, 2375, 2376, 3306, 3389, 5432, 5900, 5985, 5986, 6379, 6443, 9200, 10250, 11211, 27017)
"""SSH, Telnet, RPC, SMB, SQL Server, Docker, MySQL, RDP, PostgreSQL, VNC, WinRM, Redis, Kubernetes, Elasticsearch, kubelet,
memcached, MongoDB."""

# A quarter of the addresses is as good as all of them; of IPv6, an eighth has all that are routed.
_WORLD = r'(?i)"cidrIp(?:v4|v6)?"\s*:\s*"(?:[0-9.]+/[0-2]|[0-9a-f:]+/[0-3])"'
_ALL = r'(?i)"ipProtocol"\s*:\s*"-1"'
_WITH_PORTS = r'(?i)"ipProtocol"\s*:\s*"(?:tcp|udp|6|17)"'


def _opens(rule: Any) -> Any:
    first, last = (
        rule.re_extract(rf'(?i)"{name}"\s*:\s*"?([0-9]{{1,5}})', 1).try_cast("int64") for name in ("fromPort", "toPort")
    )
    reached = reduce(or_, ((first <= port) & (last >= port) for port in PORTS)).fill_null(False)
    return rule.re_search(_WORLD) & (rule.re_search(_ALL) | (rule.re_search(_WITH_PORTS) & reached))


_TOLD = "opens such a port to the world"
_WHOLE = Match(_TOLD, lambda table: _opens(table.request_parameters))

OPENED = param("requestParameters.ipPermissions.items[]").meets(_TOLD, _opens) | (
    param("requestParameters.cidrIp").exists() & _WHOLE
)
"""Of AuthorizeSecurityGroupIngress."""
OPENED_BY_CHANGE = _WHOLE
"""Of ModifySecurityGroupRules, which may change several rules: the address of one and the port of another are taken together."""
