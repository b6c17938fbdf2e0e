"""For every detection, calls that it must see and calls next to them that it must not.

A file a family, each with ``SEEN`` and ``UNSEEN``: by name of the detection, its records.
"""

import importlib
import pkgutil


def _gathered(which):
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name != "records":
            found |= getattr(importlib.import_module(f"{__name__}.{module.name}"), which)
    return found


def seen():
    return _gathered("SEEN")


def unseen():
    return _gathered("UNSEEN")
