/** The candidate's own settings, kept on this device; the document shows them as soon as its scripts run. */

import { begin, begunFrom, marksOf, settingsFrom, type Settings } from "../core/settings";
import type { PageSettings } from "../generated/messages";
import { BrowserStorage } from "../io/browser-storage";

const KEY = "pencilsdown settings";
const BEGUN_KEY = "pencilsdown settings begun with";
const storage = new BrowserStorage(() => localStorage);

let now = $state.raw(settingsFrom(storage.getItem(KEY)));

function show(): void {
  if (typeof document === "undefined") return;
  const { dataset } = document.documentElement;
  for (const [name, value] of Object.entries(marksOf(now))) {
    if (value === undefined) delete dataset[name];
    else dataset[name] = value;
  }
}

export const settings = {
  get now(): Settings {
    return now;
  },
  set(change: Partial<Settings>): void {
    now = { ...now, ...change };
    storage.setItem(KEY, JSON.stringify(now));
    show();
  },
  /** The page of an attempt is there, with what staff have set for it beforehand. Returns whether something is another way now. */
  begin(attempt_id: string, page: PageSettings | null): boolean {
    const begun = begin(now, begunFrom(storage.getItem(BEGUN_KEY)), attempt_id, page);
    if (begun === null) return false;
    settings.set(begun[0]);
    if (begun[1] === null) storage.removeItem(BEGUN_KEY);
    else storage.setItem(BEGUN_KEY, JSON.stringify(begun[1]));
    return true;
  },
};

show();
