"""cttoolkit keys: ask AWS for the public keys of a period, and save them."""

from __future__ import annotations

import argparse
from pathlib import Path

from cttoolkit.errors import EvidenceError
from cttoolkit.text import number_of
from cttoolkit.window import Window

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    from cttoolkit.sources.public_keys import dump, list_public_keys, open_session

    window = Window.of(options.start, options.end)
    document = list_public_keys(options.region, window, open_session(options.profile))
    try:
        with Path(options.output).open("xb") as file:
            file.write(dump(document))
    except OSError as error:
        wrong = (error.strerror or str(error)).lower()
        raise EvidenceError(options.output, wrong, "name a new file that can be written") from error
    print(f"{number_of(len(document['PublicKeyList']), 'key')}: {options.output}")
    return 0
