/** Code under the stage that a button copies (`roialign_lab/ui/code_text.py`). */

/** @param {Document} page */
export function listenToCode(page) {
  page.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest(".roi-code > button") : null;
    const code = button?.parentElement?.querySelector("code");
    if (!(button instanceof HTMLElement) || !code) return;
    page.getSelection()?.selectAllChildren(code); // a page without https may write to no clipboard otherwise
    if (page.execCommand("copy")) button.textContent = button.dataset.done ?? "";
  });
}
