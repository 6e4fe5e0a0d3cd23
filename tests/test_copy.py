"""*Copy*: the figure on the clipboard, the same as the file; where a browser refuses, a sentence."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from roialign_lab.lesson.text import LANGUAGES, text_in

READ = """async (type) => {
  const [item] = await navigator.clipboard.read(), picture = await item.getType(type);
  return [...new Uint8Array(await picture.arrayBuffer())];
}"""
WITHOUT = "() => void Object.defineProperty(navigator, 'clipboard', { value: undefined })"
REFUSING = "() => { navigator.clipboard.write = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"


def test_the_figure_is_copied_as_it_is_saved(visit):
    page, text = visit("RoI_Align?lang=en&step=join"), text_in("en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_test_id("figure-copy").click()
    expect(page.locator(".roi-figures [role=status]")).to_have_text(text("stage.copied"))
    with Image.open(io.BytesIO(bytes(page.evaluate(READ, "image/png")))) as copied:
        pixels = copied.convert("RGB").tobytes()
        assert copied.size == (1920, 1080)
    assert b"<svg" in bytes(page.evaluate(READ, "image/svg+xml"))
    with page.expect_download() as saved:
        page.get_by_test_id("figure-png").click()
    with Image.open(saved.value.path()) as picture:
        assert picture.convert("RGB").tobytes() == pixels


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_the_browser_refuses_a_sentence_says_what_to_do(visit, language):
    page, text = visit(f"Quantization_error?lang={language}"), text_in(language)
    message = page.locator(".roi-figures [role=status]")
    page.evaluate(REFUSING)
    page.get_by_test_id("figure-copy").click()
    expect(message).to_have_text(text("stage.figure_copy_refused"))
    page.evaluate(WITHOUT)
    page.get_by_test_id("figure-copy").click()
    expect(message).to_have_text(text("stage.figure_copy_unsafe"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    with page.expect_download():
        page.get_by_test_id("figure-svg").click()
    expect(message).to_have_text("")
