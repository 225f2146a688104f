/** Scrolls whatever scrolls around an element until the element is seen in it, and never the page itself: that would move what is read. */
export function reveal(element: HTMLElement): void {
  for (let outer = element.parentElement; outer !== null && outer !== document.body; outer = outer.parentElement) {
    if (outer.scrollHeight <= outer.clientHeight || !/auto|scroll/.test(getComputedStyle(outer).overflowY)) continue;
    const { top, bottom } = outer.getBoundingClientRect();
    const inside = element.getBoundingClientRect();
    if (inside.top < top) outer.scrollTop -= top - inside.top + inside.height;
    else if (inside.bottom > bottom) outer.scrollTop += inside.bottom - bottom + inside.height;
  }
}
