/** The candidate's own settings, kept on this device; the document shows them as soon as its scripts run. */

import { begunWith, marksOf, settingsFrom, type Settings } from "../core/settings";
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
  /** Staff have set this beforehand for an attempt. Of what they say she may change all: the same is not set a second time. */
  begin(attempt_id: string, page: PageSettings): boolean {
    const begun_with = JSON.stringify([attempt_id, page]);
    if (storage.getItem(BEGUN_KEY) === begun_with) return false;
    settings.set(begunWith(now, page));
    storage.setItem(BEGUN_KEY, begun_with);
    return true;
  },
};

show();
