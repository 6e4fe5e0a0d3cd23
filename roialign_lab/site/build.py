"""The folder of the site: pages, scripts, Python for the browser, the lesson. Two builds are the same to the byte."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from roialign_lab.asset_folder import ASSETS
from roialign_lab.lesson.mask_networks import WEIGHTS
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.site import parts
from roialign_lab.site.below import below, matrices_words
from roialign_lab.site.visit import Visit
from roialign_lab.stage.page import PAGES, address_of
from roialign_lab.stage.script_files import in_html, script_files

FOLDER = ASSETS / "site"
SCRIPTS = (
    *("site.js", "places.js", "worker.js", "python.js", "memory.js", "worker_connection.js"),
    *("sections.js", "charts.js", "own_data.js", "files.js", "address_bar.js", "frame.js"),
)
PICTURE = re.compile(r'"(data:image/[^"]+)"')
STAGE_MODULE = re.compile(r'from "\.\./stage/([\w.]+)"')
SERVICE_WORKER, MANIFEST = "service-worker.js", "site.webmanifest"
VERSIONED = "lab-"  # the folder of all that a page loads; the rest of its name is a hash of what is in it
VERSION = re.compile(rf"{VERSIONED}[0-9a-f]{{12}}")
UNFINISHED = ".lab-unfinished-"  # the folder in which a site is written; the rest of its name is anything
CHARTS = "plotly.bin"  # compressed, as the WebAssembly is
SENTENCES = ("file", "old", "missing", "python", "charts", "photo", "unread", "unanswered", "figure")


def build(out: Path) -> None:
    """Write the site into a folder, which is made, or holds a site that stays until the new one is whole.

    It is written inside that folder, whose own place nobody else may be able to write to, or which may be a disk.
    """
    check_place(out)
    files = site_files()
    is_new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    try:
        for left in out.glob(f"{UNFINISHED}*"):  # by a build that was killed
            shutil.rmtree(left)
        with TemporaryDirectory(prefix=UNFINISHED, dir=out) as folder:
            new, old = Path(folder, "new"), Path(folder, "old")
            for name, content in files.items():
                (new / name).parent.mkdir(parents=True, exist_ok=True)
                (new / name).write_bytes(content)
            old.mkdir()
            _put_in_place(out, new, old)
    except BaseException:
        if is_new:
            shutil.rmtree(out, ignore_errors=True)
        raise


def check_place(out: Path) -> None:
    """Raises :class:`~roialign_lab.site.parts.PartsError` where a site cannot be built."""
    place = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    if not place.is_dir():
        raise parts.PartsError(f"{place} is a file: choose a folder.")
    names = {path.name for path in out.glob("*")}
    is_site = MANIFEST in names and any(map(VERSION.fullmatch, names))  # other sites have a manifest of that name too
    if names and not is_site and not any(name.startswith(UNFINISHED) for name in names):
        raise parts.PartsError(f"{out} is not empty and holds no site: choose another folder.")


def _put_in_place(out: Path, new: Path, old: Path) -> None:
    """Move the site of before into ``old`` and that of ``new`` to its place; where that fails, all of it back."""
    moves = [(out / name, old / name) for name in top_names(out)]
    moves += [(path, out / path.name) for path in sorted(new.iterdir())]
    try:
        for source, target in moves:
            source.rename(target)
    except BaseException:
        for source, target in reversed(moves):
            if target.exists() and not source.exists():
                target.rename(source)
        raise


def top_names(out: Path) -> list[str]:
    """What a site of before left in a folder: its own files, and nothing that somebody else put there."""
    own = {SERVICE_WORKER, MANIFEST, "index.html", "icon.svg", *(folder_of(page).strip("./") for page in PAGES)}
    return [path.name for path in out.glob("*") if path.name in own or VERSION.fullmatch(path.name)]


def folder_of(page: str) -> str:
    """The folder of a page below that of the site.

    >>> folder_of("home"), folder_of("roi_align")
    ('./', 'RoI_Align/')
    """
    return "./" if page == "home" else address_of(page) + "/"


def site_files() -> dict[str, bytes]:
    """Every file of the site by its path."""
    versioned = {**_scripts(), **_python(), **_notes(), f"site/{CHARTS}": parts.charts()}
    sizes = {
        Path(name).name: len(content)
        for name, content in versioned.items()
        if name.startswith("python/") and name.endswith((".zip", ".bin", ".json"))
    }
    worker = f"const PARTS = {json.dumps(sizes)};\n".encode()
    versioned["site/worker.js"] = worker + versioned["site/worker.js"]
    folder = VERSIONED + _hash(versioned)
    files = {f"{folder}/{name}": content for name, content in versioned.items()}
    files |= {_page_file(page): _page(page, folder, versioned).encode() for page in PAGES}
    files["icon.svg"] = (ASSETS / "icon.svg").read_bytes()
    files[MANIFEST] = json.dumps(_manifest(), ensure_ascii=False, indent=1).encode()
    kept = sorted({_address(name) for name in files if not name.endswith("licences.txt")})
    declared = f"const VERSION = {json.dumps(_hash(files))}, KEPT = {json.dumps(kept)};\n"
    files[SERVICE_WORKER] = (declared + _read("service_worker.js")).encode()
    return dict(sorted(files.items()))


def _scripts() -> dict[str, bytes]:
    """The scripts of the site, those of the stage that they import, and both styles."""
    texts = {name: _read(name) for name in SCRIPTS}
    imported = {name for text in texts.values() for name in STAGE_MODULE.findall(text)}
    stage = {f"stage/{name}": text for name, text in script_files(*sorted(imported)).items()}
    site = {f"site/{name}": text for name, text in {**texts, "site.css": _read("site.css")}.items()}
    return {name: text.encode() for name, text in {**stage, **site}.items()}


def _notes() -> dict[str, bytes]:
    pages = [(page, language) for page in PAGES for language in LANGUAGES]
    return {f"notes/{page}.{language}.html": below(page, text_in(language)).encode() for page, language in pages}


def _python() -> dict[str, bytes]:
    with parts.downloaded() as modules:
        files = parts.python(modules)
        archives = {parts.STANDARD_LIBRARY: files[parts.STANDARD_LIBRARY], "numpy.zip": parts.numpy(modules)}
        files |= parts.compiled({**archives, "lesson.zip": parts.lesson()}, modules)
        files["licences.txt"] = parts.licences(modules)
    files[WEIGHTS.name] = WEIGHTS.read_bytes()  # loaded when its page is opened
    # Compressed here, for not every host does it; by a name that none takes for something to unpack.
    files["pyodide.asm.wasm.bin"] = gzip.compress(files.pop("pyodide.asm.wasm"), 9, mtime=0)
    return {f"python/{name}": content for name, content in files.items()}


def _page(page: str, folder: str, versioned: Mapping[str, bytes]) -> str:
    """A page with what its stage draws first, in both languages."""
    first = {language: Visit().open(page, "", language) for language in LANGUAGES}
    scripts, pictures = pictures_once({f"first-{language}": payload for language, payload in first.items()})
    scripts["pictures"] = json.dumps(pictures)
    english = text_in(LANGUAGES[0])
    config = {
        "page": page,
        "folders": {name: folder_of(name) for name in PAGES},
        "worker": f"{folder}/site/worker.js",
        "notes": f"{folder}/notes/",
        "charts": f"{folder}/site/{CHARTS}",
        "words": {language: {name: text_in(language)(f"site.{name}") for name in SENTENCES} for language in LANGUAGES},
        "html": {language: matrices_words(text_in(language)) for language in LANGUAGES},
    }
    modules = [name for name in versioned if re.fullmatch(r"(?:stage|site)/\w+\.js", name) and "worker.js" not in name]
    return Template(_read("page.html")).substitute(
        base="./" if page == "home" else "../",
        title=escape(json.loads(first["en"])["title"]),
        description=escape(english("site.description")),
        folder=folder,
        preloads="\n".join(f'<link rel="modulepreload" href="{folder}/{name}">' for name in modules),
        noscript=escape(" ".join(text_in(language)("site.noscript") for language in LANGUAGES)),
        config=in_html(json.dumps(config, ensure_ascii=False)),
        first="\n".join(
            f'<script type="application/json" id="{name}">{in_html(content)}</script>'
            for name, content in scripts.items()
        ),
    )


def pictures_once(payloads: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Payloads with each picture named by its number, and the pictures: two panels and two languages show the same.

    >>> pictures_once({"en": '{"a": "data:image/png;base64,iVBO", "b": "data:image/png;base64,iVBO"}'})
    ({'en': '{"a": "picture:0", "b": "picture:0"}'}, ['data:image/png;base64,iVBO'])
    """
    found = dict.fromkeys(picture for payload in payloads.values() for picture in PICTURE.findall(payload))
    numbered = {picture: f'"picture:{number}"' for number, picture in enumerate(found)}
    named = {name: PICTURE.sub(lambda match: numbered[match[1]], payload) for name, payload in payloads.items()}
    return named, list(found)


def _page_file(page: str) -> str:
    return (folder_of(page) + "index.html").removeprefix("./")


def _address(name: str) -> str:
    """Where a browser finds a file, as the site's own pages ask for it."""
    return name.removesuffix("index.html") or "./"


def _manifest() -> dict[str, object]:
    text = text_in(LANGUAGES[0])
    icon = {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"}
    return {
        "name": text("app.name"),
        "short_name": text("app.name"),
        "description": text("site.description"),
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#087a5c",
        "icons": [icon],
    }


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(files: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name, content in sorted(files.items()):
        whole.update(f"{name} {len(content)} ".encode() + content)
    return whole.hexdigest()[:12]
