/**
 * What the tools beside the questions hold, kept on this device while an attempt is sat: it is nobody else's, and is never sent.
 * Synchronous, since a page that goes has no time for a transaction.
 */

import { BrowserStorage } from "./browser-storage";

const PREFIX = "pencilsdown tools ";

export const toolStorage = new BrowserStorage(() => localStorage);

export const toolKey = (attempt_id: string): string => PREFIX + attempt_id;

export function forgetTools(attempt_id: string): void {
  toolStorage.removeItem(toolKey(attempt_id));
}
