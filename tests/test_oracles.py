"""The badges: a verdict is a comparison with what a library said, and can say no."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from roialign_core.operators import ROI_ALIGN, ROI_ALIGN_LEGACY
from roialign_lab.lesson.address import from_address
from roialign_lab.lesson.recorded import recorded, recorded_inputs
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.libraries import answers
from roialign_lab.libraries.answers import CONVENTIONS, Answer, Convention, Verdict, missing_packages, verdicts

ROOT = Path(__file__).parent.parent
OWN = {convention.key: convention for convention in CONVENTIONS}


def states(scenario):
    return {verdict.convention.key: verdict.state for verdict in verdicts(scenario)}


@pytest.mark.parametrize("samples", [0, 2, 3])
@pytest.mark.parametrize("number", range(1, len(recorded_inputs()) + 1))
def test_every_recorded_input_is_answered_to_the_last_bit(number, samples):
    scenario, problems = from_address({"recorded": str(number), "samples": str(samples)}, "family", Scenario())
    assert not problems
    found = {verdict.convention.key: verdict for verdict in verdicts(scenario)}
    for key in ("torchvision_pool", "torchvision_align", "torchvision_aligned"):
        assert found[key].state == "bits" and found[key].answer.recorded
    for key in ("onnx_pool", "onnx_half_pixel", "onnx_legacy", "onnx_max", "tensorflow"):
        assert found[key].state in ("bits", "close")
        assert found[key].answer.source.startswith("ONNX Runtime ")


@pytest.mark.parametrize(
    "address",
    [
        {"box": "0.44,0,7,7"},  # ends on the centres of the last cells
        {"box": "0.1,0.2,8,8", "out": "3,5"},  # beyond them
        {"box": "1,2,1,2", "out": "1"},
        {"map": "matrix-1,2,3", "box": "0,0,3,1", "out": "2"},  # one row: every y is its own
        {"map": "matrix-1,nan;3,4", "box": "0,0,1,1"},
        {"map": "photo-16-vertical", "out": "7"},
    ],
)
def test_onnx_runtimes_crop_and_resize_answers_for_tensorflows(address):
    scenario, _ = from_address(address, "family", Scenario())
    (verdict,) = [found for found in verdicts(scenario) if found.convention.key == "tensorflow"]
    assert verdict.answer.source.startswith("ONNX Runtime ") and not verdict.answer.recorded
    np.testing.assert_allclose(verdict.output, verdict.answer.output, rtol=1e-6, atol=1e-6)


def test_the_recorded_numbers_are_torchvisions():
    box, output = recorded()["recorded-6x5/boxes"][0], recorded()["recorded-6x5/roi_pool"][0]
    assert box.tolist() == [1.0, 1.5, 3.5, 2.5]
    cells = recorded()["recorded-6x5/map"][2:4, 1:5]  # rounded: columns 1 to 4, rows 2 to 3, the end cells read
    assert output.tolist() == [[cells.max()]]


def test_an_input_that_nobody_recorded_is_not_called_equal():
    found = states(Scenario())
    assert found["torchvision_pool"] == found["torchvision_aligned"] == found["mmcv_pool"] == "unasked"
    assert found["onnx_half_pixel"] in ("bits", "close")
    moved, _ = from_address({"recorded": "1", "box": "1,1.5,3.51,2.5"}, "family", Scenario())
    assert states(moved)["torchvision_pool"] == "unasked"


def test_another_answer_is_called_another():
    scenario = Scenario()
    wrong = Convention("wrong", ROI_ALIGN, lambda s: Answer(s.trace(ROI_ALIGN_LEGACY).output, "somebody"))
    verdict = Verdict(wrong, scenario.trace(ROI_ALIGN).output, wrong.ask(scenario))
    assert verdict.state == "differs" and verdict.furthest > 0.01
    output = scenario.trace(ROI_ALIGN).output
    assert Verdict(wrong, output, Answer(output + 1e-7, "near")).state == "close"
    assert Verdict(wrong, output, Answer(output + 1e-5, "far")).state == "differs"
    assert Verdict(wrong, output, Answer(output.copy(), "same")).state == "bits"


def test_a_map_with_nan_is_compared_without_a_crash():
    scenario, _ = from_address({"map": "matrix-1,nan;3,4", "box": "0,0,2,2"}, "family", Scenario())
    assert set(states(scenario)) == set(OWN)


@pytest.mark.parametrize("missing", [("onnx",), ("onnxruntime",), ("onnx", "onnxruntime")])
def test_without_onnx_runtime_nothing_is_claimed(missing, monkeypatch):
    assert missing_packages() == ()
    for name in missing:
        monkeypatch.setitem(sys.modules, name, None)
    answers._onnx_session.cache_clear()
    found = states(replace(Scenario(), samples=3))
    assert missing_packages() == missing
    assert [found[key] for key in ("onnx_pool", "onnx_half_pixel", "onnx_legacy", "onnx_max")] == ["unasked"] * 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_onnx_runtime_the_page_says_how_to_get_it(language, monkeypatch):
    def notices() -> list[str]:
        page = AppTest.from_file(str(ROOT / "pages" / "6_Operator_family.py"), default_timeout=120)
        page.query_params["lang"] = language
        page.run()
        assert not page.exception
        return [notice.value for notice in page.info]

    assert notices() == []
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (notice,) = notices()
    assert notice == text_in(language)("family.onnx_missing", packages="onnx, onnxruntime")
    assert '`pip install "roialign-lab[onnx]"`' in notice and "onnx, onnxruntime" in notice


def test_onnx_runtime_keeps_no_id_of_the_device(tmp_path):
    """Its telemetry writes one into the cache folder, unless it is switched off before the import."""
    program = """
from roialign_lab.lesson.scenario import Scenario
from roialign_lab.libraries.answers import verdicts
print(*(verdict.state for verdict in verdicts(Scenario()) if verdict.answer))
"""
    hidden = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert len(run.stdout.split()) == 5
    assert list(tmp_path.rglob("*")) == []


def test_float64_is_asked_in_float64():
    answer = OWN["onnx_half_pixel"].ask(Scenario())
    assert answer.output.dtype == Scenario().feature_map.dtype == np.float64
