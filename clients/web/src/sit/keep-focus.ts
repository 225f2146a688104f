/**
 * An act may take away, hide or lock the very control that had the focus. It then goes to the nearest control before: else a
 * screen reader, and the Tab key, would begin again at the top of the page.
 */

const CONTROLS = "button, input, select, textarea, a[href], [tabindex]";

export function keepFocus(whole: HTMLElement): { destroy: () => void } {
  function look(event: Event): void {
    const active = document.activeElement;
    if (!(active instanceof HTMLElement) || active === whole || !whole.contains(active)) return;
    const all = [...whole.querySelectorAll<HTMLElement>(CONTROLS)];
    // By then the page shows what became of the act.
    requestAnimationFrame(() => {
      const now = document.activeElement;
      if (isUsable(active) || (now !== active && now !== document.body)) return;
      const at = all.indexOf(active);
      const next = all.slice(0, at).reverse().find(isUsable) ?? all.slice(at + 1).find(isUsable);
      // A finger has no focus to lose, and would be given a keyboard.
      const touched = event instanceof PointerEvent && event.pointerType === "touch";
      if (next !== undefined && !(touched && next.matches("input, textarea"))) next.focus({ preventScroll: true });
    });
  }

  whole.addEventListener("click", look, { capture: true });
  whole.addEventListener("keydown", look, { capture: true });
  return {
    destroy() {
      whole.removeEventListener("click", look, { capture: true });
      whole.removeEventListener("keydown", look, { capture: true });
    },
  };
}

function isUsable(element: HTMLElement): boolean {
  const shown = element.isConnected && element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
  return shown && !element.matches(":disabled");
}
