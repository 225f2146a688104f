/**
 * Dragging by mouse, pen and finger alike, beside ways that need none of them. What is dragged stays where it is, and a
 * copy follows the pointer: nothing changes before it is let go over a place that takes it.
 *
 * Places are elements with `data-drop` inside of the nearest element around it with `data-drops`.
 */

export interface Dragging {
  /** Whether it can be dragged now. */
  enabled: boolean;
  /** What of the page follows the pointer, where that is more than the element itself. */
  whole?: () => HTMLElement | null;
  /** Over which place it is; null: over none. */
  onover: (place: string | null) => void;
  ondrop: (place: string) => void;
}

/** A finger trembles: a shorter way is a press. */
const SLACK_PX = 6;
/** So near to the edge of the window it scrolls. */
const EDGE_PX = 56;
const SCROLL_PX = 8;

export function draggable(node: HTMLElement, given: Dragging): { update: (next: Dragging) => void; destroy: () => void } {
  let dragging = given;
  let pointer: number | null = null;
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

  function follow(): void {
    if (ghost === null) return;
    ghost.style.transform = `translate(${at.x - start.x}px, ${at.y - start.y}px)`;
    const edge = at.y < EDGE_PX ? -1 : at.y > innerHeight - EDGE_PX ? 1 : 0;
    if (edge !== 0) scrollBy(0, edge * SCROLL_PX);
    const next = place();
    if (next !== over) dragging.onover((over = next));
    frame = requestAnimationFrame(follow);
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
    follow();
  }

  function down(event: PointerEvent): void {
    if (!dragging.enabled || pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    start = at = { x: event.clientX, y: event.clientY };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", cancel);
    addEventListener("keydown", escape);
  }

  function move(event: PointerEvent): void {
    if (event.pointerId !== pointer) return;
    at = { x: event.clientX, y: event.clientY };
    if (ghost === null && Math.hypot(at.x - start.x, at.y - start.y) > SLACK_PX) lift();
  }

  function up(event: PointerEvent): void {
    if (event.pointerId !== pointer) return;
    at = { x: event.clientX, y: event.clientY };
    const was = ghost !== null;
    const target = was ? place() : null;
    end();
    if (!was) return;
    // What was a drag is no press.
    const swallow = (click: Event): void => {
      click.stopPropagation();
      click.preventDefault();
    };
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    if (target !== null && dragging.enabled) dragging.ondrop(target);
  }

  function cancel(event: PointerEvent): void {
    if (event.pointerId === pointer) end();
  }

  function escape(event: KeyboardEvent): void {
    if (event.key === "Escape") end();
  }

  function end(): void {
    pointer = null;
    cancelAnimationFrame(frame);
    ghost?.remove();
    ghost = null;
    if (over !== null) dragging.onover((over = null));
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
    removeEventListener("keydown", escape);
  }

  /** A picture in it would be dragged by the browser. */
  const never = (event: Event): void => event.preventDefault();
  node.style.touchAction = "none";
  node.addEventListener("pointerdown", down);
  node.addEventListener("dragstart", never);
  return {
    update: (next) => void (dragging = next),
    destroy() {
      end();
      node.removeEventListener("pointerdown", down);
      node.removeEventListener("dragstart", never);
    },
  };
}
