"""Imports run one way and close no circle; what answers an event needs NumPy and the standard library alone."""

import ast
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# The rooms from the ground up, and what each may import besides the standard library and the rooms that it stands on.
STANDS_ON = {
    "roialign_core": (),
    "roialign_lab.lesson": ("roialign_core",),
    "roialign_lab.figures": ("roialign_lab.lesson",),
    "roialign_lab.stage": ("roialign_lab.figures",),
    "roialign_lab.export": ("roialign_lab.stage",),
    "roialign_lab.libraries": ("roialign_lab.figures",),
    "roialign_lab.classroom": ("roialign_lab.stage",),
    "roialign_lab.ui": (
        "roialign_lab.stage",
        "roialign_lab.export",
        "roialign_lab.libraries",
        "roialign_lab.classroom",
    ),
    "roialign_lab.site": ("roialign_lab.stage", "roialign_lab.export", "roialign_lab.libraries"),
    "roialign_lab.notebook": ("roialign_lab.stage",),
    "roialign_lab.__main__": ("roialign_lab.ui", "roialign_lab.site"),
    "pages": ("roialign_lab.ui",),
    "app": ("roialign_lab.ui",),
}
PACKAGES = {
    "roialign_lab.export": {"av", "matplotlib", "PIL", "pptx"},
    "roialign_lab.libraries": {"onnx", "onnxruntime"},
    "roialign_lab.classroom": {"redis", "starlette"},
    "roialign_lab.ui": {"PIL", "plotly", "segno", "starlette", "streamlit"},
    "roialign_lab.site": {"segno"},
    "roialign_lab.notebook": {"anywidget", "traitlets"},
    "app": {"streamlit"},
}
SEAM = ("roialign_core", "roialign_lab.lesson", "roialign_lab.figures", "roialign_lab.stage")
EVERYWHERE = {"roialign_lab.asset_folder", "roialign_lab"}
# What the seam may not even load, and what it may not start.
BLOCKED = (
    *("streamlit", "starlette", "PIL", "matplotlib", "plotly", "onnx", "onnxruntime", "segno", "pptx", "av"),
    *("subprocess", "multiprocessing", "socket", "asyncio"),
)


@cache
def modules() -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    files = [*(ROOT / "roialign_core").rglob("*.py"), *(ROOT / "roialign_lab").rglob("*.py")]
    files += [*(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


@cache
def imports(module: str) -> frozenset[str]:
    """The modules that one module imports, at its top or within a function; by their dotted names."""
    found = set()
    for node in ast.walk(ast.parse(modules()[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: say where from"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else str(node.module) for name in names}
    return frozenset(found)


def room_of(module: str) -> str:
    """The room that a module is in."""
    return next((room for room in STANDS_ON if module == room or module.startswith(room + ".")), module)


@cache
def below(room: str) -> frozenset[str]:
    """A room and all that it stands on."""
    return frozenset({room}.union(*(below(under) for under in STANDS_ON[room])))


def test_imports_run_one_way():
    counted = dict.fromkeys(STANDS_ON, 0)
    for module in modules():
        room = room_of(module)
        if module in EVERYWHERE:
            continue
        counted[room] += 1
        packages = {"numpy"}.union(*(PACKAGES.get(under, set()) for under in below(room)))
        for name in imports(module) - EVERYWHERE:
            if name in modules():
                assert room_of(name) in below(room), f"{module} imports {name}, which stands above it"
            elif name.split(".")[0] not in sys.stdlib_module_names:
                assert name.split(".")[0] in packages, f"{module} imports {name}"
    print("rooms walked, with their modules:", counted)
    assert all(counted.values()), counted


def test_no_imports_close_a_circle():
    graph = {module: {name for name in imports(module) if name in modules()} for module in modules()}
    order = [*TopologicalSorter(graph).static_order()]
    assert len(order) == len(modules())


def test_what_answers_an_event_draws_no_file_serves_nothing_and_starts_nothing():
    """Every page in both languages, each in a process that cannot load what draws files, serves or starts processes."""
    program = f"""
import sys, threading
for name in {BLOCKED!r}:
    sys.modules[name] = None
started = []
threading.Thread.start = lambda thread: started.append(thread)
from roialign_lab.lesson.session import Session
from roialign_lab.lesson.text import LANGUAGES
from roialign_lab.stage import answer
from roialign_lab.stage.page import PAGES
count = 0
for page in PAGES:
    for language in LANGUAGES:
        session = Session(language=language)
        first = answer(session, {{"page": page}})
        event = {{"page": page, "box": [1.25, 2.0, 3.75, 6.5], "point": [2.5, 3.25], "have": first["still_id"]}}
        event |= {{"focus": {{"row": 1, "column": 0, "sample": 3}}, "answer": 1}}
        second = answer(session, event)
        assert first["still"]["page"] == page and ("still" in second) == (page == "quiz")
        assert first["panels"] != second["panels"] or page == "slides"
        count += 1
loaded = {{name.split(".")[0] for name in sys.modules if sys.modules[name] is not None}}
ours = {{"roialign_core", "roialign_lab", "numpy", "cython_runtime"}}  # NumPy brings the last
foreign = loaded - set(sys.stdlib_module_names) - ours
print(count, len(started), sorted(name for name in foreign if not name.startswith("_")))
"""
    run = subprocess.run([sys.executable, "-S", "-c", _with_paths(program)], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split(maxsplit=2)[:2] == ["22", "0"]
    assert run.stdout.split(maxsplit=2)[2].strip() == "[]"


def _with_paths(program: str) -> str:
    """The program with this process's import path: ``-S`` leaves out what site-packages would load by itself."""
    return f"import sys\nsys.path[:] = {[str(ROOT), *sys.path]!r}\n{program}"


@pytest.mark.parametrize("path", [*(ROOT / "pages").glob("*.py"), ROOT / "app.py"], ids=lambda path: path.name)
def test_pages_are_thin(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    choices = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    assert [ast.unparse(choice.test) for choice in choices] == ["__name__ == '__main__'"] * (path.name == "app.py")
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.For)]
    assert len(tree.body) <= 14


def test_no_file_has_a_name_that_says_nothing():
    names = {path.stem for path in modules().values()}
    assert not names & {"utils", "util", "common", "helpers", "helper", "misc", "shared", "base"}
