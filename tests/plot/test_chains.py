"""Graphs of credentials are drawn whole, in layers, and nothing lies over anything else."""

from datetime import UTC, datetime
from itertools import combinations
from types import SimpleNamespace

import networkx as nx
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from cttoolkit import plot
from cttoolkit.errors import ColumnError
from cttoolkit.plot.layers import lay_out
from tests.plot.test_plot import HOSTILE, PNG, texts

GAP = 0.1


def grown(*edges, **nodes):
    """A graph as chains give it; an edge is parent, child and, where they matter, grade and whether it only enables."""
    graph = nx.DiGraph()
    for parent, child, *rest in edges:
        grade, enables = (*rest, *("exact", False)[len(rest) :])
        graph.add_edge(
            parent, child, kind="issued key", grade=grade, enables=enables, status="intact", note="", event_ids=()
        )
    for name in [*graph, *nodes]:
        graph.add_node(
            name, **{"kind": "credential", "label": name, "events": 1, "status": "intact"} | nodes.get(name, {})
        )
    return graph


def laid(graph):
    order = sorted(graph)
    return lay_out(graph, order, lambda *_: 0, dict.fromkeys(order, 0.4), GAP)


def test_what_gave_rise_stands_left_of_what_came_from_it():
    found = laid(grown(("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")))
    assert [found.layer[node] for node in "abcd"] == [0, 1, 2, 1]
    assert len(found.stations["a", "c"]) == 1


def test_a_circle_is_drawn_and_cut_where_it_closes():
    graph = grown(("a", "b"), ("b", "c"), ("c", "a"), ("c", "c"), ("b", "a"))
    found = laid(graph)
    assert sorted(found.layer[node] for node in "abc") == [0, 1, 2]
    assert {("c", "a"), ("b", "a")} <= found.backward
    assert "↺" in " ".join(texts(plot.sessions(graph)))
    assert plot.sessions(graph)._repr_png_().startswith(PNG)


@pytest.mark.parametrize("seed", range(8))
def test_no_box_and_no_line_lies_over_a_box(seed):
    """Fifty nodes, edges at random: boxes keep apart, and where an edge passes a layer it passes between boxes."""
    random = nx.gnp_random_graph(50, 0.04, seed=seed, directed=True)
    graph = nx.relabel_nodes(random, {node: f"n{node:02d}" for node in random})
    found = laid(graph)
    places = [(found.layer[one], found.y[one], 0.4 if isinstance(one, str) else 0.0) for one in found.y]
    for (layer, y, height), (other, at, size) in combinations(places, 2):
        if layer == other and (height or size):
            assert abs(y - at) >= (height + size) / 2 + 0.01
    assert set(graph) <= set(found.y)


def test_no_text_lies_over_another():
    graph = grown(
        *((f"p{n % 4}", f"c{n:02d}", ("exact", "strong", "likely", "possible")[n % 4], n % 5 == 0) for n in range(40))
    )
    chart = plot.sessions(graph)
    chart._repr_png_()
    renderer = FigureCanvasAgg(chart.figure).get_renderer()
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in chart.figure.axes[0].texts]
    for (one, first), (other, second) in combinations(boxes, 2):
        assert not first.shrunk(0.98, 0.9).overlaps(second.shrunk(0.98, 0.9)), (one, other)
    frame = chart.figure.bbox
    assert all(frame.contains(box.x0, box.y0) and frame.contains(box.x1, box.y1) for _, box in boxes)


def test_more_than_fifty_are_left_out_and_counted_and_no_path_is_torn():
    graph = grown(*((f"hub{n % 3}", f"leaf{n:03d}") for n in range(120)), *((f"root{n}", f"hub{n}") for n in range(3)))
    chart = plot.sessions(graph)
    (note,) = [text for text in texts(chart) if "left out" in text]
    assert note.startswith("76 credentials left out: the 50")
    drawn = texts(chart)
    assert {f"root{n}" for n in range(3)} <= set(drawn)
    assert len(chart.data) == graph.number_of_edges()


def test_a_path_too_deep_for_a_page_is_cut_and_said():
    chart = plot.sessions(grown(*((f"n{n:02d}", f"n{n + 1:02d}") for n in range(40))))
    assert any("more than 12 joins deep" in text for text in texts(chart))
    assert chart.figure.get_figwidth() < 50


def test_grades_are_lines_of_their_own_and_what_only_enables_has_an_open_head():
    from matplotlib.patches import FancyArrowPatch

    grades = ("exact", "strong", "likely", "possible")
    chart = plot.sessions(grown(*(("a", f"b{n}", grade, n == 3) for n, grade in enumerate(grades))))
    lines = [one for one in chart.figure.axes[0].patches if isinstance(one, FancyArrowPatch)]
    assert len({(str(one.get_linestyle()), one.get_linewidth()) for one in lines if one.get_zorder() == 2}) == 4
    heads = [one.get_facecolor() for one in lines if one.get_zorder() == 5]
    assert sum(colour[:3] == (1, 1, 1) for colour in heads) == 1


def test_a_credential_of_a_log_file_that_is_not_intact_says_so():
    chart = plot.sessions(grown(("a", "b"), b={"status": "unverifiable"}))
    assert "log file UNVERIFIABLE" in texts(chart)


def test_hostile_nodes_are_shown_and_not_interpreted():
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    graph = grown(
        ("a", "b"), ("b", "c"),
        a={"label": HOSTILE, "kind": HOSTILE, "status": HOSTILE, "first": first, "last": last, "events": 10**12},
        b={"label": None, "kind": None, "status": None, "first": None, "last": last, "events": None},
    )  # fmt: skip
    graph.edges["a", "b"].update(kind=HOSTILE, grade=HOSTILE, status=HOSTILE, enables=None)
    chart = plot.sessions(graph)
    assert chart._repr_png_().startswith(PNG)
    assert not any(character in text for text in texts(chart) for character in "\x1b\u202e漢")
    assert chart.figure.get_figheight() < 5


def test_anything_with_a_graph_is_drawn_and_nothing_else():
    graph = grown(("a", "b"))
    whole = plot.sessions(SimpleNamespace(graph=lambda: graph))
    assert whole._repr_png_() == plot.sessions(graph)._repr_png_()
    assert "no credentials" in texts(plot.sessions(nx.DiGraph()))
    with pytest.raises(ColumnError, match="it has no graph"):
        plot.sessions(5)
