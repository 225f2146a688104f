/**
 * Dragging by mouse, pen and finger alike, beside ways that need none of them. What is dragged stays where it is, and a
 * copy follows the pointer: nothing changes before it is let go over a place that takes it.
 *
 * Places are elements with `data-drop` inside of the nearest element around it with `data-drops`.
 */

import { follow } from "./gripping";

export interface Dragging {
  /** Whether it can be dragged now. */
  enabled: boolean;
  /** What of the page follows the pointer, where that is more than the element itself. */
  whole?: () => HTMLElement | null;
  /** Over which place it is; null: over none. */
  onover: (place: string | null) => void;
  ondrop: (place: string) => void;
}

/** So near to the edge of the window it scrolls. */
const EDGE_PX = 56;
const SCROLL_PX = 8;

export function draggable(node: HTMLElement, given: Dragging): { update: (next: Dragging) => void; destroy: () => void } {
  let dragging = given;
  let start = { x: 0, y: 0 };
  let at = { x: 0, y: 0 };
  let over: string | null = null;
  let ghost: HTMLElement | null = null;
  let frame = 0;

  function place(): string | null {
    const root = node.closest("[data-drops]");
    const found = document.elementFromPoint(at.x, at.y)?.closest("[data-drop]");
    return found != null && root?.contains(found) === true ? found.getAttribute("data-drop") : null;
  }

  function step(): void {
    if (ghost === null) return;
    ghost.style.transform = `translate(${at.x - start.x}px, ${at.y - start.y}px)`;
    // What lies at an edge is not on its way there.
    const edge = at.y < Math.min(EDGE_PX, start.y) ? -1 : at.y > Math.max(innerHeight - EDGE_PX, start.y) ? 1 : 0;
    if (edge !== 0) scrollBy(0, edge * SCROLL_PX);
    const next = place();
    if (next !== over) dragging.onover((over = next));
    frame = requestAnimationFrame(step);
  }

  function lift(): void {
    const whole = dragging.whole?.() ?? node;
    const { left, top, width, height } = whole.getBoundingClientRect();
    ghost = whole.cloneNode(true) as HTMLElement;
    for (const named of [ghost, ...ghost.querySelectorAll("[id], [data-testid]")]) {
      named.removeAttribute("id");
      named.removeAttribute("data-testid");
    }
    ghost.setAttribute("aria-hidden", "true");
    ghost.inert = true;
    Object.assign(ghost.style, {
      position: "fixed",
      left: `${left}px`,
      top: `${top}px`,
      width: `${width}px`,
      height: `${height}px`,
      margin: "0",
      background: "var(--surface)",
      boxShadow: "var(--shadow)",
      opacity: "0.9",
      pointerEvents: "none",
      zIndex: "50",
    });
    // Beside it, so that it looks like it; and nothing that scrolls or is cut off holds what is fixed.
    whole.after(ghost);
    step();
  }

  function putDown(): void {
    cancelAnimationFrame(frame);
    ghost?.remove();
    ghost = null;
    if (over !== null) dragging.onover((over = null));
  }

  const destroy = follow(node, {
    enabled: () => dragging.enabled,
    lifted(x, y) {
      start = at = { x, y };
      lift();
    },
    moved: (x, y) => (at = { x, y }),
    dropped(x, y) {
      at = { x, y };
      const target = place();
      putDown();
      if (target !== null) dragging.ondrop(target);
    },
    broken: putDown,
  });
  return { update: (next) => void (dragging = next), destroy };
}
