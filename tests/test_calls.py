"""The code to copy runs, where its library is here; and the exhibits say what SEMANTICS says."""

import ast
import contextlib
import io

import numpy as np
import pytest

from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.libraries.code_to_copy import LIBRARIES, calls, needs_file
from roialign_lab.libraries.differences import exhibits


def scenario_of(**address):
    scenario, problems = from_address(address, "home", Scenario())
    assert not problems
    return scenario


SCENARIOS = [
    scenario_of(),
    scenario_of(samples="0", origin="legacy", out="3,4", stride="1"),
    scenario_of(map="matrix-1,nan;inf,-inf", box="0,0,2,2"),
    scenario_of(map="random-16x16-7", box="2.25,3.5,11,12.75", join="max"),
]


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_code_is_python(library, scenario):
    ast.parse(calls(scenario)[library])


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_every_result_is_printed_and_every_call_says_whether_it_was_run(library, scenario):
    code = calls(scenario)[library]
    body = ast.parse(code).body
    assert isinstance(body[-1], ast.Expr) and body[-1].value.func.id == "print"
    assert not [node for node in body[:-1] if isinstance(node, ast.Expr) and node.value.func.id != "print"]
    was = {"torchvision": "# run:", "onnx": "# run:", "numpy": "# run:"}.get(library, "read, not run")
    assert was in code and (library == "detectron2" or ("read, not run" in code) != ("# run:" in code))


def printed(code, names):
    """What the code writes, run in ``names``."""
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(code, names)
    return output.getvalue()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_our_own_call_gives_the_numbers_of_the_page(scenario):
    names = {}
    assert printed(calls(scenario)["numpy"], names) == f"{names['pooled']}\n{names['aligned']}\n"
    assert names["pooled"][0, 0].tobytes() == scenario.trace(scenario.pool).output.tobytes()
    np.testing.assert_array_equal(names["aligned"][0, 0], scenario.trace(scenario.align).output)


@pytest.mark.parametrize("scenario", [scenario for scenario in SCENARIOS if not scenario.map.startswith("matrix")])
def test_the_onnx_call_runs_and_agrees(scenario):
    names = {}
    assert printed(calls(scenario)["onnx"], names) == f"{names['result']}\n"
    expected = scenario.trace(scenario.mean_align).output
    np.testing.assert_allclose(names["result"][0, 0], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_torchvision_call_gives_the_numbers_of_the_page_to_the_last_bit(scenario):
    """Where torchvision is installed: no part of the lab needs it."""
    pytest.importorskip("torchvision")
    shown = []
    exec(calls(scenario)["torchvision"], {"print": lambda value: shown.append(value.numpy()[0, 0])})
    for output, operator in zip(shown, (scenario.pool, scenario.mean_align), strict=True):
        expected = scenario.trace(operator).output
        np.testing.assert_array_equal(output, expected)
        assert output.dtype == expected.dtype


def test_a_large_map_is_loaded_from_the_file_that_a_button_saves(tmp_path, monkeypatch):
    large = scenario_of(map="photo-4-vertical")
    code = calls(large)["numpy"]
    assert needs_file(large) and 'np.load("map.npy")' in code and len(code) < 1000
    assert not needs_file(scenario_of())
    monkeypatch.chdir(tmp_path)
    np.save("map.npy", large.feature_map)
    assert "[[[[" in printed(code, {})


def test_the_exhibits_show_the_known_differences():
    found = {exhibit.key: exhibit.values for exhibit in exhibits()}
    assert found == {
        "onnx_max": {"onnx": "0.5625", "largest": "1.0000"},
        "last_row": {"torchvision": "5.0000", "whole": "7.5000"},
        "always_legacy": {"legacy": "7.50  8.00  8.50  9.00", "aligned": "4.50  5.00  5.50  6.00"},
        "half": {"roi_pool": "3", "python": "2"},
        "dtype_grid": {"float32": "4×4", "float64": "3×3"},
        "dtype_bins": {"float32": "48–58", "float64": "48–57"},
        "not_align": {
            "crop": "0.8800  0.2700 / 0.8300  0.9100",
            "align": "0.5100  0.5456 / 0.3875  0.4550",
        },
        "plus_one": {"pool": "4", "mmcv": "3.0625"},
        "map_end": {"most": "8.2222", "mindspore": "4.6250"},
        "crop_border": {"stepped": "7.0000005", "read": "1"},
    }
