"""N processes of the app behind nginx: ``make serve PROCESSES=2``, or ``python deploy/serve.py --processes 2``.

A process that ends is started again; browsers that were with it reconnect to another, and stand where their address
says. Ends with Ctrl+C, and everything that it started ends with it. STREAMLIT_SERVER_BASE_URL_PATH=lab in the
environment serves it under /lab.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BASE = os.environ.get("STREAMLIT_SERVER_BASE_URL_PATH", "").strip("/")
UNDER = f"/{BASE}/" if BASE else "/"
BROTLI_MODULE = Path("/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so")  # where Debian has it
BROTLI = (
    "brotli on; brotli_comp_level 6; brotli_min_length 1000; brotli_types text/css text/javascript "
    "application/javascript application/json application/wasm image/svg+xml font/ttf;"
)
"""A tenth less to send than with gzip, to the browsers that take it: over https, or on the same machine."""


def main() -> int:
    """Start all, watch them, stop all."""
    parser = argparse.ArgumentParser(description="Serve RoIAlign Lab to a class or a school.")
    parser.add_argument("--processes", type=int, default=2, help="of the app (default %(default)s): about one a core")
    parser.add_argument("--port", type=int, default=8501, help="where browsers find it (default %(default)s)")
    parser.add_argument("--name", default="localhost", help="the name that browsers use for this machine")
    options = parser.parse_args()
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if nginx is None:
        print("nginx is missing; install it, on Debian: sudo apt-get install nginx", file=sys.stderr)
        return 1
    if not 1 <= options.processes <= 64:
        print(f"1 to 64 processes (got {options.processes})", file=sys.stderr)
        return 1
    for ending in (signal.SIGTERM, signal.SIGHUP):  # the second where the terminal is closed
        if signal.getsignal(ending) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(ending, lambda *_: sys.exit(0))
    ports = _free_ports(options.processes)
    running: dict[int, subprocess.Popen[bytes]] = {}
    front = None
    with tempfile.TemporaryDirectory(prefix="roialign-") as folder:
        Path(folder).chmod(0o755)  # nginx works as another user when root starts it
        try:
            for port in ports:
                running[port] = _app(port, options.name)
            for port in ports:
                _wait_for(port, running[port])
            front = subprocess.Popen([nginx, "-p", folder, "-c", _configured(Path(folder), options.port, ports)])
            address = f"http://{options.name}:{options.port}{UNDER.rstrip('/')}"
            print(f"{address} ({options.processes} processes behind nginx)", flush=True)
            while front.poll() is None:
                for port, process in running.items():
                    if process.poll() is not None:
                        print(f"the process at {port} ended ({process.returncode}); starting it again", flush=True)
                        running[port] = _app(port, options.name)
                time.sleep(0.5)
            return front.returncode
        except KeyboardInterrupt:
            return 0
        finally:
            for ending in (signal.SIGTERM, signal.SIGHUP):  # the second of them does not stop this
                signal.signal(ending, signal.SIG_IGN)
            started = [*([front] if front is not None else []), *running.values()]
            for process in started:
                process.terminate()
            for process in started:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _app(port: int, name: str) -> subprocess.Popen[bytes]:
    options = (f"--port={port}", "--address=127.0.0.1", f"--browser.serverAddress={name}")
    command = [sys.executable, "-m", "roialign_lab", "run", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{UNDER}_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)


def _configured(folder: Path, port: int, ports: list[int]) -> str:
    written = (HERE / "nginx.conf").read_text(encoding="utf-8")
    servers = " ".join(f"server 127.0.0.1:{app} max_fails=0;" for app in ports)
    values = {"folder": str(folder), "port": str(port), "servers": servers, "under": UNDER}
    values["brotli"] = BROTLI if BROTLI_MODULE.exists() else ""
    for name, value in values.items():
        written = written.replace("{" + name + "}", value)
    target = folder / "nginx.conf"
    module = f"load_module {BROTLI_MODULE};\n" if BROTLI_MODULE.exists() else ""
    target.write_text(module + written, encoding="utf-8")
    return str(target)


if __name__ == "__main__":
    sys.exit(main())
