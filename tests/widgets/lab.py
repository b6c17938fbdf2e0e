"""A JupyterLab of its own on a free port, for a test to open in a browser."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60
_SETTINGS = {
    # Every cell is drawn, whether it is in sight or not.
    "notebook-extension/tracker": '{"windowingMode": "none"}',
    # Nobody is asked whether news may be fetched.
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}


@dataclass
class Lab:
    """Where it listens, and what it said."""

    url: str
    token: str
    said: list[str]

    def page(self, notebook: str) -> str:
        return f"{self.url}/lab/tree/{notebook}?token={self.token}"


def chromium() -> str | None:
    """Debian's Chromium, or another that is on the path."""
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


def write_notebook(path: Path, *cells: str) -> None:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, path)


@contextmanager
def running(folder: Path, home: Path):
    """JupyterLab on a folder, with settings of its own, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    for name, text in _SETTINGS.items():
        settings = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(text)
    own = {name: str(home / name) for name in ("config", "data", "runtime")}
    environment = os.environ | {
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_DIR": own["config"],
        "JUPYTER_DATA_DIR": own["data"],
        "JUPYTER_RUNTIME_DIR": own["runtime"],
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.open_browser": "False",
        "ServerApp.allow_root": "True",
        "IdentityProvider.token": token,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.news_url": "None",
        "LabApp.extension_manager": "readonly",
    }
    command = [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
    ) as lab:
        said: list[str] = []
        ready = threading.Event()

        def listen() -> None:
            for line in lab.stderr:
                said.append(line)
                if "is running at" in line:
                    ready.set()
            ready.set()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        try:
            assert ready.wait(PATIENCE), "".join(said)
            assert lab.poll() is None, "".join(said)
            yield Lab(f"http://127.0.0.1:{port}", token, said)
        finally:
            lab.terminate()
            lab.wait(PATIENCE)
            listener.join(PATIENCE)
