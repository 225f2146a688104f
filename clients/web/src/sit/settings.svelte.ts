/** The candidate's own settings, kept on this device; the document shows them as soon as its scripts run. */

import { marksOf, settingsFrom, type Settings } from "../core/settings";
import { BrowserStorage } from "../io/browser-storage";

const KEY = "pencilsdown settings";
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
};

show();
