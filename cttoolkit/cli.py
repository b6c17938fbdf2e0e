"""The command line: collect, verify, events, detect, report, export, posture, keys, sample, lab, playbook.

Exit codes of verify: 0 all intact and covered, 1 something altered, missing or unlisted, 2 misuse or unreadable input,
3 nothing wrong but something could not be verified. Of collect: 0 whole, 1 something conflicts,
2 misuse or refused, 3 something was not collected. Of posture: 0 all pass, 1 any fails, 2 misuse, 3 none fails and something is
unknown. The others: 0 done, 2 misuse or unreadable input.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Sequence

from cttoolkit.arguments import command_line
from cttoolkit.commands import collect, detect, events, export, keys, playbook, posture, practice, report, verify
from cttoolkit.errors import CttoolkitError

__all__ = ["main"]

_COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "collect": collect.run,
    "collect cloudwatch": collect.ask_log_group,
    "collect event-history": collect.ask_event_history,
    "verify": verify.run,
    "events": events.run,
    "detect": detect.run,
    "report": report.run,
    "export": export.run,
    "keys": keys.run,
    "posture": posture.run,
    "sample": practice.write,
    "lab": practice.open_lab,
    "playbook": playbook.run,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = command_line().parse_args(given)
    options.told = shlex.join(["cttoolkit", *given])
    try:
        code = _COMMANDS[options.run](options)
        sys.stdout.flush()
    except CttoolkitError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"cttoolkit {options.command}: interrupted; run it again to go on", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read us has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


if __name__ == "__main__":
    raise SystemExit(main())
