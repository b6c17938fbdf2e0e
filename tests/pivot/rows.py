"""What holds for every pivot, whatever it asks."""

from __future__ import annotations

from cttoolkit.finding import finding


def same_as_its_events(rows, most=12):
    """Each row drills to as many events as it counts, first and last among them, and to a finding of its standing."""
    frame = rows.frame()
    assert len(frame) == len(rows) == len(rows.values) == len(set(rows.values))
    assert rows._repr_html_().count("<tr>") == min(len(rows), 20) + 1
    assert rows.axis in repr(rows)
    for place, value in enumerate(rows.values[:most]):
        row = frame.iloc[place]
        behind = rows.drill(value)
        assert len(behind) == row.events, value
        assert len(rows.drill(row)) == row.events
        times = behind.frame("event_time").event_time.dropna()
        if len(times):
            assert (times.min(), times.max()) == (row["first"], row["last"]), value
        if "standing" in frame and row.events <= 10_000:
            assert finding("It is so.", behind).standing.word.value == row.standing, value


PLAIN = frozenset(
    "access_keys accounts addresses agents names principals regions roles services sessions new_agents new_regions".split()
)
"""Pivots that ask of another column what a pivot among the rest asks of its own, in the same words."""


def every_pivot(events, since, but=frozenset()):
    """All pivots there are, by name, without those that are left out; what is new or more is so since then."""
    import inspect

    from cttoolkit import pivot

    left = {
        "Pivot",
        "on",
        "sharing",
        "widest_key_owner",
        "compare",
        "history",
        "asns",
        "cities",
        "countries",
        "located",
    }
    found = {}
    for name in sorted(set(pivot.__all__) - left - but):
        make = getattr(pivot, name)
        asks_since = "since" in inspect.signature(make).parameters
        found[name] = make(events, since=since) if asks_since else make(events)
    after = events.between(since, "9999-12-31T00:00:00Z")
    before = events.between("0001-01-01T00:00:00Z", since)
    found["compare"] = pivot.compare(after, before)
    found["compare networks"] = pivot.compare(after, before, "network")
    found["history"] = pivot.history(events, "alice")
    found["first_seen of all time"] = pivot.first_seen(events, "network")
    found["bursts of all time"] = pivot.bursts(events, least=1)
    return found
