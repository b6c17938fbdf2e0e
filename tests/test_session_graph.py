"""Credentials and joins as a graph: what its nodes and edges say."""

import cttoolkit as ct
from cttoolkit.session import Grade
from tests.conftest import admitted
from tests.test_session import AKIA, DAY, EC2, assume, console, login, made_key, session, use

NODE = {"kind", "label", "events", "status", "first", "last"}
EDGE = {"kind", "grade", "enables", "status", "note", "event_ids"}


def test_a_graph_says_of_each_node_and_edge_what_is_known(tmp_path):
    at_console = console("sso", "02:00:00")
    records = (
        assume(1, "01:00:00", "deploy", "ASIA1"),
        use(2, "01:10:00", session("deploy", key="ASIA1")),
        assume(3, "01:00:00", "app", "ASIA3", "i-0123456789abcdef0", userIdentity=EC2),
        use(4, "01:10:00", session("app", "i-0123456789abcdef0", "ASIA3")),
        login(5, "02:00:00", at_console),
        use(6, "02:10:00", at_console),
    )
    chains = ct.session.chains(admitted(tmp_path, *records))
    graph = chains.graph()
    assert all(set(node) == NODE for _, node in graph.nodes(data=True))
    assert all(set(edge) == EDGE for *_, edge in graph.edges(data=True))
    kinds = {name.partition(":")[0]: node["kind"] for name, node in graph.nodes(data=True)}
    assert kinds == {"key": "credential", "tmp": "credential", "svc": "service", "login": "login", "con": "credential"}
    edge = graph.edges[f"key:{AKIA}", "tmp:ASIA1"]
    assert (edge["kind"], edge["grade"], edge["enables"]) == ("issued key", "exact", False)
    assert edge["event_ids"] == (records[0]["eventID"],)
    node = graph.nodes["tmp:ASIA1"]
    assert (node["events"], node["status"], node["label"]) == (1, "intact", records[1]["userIdentity"]["arn"])
    service = graph.nodes["svc:ec2.amazonaws.com"]
    assert (service["events"], service["status"], service["first"]) == (0, "intact", service["last"])
    assert len(chains.graph(Grade.EXACT).edges) == len(graph.edges) - 1


def test_the_graphs_of_a_question_hold_what_it_walked(tmp_path):
    new = {
        "type": "IAMUser",
        "principalId": "AIDANEW",
        "arn": "arn:aws:iam::111122223333:user/new",
        "accessKeyId": "AKIANEW",
    }
    records = (
        made_key(1, "01:00:00"),
        use(2, "01:10:00", new),
        assume(3, "01:20:00", "deploy", "ASIA1", userIdentity=new),
        use(4, "01:30:00", session("deploy", key="ASIA1", made="01:20:00")),
    )
    events = admitted(tmp_path, *records)
    assert list(ct.session.behind(events.where(event_id=records[3]["eventID"])).graph().edges) == [
        ("key:AKIANEW", "tmp:ASIA1")
    ]
    reached = ct.session.reach(events, AKIA).graph()
    assert set(reached.edges) == {(f"key:{AKIA}", "key:AKIANEW"), ("key:AKIANEW", "tmp:ASIA1")}
    assert reached.edges[f"key:{AKIA}", "key:AKIANEW"]["enables"]


def test_two_joins_between_the_same_two_are_one_edge_that_cites_both(tmp_path):
    """A user's key that made a second key for its own holder, and was used twice."""
    records = made_key(1, "01:00:00"), made_key(2, "01:01:00"), event_of_new(3)
    graph = ct.session.chains(admitted(tmp_path, *records)).graph()
    assert graph.edges[f"key:{AKIA}", "key:AKIANEW"]["event_ids"] == tuple(r["eventID"] for r in records[:2])


def event_of_new(number):
    who = {"type": "IAMUser", "principalId": "AIDANEW", "arn": "arn:aws:iam::111122223333:user/new"}
    return use(number, "01:10:00", who | {"accessKeyId": "AKIANEW"})


def test_a_hostile_name_is_a_node_like_any(tmp_path):
    name = "x\x00<b>:@é\U0001f4a9"
    graph = ct.session.chains(admitted(tmp_path, use(1, "01:10:00", session("deploy", name)))).graph()
    assert list(graph.nodes) == [f"con:AROADEPLOY:{name}@{DAY}01:00:00Z"]
