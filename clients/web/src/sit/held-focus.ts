/** Remembers where somebody types, and gives the keyboard back to the same letter. */

export interface Held {
  /** Does nothing where the field has gone, or somebody has gone elsewhere meanwhile. */
  giveBack(): void;
}

export function holdFocus(): Held | null {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return null;
  const text = element instanceof HTMLTextAreaElement || isTextField(element) ? element : null;
  const [start, end] = [text?.selectionStart ?? null, text?.selectionEnd ?? null];
  return {
    giveBack() {
      const now = document.activeElement;
      const free = now === null || now === document.body || now === element;
      if (!element.isConnected || !free) return;
      element.focus({ preventScroll: true });
      if (start !== null && end !== null) text?.setSelectionRange(start, end);
    },
  };
}

/** Other kinds of input (radio buttons) have no selection, and throw when one is asked for. */
function isTextField(element: HTMLElement): element is HTMLInputElement {
  return element instanceof HTMLInputElement && element.type === "text";
}
