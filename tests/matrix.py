"""The app with every Python that is here, with the lowest and the newest dependencies that it allows: `make matrix`.

Each pair gets an environment of its own (by uv, which pip brings), the tests that need no browser are run in it, and
one line says how they ended. `python tests/matrix.py /path/to/python3.14` takes other Pythons than those on the path.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
TESTED = ("trace", "steps", "wire", "draw", "quiz", "pages")  # the core, the figures, the seam, every page
OF_THE_SCRIPT = "tests/test_wire.py::test_payloads_have_the_types_of_the_script"  # asks TypeScript, not Python
BESIDES = ("pytest>=8.2", "hypothesis>=6.100")
SHOWN = ("streamlit", "numpy", "pillow", "python-pptx", "matplotlib", "plotly")


def pythons() -> Iterator[str]:
    """The interpreters that are asked for, or found."""
    if len(sys.argv) > 1:
        yield from sys.argv[1:]
        return
    pyenv = Path.home() / ".pyenv" / "versions"
    for version in VERSIONS:
        kept = sorted(pyenv.glob(f"{version}.*/bin/python"))
        if found := shutil.which(f"python{version}") or (str(kept[-1]) if kept else None):
            yield found
        else:
            print(f"| {version} | | not here, not tried |")


def run(*command: str | Path) -> str:
    """What a command says, whether it fails or not."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def outcome(python: str, resolution: str, folder: Path) -> str:
    """How the tests ended, in one line, with the versions that they ran with."""
    uv, own = shutil.which("uv") or Path(sys.executable).parent / "uv", folder / "bin" / "python"
    run(uv, "venv", "--quiet", "--clear", f"--python={python}", folder)
    said = run(
        *(uv, "pip", "install", "--quiet", f"--python={own}", f"--resolution={resolution}"),
        *("--only-binary=:all:", "-r", ROOT / "requirements.txt", *BESIDES),
    )
    if said.strip():
        return f"not installed: {said.strip().splitlines()[-1]}"
    tests = [f"tests/test_{name}.py" for name in TESTED]
    last = (
        run(
            own,
            "-m",
            "pytest",
            "--noconftest",
            "--disable-warnings",
            "-p",
            "no:cacheprovider",
            f"--deselect={OF_THE_SCRIPT}",
            *tests,
        )
        .strip()
        .splitlines()[-1]
    )
    listed = dict(re.findall(r"^(\S+)==(\S+)$", run(uv, "pip", "freeze", f"--python={own}"), re.M))
    return f"{last.strip('= ')} | {', '.join(f'{name} {listed.get(name)}' for name in SHOWN)}"


def main() -> int:
    """Print the table; 1 where a pair failed."""
    lines = []
    for python in pythons():
        version = run(python, "--version").split()[-1]
        for resolution in ("lowest-direct", "highest"):
            with tempfile.TemporaryDirectory(prefix="matrix-") as folder:
                lines.append(f"| {version} | {resolution} | {outcome(python, resolution, Path(folder))} |")
                print(lines[-1], flush=True)
    return int(any("passed" not in line or "failed" in line or "error" in line for line in lines))


if __name__ == "__main__":
    sys.exit(main())
