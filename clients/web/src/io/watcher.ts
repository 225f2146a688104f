/** Listens to what the browser says of what happens around the page. Nothing is held back, and nothing that was typed or copied is kept. */

import { isSmall, Rhythm } from "../core/noticing";
import type { PageSignal } from "../generated/signals";

type Notice = (signal: PageSignal, count: number, size?: number) => void;

/** A hidden page loses the keyboard too: the one is said, and not both. */
const BLUR_MS = 300;

/** Watches until the signal of `stopped`. `full_screen`: the page has asked for the whole screen. */
export function watch(notice: Notice, full_screen: boolean, stopped: AbortSignal): void {
  const on = { signal: stopped, passive: true, capture: true } as const;
  const since = new Map<PageSignal, number>();

  function begins(signal: PageSignal): void {
    if (since.has(signal)) return;
    since.set(signal, performance.now());
    notice(signal, 1);
  }

  function ends(signal: PageSignal): void {
    const from = since.get(signal);
    if (from === undefined) return;
    since.delete(signal);
    notice(signal, 0, performance.now() - from);
  }

  // A file is chosen in a window of the browser's own, and so is a screen that is shared.
  let choosing = false;
  let blurred: ReturnType<typeof setTimeout> | undefined;
  addEventListener("click", ({ target }) => (choosing = target instanceof HTMLInputElement && target.type === "file"), on);
  addEventListener(
    "blur",
    ({ target }) => {
      if (target !== window || choosing) return;
      clearTimeout(blurred);
      blurred = setTimeout(() => {
        if (stopped.aborted || document.hasFocus() || document.visibilityState !== "visible") return;
        if (document.querySelector("[data-chooses=screen]:disabled") === null) begins("focus_lost");
      }, BLUR_MS);
    },
    on,
  );
  addEventListener(
    "focus",
    ({ target }) => {
      if (target !== window) return;
      choosing = false;
      clearTimeout(blurred);
      ends("focus_lost");
    },
    on,
  );
  const hidden = (): void => (document.visibilityState === "hidden" ? begins("page_hidden") : ends("page_hidden"));
  document.addEventListener("visibilitychange", hidden, on);
  document.addEventListener("copy", () => notice("copied", 1, selected()), on);
  document.addEventListener("cut", () => notice("cut", 1, selected()), on);
  document.addEventListener("paste", ({ clipboardData }) => notice("pasted", 1, clipboardData?.getData("text").length ?? 0), on);
  document.addEventListener("contextmenu", () => notice("context_menu", 1), on);
  addEventListener("beforeprint", () => notice("printed", 1), on);

  const rhythm = new Rhythm();
  document.addEventListener(
    "keydown",
    ({ target, repeat, timeStamp }) => {
      if (!repeat && target instanceof Element && target.matches("textarea, input, [contenteditable]")) notice("keystrokes", 1, Number(rhythm.isFast(timeStamp)));
    },
    on,
  );

  const sized = (): void => (isSmall(window, screen) ? begins("window_small") : ends("window_small"));
  addEventListener("resize", sized, on);
  sized();

  // Chromium alone has these.
  const extended = screen as Screen & { isExtended?: boolean } & Partial<EventTarget>;
  const screens = (): void => void (extended.isExtended === true && notice("second_screen", 1));
  extended.addEventListener?.("change", screens, on);
  screens();

  if (full_screen) {
    if (!canBeFull()) notice("no_full_screen", 1);
    document.addEventListener("fullscreenchange", () => (isFull() ? ends("full_screen_left") : begins("full_screen_left")), on);
    document.addEventListener("fullscreenerror", () => notice("no_full_screen", 1), on);
  }
  hidden();
  stopped.addEventListener("abort", () => [...since.keys()].forEach(ends));
}

export function canBeFull(): boolean {
  return document.fullscreenEnabled === true;
}

export function isFull(): boolean {
  return document.fullscreenElement !== null;
}

/** Only the length counts. */
function selected(): number {
  const { activeElement } = document;
  if (activeElement instanceof HTMLTextAreaElement || activeElement instanceof HTMLInputElement) {
    const { selectionStart, selectionEnd } = activeElement;
    if (selectionStart !== null && selectionEnd !== null && selectionStart !== selectionEnd) return selectionEnd - selectionStart;
  }
  return document.getSelection()?.toString().length ?? 0;
}
