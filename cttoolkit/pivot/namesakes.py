"""Names that stand for more than one principal, and principals that go by more than one name.

Source: AWS IAM User Guide, "IAM identifiers": a user or role that is made again under a deleted one's name has another unique id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cttoolkit.events import Events
from cttoolkit.param import Match
from cttoolkit.pivot.measures import brief, marked, worth
from cttoolkit.pivot.regrouped import Pivot

if TYPE_CHECKING:
    import ibis

__all__ = ["namesakes"]


def namesakes(events: Events) -> Pivot:
    """Users and roles whose name changed hands: ``name`` is an ARN, ``principals`` the ids that stand behind it.

    Two ids under one ARN are two identities, of which one was deleted and the other made under its name. ``aliases`` counts the names
    that these ids go by: more than one, and somebody was renamed or moved to another path.
    """
    import ibis

    def name(table: ibis.Table) -> Any:
        return (table.user_identity_type == "IAMUser").ifelse(table.user_identity_arn, table.session_issuer_arn)

    def holds(table: ibis.Table) -> Any:
        return name(table).notnull() & table.principal.re_search("^(user:AIDA|role:AROA)")

    asked = events.where(Match("by users and roles with an id", holds))
    table = marked(asked, asked.table)
    table = table.mutate(name=name(table))
    pairs = table.group_by(["name", "principal"]).aggregate(**brief(table), standing=worth(asked, table))
    pairs = pairs.mutate(
        principals=pairs.count().over(ibis.window(group_by="name")),
        aliases=pairs.count().over(ibis.window(group_by="principal")),
    )
    rows = pairs.filter((pairs.principals > 1) | (pairs.aliases > 1))
    rows = rows.order_by([rows.name.asc(), rows["first"].asc(), rows.principal.asc()])
    return Pivot("name", asked, rows, ("name", "principal"), {"name": name}, events)
