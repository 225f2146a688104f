/**
 * A group of buttons that is one stop of the Tab key: inside of it the arrow keys, Home and End move the focus. The lines
 * are those that are seen, so up and down go where they seem to go.
 */
export function rove(event: KeyboardEvent, selector: string): void {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const group = event.currentTarget as HTMLElement;
  const all = [...group.querySelectorAll<HTMLElement>(selector)];
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const next = target(event.key, all, at);
  if (next === undefined) return;
  event.preventDefault();
  all[next]?.focus();
}

function target(key: string, all: readonly HTMLElement[], at: number): number | undefined {
  const last = all.length - 1;
  const rtl = getComputedStyle(all[at]!).direction === "rtl";
  switch (key) {
    case rtl ? "ArrowLeft" : "ArrowRight":
      return Math.min(at + 1, last);
    case rtl ? "ArrowRight" : "ArrowLeft":
      return Math.max(at - 1, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    case "ArrowDown":
      return inLine(all, at, 1);
    case "ArrowUp":
      return inLine(all, at, -1);
    default:
      return undefined;
  }
}

/** The nearest one in the next line above or below. */
function inLine(all: readonly HTMLElement[], at: number, step: 1 | -1): number {
  const from = all[at]!.getBoundingClientRect();
  let best = at;
  let line: number | null = null;
  let nearest = Infinity;
  for (let i = at + step; i >= 0 && i < all.length; i += step) {
    const box = all[i]!.getBoundingClientRect();
    if (Math.abs(box.top - from.top) < 1) continue;
    if (line !== null && Math.abs(box.top - line) >= 1) break;
    line = box.top;
    const away = Math.abs(box.left - from.left);
    if (away < nearest) [nearest, best] = [away, i];
  }
  return best;
}
