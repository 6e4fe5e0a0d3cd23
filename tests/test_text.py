"""The catalogues say the same things, and no prose is left in the code."""

import ast
import re
from pathlib import Path

import pytest

from roialign_core.operators import OPERATORS
from roialign_lab.lesson.text import LANGUAGES, text_in
from roialign_lab.libraries.answers import CONVENTIONS

ROOT = Path(__file__).parent.parent
PLACEHOLDER, ROLE = re.compile(r"\{(\w+)\}"), re.compile(r"\[(\w+):[^\]]*\]")
SHOWING = {
    "title",
    "header",
    "subheader",
    "markdown",
    "write",
    "caption",
    "text",
    "info",
    "warning",
    "error",
    "success",
}
SHOWING |= {
    "button",
    "selectbox",
    "number_input",
    "segmented_control",
    "popover",
    "page_link",
    "download_button",
    "metric",
}


def test_both_languages_have_the_same_keys_placeholders_and_roles():
    english, chinese = (text_in(language).entries for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for key in english:
        assert set(PLACEHOLDER.findall(english[key])) == set(PLACEHOLDER.findall(chinese[key])), key
        assert sorted(ROLE.findall(english[key])) == sorted(ROLE.findall(chinese[key])), key
        assert bool(english[key]) == bool(chinese[key]), key


def test_chinese_is_chinese():
    proper = {f"family.{key}" for key in OPERATORS} | {f"convention.{convention.key}" for convention in CONVENTIONS}
    names = {"EN", "zh", "RoI Pooling", "RoI Align"}
    for key, sentence in text_in("zh").entries.items():
        spoken = re.search(r"[一-鿿]", sentence) or not re.search(r"[A-Za-z]{3}", sentence)
        assert spoken or sentence in names or key in proper, key


def sources():
    return [path for folder in ("pages", "roialign_lab") for path in (ROOT / folder).rglob("*.py")] + [ROOT / "app.py"]


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_no_prose_in_code(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SHOWING:
            for argument in [
                *node.args,
                *(k.value for k in node.keywords if k.arg in ("label", "help", "placeholder")),
            ]:
                literal = (
                    argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""
                )
                owner = getattr(node.func.value, "id", "")
                assert owner != "st" or not re.search(r"[A-Za-z]{2}|[一-鿿]", literal), (
                    f"{path.name}:{node.lineno} {literal!r}"
                )


def test_every_key_that_the_code_names_exists():
    keys = text_in("en").entries
    for path in sources():
        if path.name == "text.py":
            continue
        for key in re.findall(r'(?<![a-z_])(?:page\.)?text\("([\w.-]+)"', path.read_text(encoding="utf-8")):
            begins = key.endswith(".") and any(known.startswith(key) for known in keys)  # the rest is the code's to say
            assert key in keys or begins, f"{path.name}: {key}"
