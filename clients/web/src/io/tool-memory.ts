/**
 * What the tools beside the questions hold, kept on this device while an attempt is sat: it is nobody else's, and is never sent.
 * Synchronous, since a page that goes has no time for a transaction.
 */

import { BrowserStorage } from "./browser-storage";

const PREFIX = "pencilsdown tools ";
const FILE_KEY_PREFIX = "pencilsdown answer key ";

export const toolStorage = new BrowserStorage(() => localStorage);

export const toolKey = (attempt_id: string): string => PREFIX + attempt_id;

/** Where the key lies that seals a file of answers. */
export const fileKeyName = (attempt_id: string): string => FILE_KEY_PREFIX + attempt_id;

export function forgetTools(attempt_id: string): void {
  toolStorage.removeItem(toolKey(attempt_id));
  toolStorage.removeItem(fileKeyName(attempt_id));
}
