/**
 * What a pointer (mouse, pen or finger) does with something that it takes hold of, until it lets go. It ends in one of two ways:
 * let go, or broken off, of which nothing may be left. The browser does not always tell of the end: a window in front,
 * or the menu of the right button, swallows it.
 */

export interface Grip {
  /** Whether it can be taken hold of now. */
  enabled: () => boolean;
  /** It has been moved farther than a finger trembles. */
  lifted: (x: number, y: number) => void;
  moved: (x: number, y: number) => void;
  dropped: (x: number, y: number) => void;
  broken: () => void;
}

/** A finger trembles: a shorter way is a press. */
const SLACK_PX = 6;

/** Follows pointers that go down on the node; returns what ends that. */
export function follow(node: HTMLElement, grip: Grip): () => void {
  let pointer: number | null = null;
  let start = { x: 0, y: 0 };
  let phase: "pressed" | "lifted" | "broken" = "broken";

  function down(event: PointerEvent): void {
    // The same one again: its end was never told.
    if (pointer === event.pointerId) end();
    if (!grip.enabled() || pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    phase = "pressed";
    start = { x: event.clientX, y: event.clientY };
    addEventListener("pointermove", move);
    addEventListener("pointerup", up);
    addEventListener("pointercancel", cancel);
    addEventListener("keydown", escape);
    addEventListener("contextmenu", stop);
    addEventListener("blur", stop);
  }

  function move(event: PointerEvent): void {
    if (event.pointerId !== pointer) return;
    if (event.buttons === 0) return end();
    const [x, y] = [event.clientX, event.clientY];
    if (phase === "pressed" && Math.hypot(x - start.x, y - start.y) > SLACK_PX) {
      phase = "lifted";
      grip.lifted(start.x, start.y);
    }
    if (phase === "lifted") grip.moved(x, y);
  }

  function up(event: PointerEvent): void {
    if (event.pointerId !== pointer) return;
    const was = phase;
    if (was !== "pressed") noPress();
    if (was === "lifted") phase = "broken";
    end();
    if (was !== "lifted") return;
    if (grip.enabled()) grip.dropped(event.clientX, event.clientY);
    else grip.broken();
  }

  /** The pointer is still down: what it does until it is let go means nothing. */
  function stop(): void {
    const was = phase;
    phase = "broken";
    if (was === "lifted") grip.broken();
  }

  function cancel(event: PointerEvent): void {
    if (event.pointerId === pointer) end();
  }

  function escape(event: KeyboardEvent): void {
    if (event.key === "Escape") stop();
  }

  function end(): void {
    stop();
    pointer = null;
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", up);
    removeEventListener("pointercancel", cancel);
    removeEventListener("keydown", escape);
    removeEventListener("contextmenu", stop);
    removeEventListener("blur", stop);
  }

  /** A picture in it would be dragged by the browser. */
  const never = (event: Event): void => event.preventDefault();
  node.style.touchAction = "none";
  node.addEventListener("pointerdown", down);
  node.addEventListener("dragstart", never);
  return () => {
    end();
    node.removeEventListener("pointerdown", down);
    node.removeEventListener("dragstart", never);
  };
}

/** What was a drag is no press. */
function noPress(): void {
  const swallow = (click: Event): void => {
    click.stopPropagation();
    click.preventDefault();
  };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }));
}
