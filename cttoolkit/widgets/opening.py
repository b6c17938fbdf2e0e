"""A case opened by hand: evidence named, verified with its progress to be seen, and admitted by a policy."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets

from cttoolkit.errors import CttoolkitError
from cttoolkit.events import Events, admit
from cttoolkit.evidence import open_evidence
from cttoolkit.integrity.keyring import load_keys
from cttoolkit.integrity.policy import AcceptUnverified, IntactOnly, Policy, RequireIntact
from cttoolkit.integrity.verification import Verification
from cttoolkit.integrity.verify import verify
from cttoolkit.text import shortened

__all__ = ["Opening", "case"]

_POLICIES = (
    ("all must be intact, or nothing is admitted", "RequireIntact"),
    ("intact log files only", "IntactOnly"),
    ("log files that no digest vouches for as well, for the reason below", "AcceptUnverified"),
)


class Opening:
    """Build it with ct.widgets.case(). ``verification`` and ``events`` are None until there are any; ``code`` says the same in calls."""

    def __init__(self) -> None:
        self.verification: Verification | None = None
        self.events: Events | None = None
        self._named: tuple[str, str, str] = ("", "", "")
        self._policy: Policy | None = None
        self._place, self._keys, self._workspace, self._reason = (
            _line(text, name)
            for text, name in (
                ("evidence", "a folder, a zip, a tar or s3://bucket/prefix"),
                ("public keys", "the file of the keys; empty where there are none"),
                ("workspace", "a folder that keeps what was parsed; may be left empty"),
                ("reason", "why unverified log files are accepted"),
            )
        )
        self._choice = ipywidgets.Dropdown(
            options=_POLICIES,
            value="IntactOnly",
            description="policy",
            layout=ipywidgets.Layout(width="auto"),
            style={"description_width": "7em"},
        )
        self._choice.add_class("ct-policy")
        self._progress = ipywidgets.Output()
        self._message, self._found, self._admitted, self._code = (ipywidgets.HTML() for _ in range(4))
        self._verify = _button("Verify", "verify", self._verified)
        self._admit = _button("Admit", "admit", self._admitting)
        self._admit.disabled = True
        self.view = ipywidgets.VBox(
            [
                self._place,
                self._keys,
                self._workspace,
                self._verify,
                self._progress,
                self._message,
                self._found,
                self._choice,
                self._reason,
                self._admit,
                self._admitted,
                self._code,
            ],
            layout=ipywidgets.Layout(width="100%"),
        )
        self.view.add_class("ct-case")

    @property
    def code(self) -> str:
        """What was done so far, as calls of the toolkit."""
        if self.verification is None:
            return ""
        place, keys, workspace = self._named
        with_keys = f", ct.load_keys({keys!r})" if keys else ""
        kept = f", workspace={workspace!r}" if workspace else ""
        lines = [f"verification = ct.verify(ct.open_evidence({place!r}){with_keys}{kept})"]
        if self._policy is not None:
            lines.append(f"events = ct.admit(verification, ct.{self._policy!r})")
        return "\n".join(lines)

    def _verified(self, _: Any) -> None:
        self.verification = self.events = self._policy = None
        self._found.value = self._admitted.value = ""
        self._admit.disabled = True
        named = (self._place.value.strip(), self._keys.value.strip(), self._workspace.value.strip())

        def work() -> None:
            place, keys, workspace = named
            self._progress.clear_output()
            # Its bars are drawn where they are made.
            with self._progress:
                found = verify(open_evidence(place), load_keys(keys) if keys else None, workspace=workspace or None)
            self.verification, self._named = found, named
            self._found.value = found._repr_html_()
            self._admit.disabled = False

        self._try(work)

    def _admitting(self, _: Any) -> None:
        self.events = self._policy = None
        self._admitted.value = ""
        verified = self.verification

        def work() -> None:
            assert verified is not None
            policy = self._chosen()
            self.events, self._policy = admit(verified, policy), policy
            self._admitted.value = self.events._repr_html_()

        self._try(work)

    def _chosen(self) -> Policy:
        if self._choice.value == "AcceptUnverified":
            return AcceptUnverified(self._reason.value)
        return RequireIntact() if self._choice.value == "RequireIntact" else IntactOnly()

    def _try(self, work: Callable[[], None]) -> None:
        self._message.value = ""
        try:
            work()
        except CttoolkitError as error:
            self._message.value = f'<div role="alert">{escape(shortened(error, 2000))}</div>'
        self._code.value = f'<pre class="ct-code" tabindex="0">{escape(self.code)}</pre>' if self.code else ""

    def __repr__(self) -> str:
        return f"Case: {self.verification!r}" if self.verification is not None else "Case: nothing is verified yet"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = self.view._repr_mimebundle_(include=include, exclude=exclude)
        return bundle | {
            "text/plain": repr(self),
            "text/html": f"<p>{escape(repr(self))} Run the cell to open one.</p>",
        }


def _line(text: str, placeholder: str) -> Any:
    made = ipywidgets.Text(
        description=text,
        placeholder=placeholder,
        layout=ipywidgets.Layout(width="auto"),
        style={"description_width": "7em"},
    )
    made.add_class(f"ct-{text.replace(' ', '-')}")
    return made


def _button(text: str, name: str, clicked: Callable[[Any], None]) -> Any:
    button = ipywidgets.Button(description=text, layout=ipywidgets.Layout(width="auto"))
    button.add_class(f"ct-{name}")
    button.on_click(clicked)
    return button


def case() -> Opening:
    """Open evidence, verify it, look, and admit it by a policy that is chosen, with its reason where one is owed."""
    return Opening()
