/** Puts a page's application into its document, where the browser is not too old for it. */

import { mount, type Component } from "svelte";

/** What no build can bring to a browser that lacks it. `browsers.json` names the oldest that have all of it. */
function isTooOld(): boolean {
  return !("inert" in HTMLElement.prototype && "HTMLDialogElement" in window && "BroadcastChannel" in window);
}

/** The document already says what to do where no script runs at all: where the application can't, it says so at once. */
export async function start(app: Component, ready: () => Promise<void> = async () => undefined): Promise<void> {
  const target = document.getElementById("app");
  if (target === null) throw new Error("the page has no #app");
  const sentence = Array.from(target.children);
  try {
    if (isTooOld()) throw new Error("this browser is too old");
    await ready();
    target.replaceChildren();
    mount(app, { target });
  } catch (error) {
    target.replaceChildren(...sentence);
    for (const element of sentence) element.classList.add("now");
    throw error;
  }
}
