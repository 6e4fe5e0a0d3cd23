"""What roialign_core imports: NumPy and the standard library, no circle, and the batch kernels only when called."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import roialign_core

CORE = Path(roialign_core.__file__).parent
LATER = {"roialign_core.batch", "roialign_core.batch_mean", "roialign_core.batch_max", "roialign_core.gradients"}


def imports_of(path: Path) -> set[str]:
    """Every module that a file imports, inside functions and for type checkers too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


IMPORTS = {path.stem: imports_of(path) for path in CORE.glob("*.py")}


def test_only_numpy_and_the_standard_library():
    roots = {name.split(".")[0] for names in IMPORTS.values() for name in names}
    assert roots - set(sys.stdlib_module_names) == {"numpy", "roialign_core"}
    assert not roots & {"threading", "concurrent", "multiprocessing", "ctypes", "asyncio", "subprocess"}


def test_no_import_circle():
    inside = {
        module: {name.split(".")[1] for name in names if name.startswith("roialign_core.")} - {module}
        for module, names in IMPORTS.items()
        if module != "__init__"
    }
    assert {"trace", "batch", "masks"} <= inside.keys() and inside["batch"]
    while free := [module for module, needed in inside.items() if not needed & inside.keys()]:
        for module in free:
            del inside[module]
    assert not inside, f"a circle among {sorted(inside)}"


def loaded_after(program: str) -> set[str]:
    program += "; import sys; print(*(name for name in sys.modules if name.startswith('roialign_core')))"
    run = subprocess.run([sys.executable, "-c", program], cwd=CORE.parent, capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_a_trace_does_not_load_the_batch_kernels():
    loaded = loaded_after(
        "import roialign_core.trace, roialign_core.masks, roialign_core.rounding; from roialign_core import ROI_ALIGN;"
        "roialign_core.trace([[1.0]], (0, 0, 1, 1), ROI_ALIGN, 1).to_dict()"
    )
    assert "roialign_core.trace" in loaded
    assert not loaded & LATER


def test_a_batch_call_loads_them():
    assert loaded_after("from roialign_core import roi_align") >= LATER - {"roialign_core.gradients"}


@pytest.mark.parametrize("name", roialign_core.__all__)
def test_every_public_name_is_there(name):
    assert name in dir(roialign_core)
    assert getattr(roialign_core, name) is not None


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="roi_aling"):
        roialign_core.roi_aling  # noqa: B018
