/**
 * Keyboard shortcuts: a letter with Alt and Shift, wherever the focus is. What has one says so in `aria-keyshortcuts`, and the key
 * presses it, unless it is out of reach just then.
 */

import { settings } from "./settings.svelte";

const PREFIX = "Alt+Shift+";

export const SHORTCUTS = { time: "T", next: "N", previous: "P", flag: "F", settings: "S" } as const;

/** For `aria-keyshortcuts`; undefined where the candidate has switched them off. */
export function shortcut(name: keyof typeof SHORTCUTS): string | undefined {
  return settings.now.keys ? PREFIX + SHORTCUTS[name] : undefined;
}

/** The letter of a shortcut, by the place of its key: with Alt a letter may be another sign. */
export function letterOf({ altKey, shiftKey, ctrlKey, metaKey, code }: Pick<KeyboardEvent, "altKey" | "shiftKey" | "ctrlKey" | "metaKey" | "code">): string | null {
  if (!altKey || !shiftKey || ctrlKey || metaKey) return null;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  return letter !== undefined && Object.values<string>(SHORTCUTS).includes(letter) ? letter : null;
}

/** Presses what has this shortcut; `saytime` is asked for the one that presses nothing. */
export function onshortcut(event: KeyboardEvent, saytime: () => void): void {
  const letter = settings.now.keys ? letterOf(event) : null;
  if (letter === null || event.repeat || document.querySelector("dialog[open]") !== null) return;
  event.preventDefault();
  if (letter === SHORTCUTS.time) return saytime();
  const button = document.querySelector<HTMLElement>(`[aria-keyshortcuts="${PREFIX}${letter}"]:enabled`);
  if (button === null || button.closest("[inert]") !== null) return;
  button.focus();
  button.click();
}
