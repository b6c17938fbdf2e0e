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
