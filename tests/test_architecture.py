"""Imports run one way: pages -> ui, figures -> roialign_core -> numpy."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "roialign_core": {"numpy", "roialign_core"},
    "figures": {"numpy", "matplotlib", "onnx", "onnxruntime", "PIL", "plotly", "pptx", "roialign_core", "figures"},
    "ui": {"numpy", "segno", "streamlit", "starlette", "roialign_core", "figures", "ui"},
    "pages": {"streamlit", "figures", "ui"},
}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: say where from"
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_run_one_way(folder):
    files = [*(ROOT / folder).glob("*.py"), *([ROOT / "app.py"] if folder == "pages" else [])]
    assert files
    for path in files:
        foreign = set(imported(path)) - set(sys.stdlib_module_names) - MAY_IMPORT[folder]
        assert not foreign, f"{path.relative_to(ROOT)} imports {foreign}"


@pytest.mark.parametrize("path", [*(ROOT / "pages").glob("*.py"), ROOT / "app.py"], ids=lambda path: path.name)
def test_pages_are_thin(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    choices = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    assert [ast.unparse(one.test) for one in choices] == ["__name__ == '__main__'"] * (path.name == "app.py")
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.For)]
    assert len(tree.body) <= 14


def test_no_file_has_a_name_that_says_nothing():
    names = {path.stem for path in ROOT.glob("*/*.py")}
    assert not names & {"utils", "util", "common", "helpers", "helper", "misc", "shared", "base"}
