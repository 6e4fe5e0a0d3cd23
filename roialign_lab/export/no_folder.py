"""matplotlib where nothing can be written: loading it fails there, so it is told of a folder that it can do without.

It looks for a folder for its settings and its list of fonts, and goes on without both. Imported before matplotlib.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
from typing import Any


def _load_without_folder() -> None:
    def no_folder(*_arguments: Any, **_options: Any) -> str:
        return os.devnull

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # that there is no folder is no news
    usual = tempfile.mkdtemp
    tempfile.mkdtemp = no_folder  # type: ignore[assignment]
    try:
        import matplotlib

        matplotlib.get_cachedir()
    finally:
        tempfile.mkdtemp = usual
    atexit.unregister(shutil.rmtree)  # matplotlib would clear the folder away


try:
    tempfile.gettempdir()
except FileNotFoundError:
    _load_without_folder()
