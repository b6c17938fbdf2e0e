"""The explorer: histogram, choosers, events, detail and basket put together. It asks Exploration, and decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets

from cttoolkit.errors import CttoolkitError
from cttoolkit.events import Events
from cttoolkit.finding import MOST_CITED, Finding, finding
from cttoolkit.session.chain import Chains, chains
from cttoolkit.text import number_of, shortened, visible
from cttoolkit.widgets.basket import Basket, Place
from cttoolkit.widgets.choosers import Choosers
from cttoolkit.widgets.detail import behind, detail
from cttoolkit.widgets.exploration import PAGE, Exploration, explored
from cttoolkit.widgets.histogram import histogram, told_edge
from cttoolkit.widgets.listing import STYLE, Listing
from cttoolkit.widgets.span import Span
from cttoolkit.widgets.summary import static_html, static_text
from cttoolkit.window import Window

__all__ = ["Explorer", "explorer"]


class Explorer:
    """Events under the hand. Build it with ct.widgets.explorer().

    What was clicked comes back to code: ``events`` are those that meet the choices, ``basket`` those that were put into it,
    ``findings`` what was claimed of them, and ``code`` writes all of it as calls of the toolkit. ``at`` is where the analyst stands;
    ``go`` moves there from code, and the picture follows.
    """

    def __init__(self, events: Events) -> None:
        self.at = explored(events)
        self._basket = Basket()
        self._findings: list[tuple[Finding, Basket]] = []
        self._chains: Chains | None = None
        self._looked: Mapping[str, Any] | None = None
        self._is_drawing = False
        self._choosers = Choosers(
            lambda name, values: self._try(lambda: self.go(self.at.choosing(name, *values))),
            lambda name, text: self._try(lambda: self.go(self.at.looking_for(name, text))),
        )
        self._listing = Listing(self._sort, self._put, self._look)
        self._build()
        self.go(self.at)

    # What it gives back ------------------------------------------------------------------------------------------

    @property
    def events(self) -> Events:
        """The events that meet the choices."""
        return self.at.events

    @property
    def basket(self) -> Events:
        """The events in the basket."""
        return self._basket.narrow(self.at.base)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was claimed, in the order in which it was."""
        return tuple(made for made, _ in self._findings)

    @property
    def code(self) -> str:
        """The narrowing, the basket and the findings as calls that give the same; ``events`` stands for what was explored."""
        lines = [f"chosen = {self.at.code()}"]
        if len(self._basket):
            lines.append(f"basket = {self._basket.code()}")
        for number, (made, cited) in enumerate(self._findings, 1):
            lines.append(f"finding_{number} = ct.finding({made.claim!r}, cites={cited.code()})")
        # In a literal, a filler or mark spelt out is the same character, and can be seen.
        return "\n".join(visible(line) for part in lines for line in part.split("\n"))

    def __repr__(self) -> str:
        return static_text(self.at)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # The table is what a page without a kernel shows.
        bundle: dict[str, Any] = self.view._repr_mimebundle_(include=include, exclude=exclude)
        return bundle | {"text/plain": static_text(self.at), "text/html": static_html(self.at)}

    # Moving ------------------------------------------------------------------------------------------------------

    def go(self, at: Exploration) -> None:
        """Show another place."""
        rows = at.rows
        bins_before = self.at.bins
        self.at = at
        self._is_drawing = True
        try:
            self._draw_brush(anew=bins_before is not at.bins or not self._brush.options)
        finally:
            self._is_drawing = False
        self._picture.value = histogram(at)
        self._when.show(at.choices.window or at.bins.window)
        self._choosers.show(at)
        self._listing.show(at, self._basket)
        first = at.page * PAGE
        told = f"{first + 1:,} – {first + len(rows):,} of " if rows else ""
        self._count.value = f"<b>{told}{number_of(at.tally.events, 'event')}</b>, page {at.page + 1:,} of {at.pages:,}"
        for button, is_off in (
            (self._first, at.page == 0),
            (self._before, at.page == 0),
            (self._after, at.page >= at.pages - 1),
            (self._last, at.page >= at.pages - 1),
        ):
            button.disabled = is_off
        self._tell()

    def _draw_brush(self, *, anew: bool) -> None:
        bins = self.at.bins
        if anew:
            edges = [(told_edge(bins, place), place) for place in range(len(bins) + 1)]
            self._brush.options = edges
        window = self.at.choices.window
        places = bins.places(window) if window else range(len(bins))
        self._brush.index = (places.start, places.stop)

    def _brushed(self, change: Mapping[str, Any]) -> None:
        if self._is_drawing:
            return
        first, end = change["new"]
        bins = self.at.bins
        first = min(first, len(bins) - 1)
        end = max(end, first + 1)
        is_all = (first, end) == (0, len(bins))
        window = None if is_all else Window(bins.cell(first).start, bins.cell(end - 1).end)
        self._try(lambda: self.go(self.at.during(window)))

    def _typed(self, start: str, end: str) -> None:
        self._try(lambda: self.go(self.at.during(Window.of(start, end))))

    def _sort(self, name: str) -> None:
        turned = name == self.at.sort and not self.at.is_descending
        self._try(lambda: self.go(self.at.sorted_by(name, is_descending=turned)))

    def _turn(self, to: Callable[[Exploration], int]) -> Callable[[Any], None]:
        return lambda _: self._try(lambda: self.go(self.at.turned_to(to(self.at))))

    def _clear(self, _: Any) -> None:
        self._try(lambda: self.go(self.at.choosing_nothing()))

    # One event, and the basket -----------------------------------------------------------------------------------

    def _look(self, row: Mapping[str, Any]) -> None:
        self._looked = row
        self._behind.value = ""
        self._trace.layout.display = ""
        self._try(lambda: setattr(self._detail, "value", detail(self.at.base, row)))

    def _traced(self, _: Any) -> None:
        looked = self._looked
        if looked is None:
            return

        def trace() -> None:
            if self._chains is None:
                self._chains = chains(self.at.base)
            self._behind.value = behind(self._chains, looked["credential"])

        self._try(trace)

    def _put(self, row: Mapping[str, Any], is_in: bool) -> None:  # noqa: FBT001
        place = [Place.of(row)]
        self._basket = self._basket.with_places(place) if is_in else self._basket.without(place)
        self._tell()

    def _put_all(self, _: Any) -> None:
        def put() -> None:
            rows = self.at.events.cited(MOST_CITED)
            self._basket = self._basket.with_places(Place.of(row) for row in rows[:MOST_CITED])
            self._listing.show(self.at, self._basket)
            self._tell()
            if len(rows) > MOST_CITED:
                self._say(f"Of these events the first {MOST_CITED:,} were put into the basket: no finding cites more.")

        self._try(put)

    def _empty(self, _: Any) -> None:
        self._basket = Basket()
        self._listing.show(self.at, self._basket)
        self._tell()

    def _claimed(self, _: Any) -> None:
        def claim() -> None:
            made = finding(self._claim.value, self.basket)
            self._findings.append((made, self._basket))
            self._claim.value = ""
            self._empty(None)

        self._try(claim)

    def _tell(self) -> None:
        self._inside.value = f"<b>Basket: {number_of(len(self._basket), 'event')}</b>"
        made = "".join(f"<li>{escape(repr(one))}</li>" for one in self.findings)
        self._made.value = f"<ol>{made}</ol>" if made else ""
        self._code.value = f'<pre class="ct-code" tabindex="0">{escape(self.code)}</pre>'

    def _try(self, work: Callable[[], None]) -> None:
        """Do it; what was done wrongly by hand is said where it can be read."""
        self._say("")
        try:
            work()
        except CttoolkitError as error:
            self._say(str(error))

    def _say(self, text: str) -> None:
        self._message.value = (
            f'<div role="alert" class="ct-message">{escape(shortened(text, 2000))}</div>' if text else ""
        )

    # Laying out --------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        wide = ipywidgets.Layout(width="100%")
        steps = visible(" ▸ ".join(self.at.base.steps))
        self._message = ipywidgets.HTML()
        self._picture = ipywidgets.HTML(layout=wide)
        self._brush = ipywidgets.SelectionRangeSlider(
            options=[("", 0), ("", 1)], continuous_update=False, readout=False, tooltip="from – to", layout=wide
        )
        self._brush.options = [(told_edge(self.at.bins, place), place) for place in range(len(self.at.bins) + 1)]
        self._brush.add_class("ct-brush")
        self._brush.observe(self._brushed, "index")
        self._when = Span(self._typed)
        self._count, self._detail, self._behind, self._inside, self._made, self._code = (
            ipywidgets.HTML() for _ in range(6)
        )
        self._first = _button("First page", "first", self._turn(lambda _: 0))
        self._before = _button("Page before", "before", self._turn(lambda at: at.page - 1))
        self._after = _button("Next page", "next", self._turn(lambda at: at.page + 1))
        self._last = _button("Last page", "last", self._turn(lambda at: at.pages - 1))
        self._trace = _button("Trace its credentials", "trace", self._traced)
        self._trace.layout.display = "none"
        self._claim = ipywidgets.Textarea(placeholder="The claim, as a sentence", description="claim", layout=wide)
        self._claim.add_class("ct-claim")
        self.view = ipywidgets.VBox(
            [
                ipywidgets.HTML(f"{STYLE}<div>{escape(shortened(steps, 2000))}</div>"),
                self._picture,
                self._brush,
                _row(
                    self._when.view,
                    _button("Enlarge the window", "enlarge", lambda _: self._try(lambda: self.go(self.at.enlarged()))),
                    _button("All time", "whole", lambda _: self._try(lambda: self.go(self.at.whole()))),
                    _button("Choose nothing", "clear", self._clear),
                ),
                self._choosers.view,
                self._message,
                _row(self._count, self._first, self._before, self._after, self._last),
                self._listing.view,
                self._detail,
                _row(self._trace),
                self._behind,
                _row(
                    self._inside,
                    _button("Put all of these events into it", "put-all", self._put_all),
                    _button("Empty it", "empty", self._empty),
                ),
                self._claim,
                _row(_button("State the finding", "state", self._claimed)),
                self._made,
                ipywidgets.HTML("<b>As code</b>"),
                self._code,
            ],
            layout=wide,
        )
        self.view.add_class("ct-explorer")


def _button(text: str, name: str, clicked: Callable[[Any], None]) -> Any:
    button = ipywidgets.Button(description=text, layout=ipywidgets.Layout(width="auto"))
    button.add_class(f"ct-{name}")
    button.on_click(clicked)
    return button


def _row(*parts: Any) -> Any:
    return ipywidgets.HBox(parts, layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"))


def explorer(events: Events) -> Explorer:
    """Look at events by hand: a brush over time, choosers with counts, pages of events, and a basket for findings.

    Needs the lab extra. Every choice is a narrowing by the toolkit's own verbs; ``.code`` writes them down.
    """
    return Explorer(events)
