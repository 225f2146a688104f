/**
 * The document of the candidate's page asks for the attempt by itself (`sit.html`), while the page's script is on its way. Here that answer is taken
 * in the place of the same call, once.
 */

import { device } from "./device";

declare global {
  interface Window {
    askedEarly?: Early;
  }
}

/** `heard_at`: when the answer came, in local time. */
interface Early {
  asked: string;
  control: AbortController;
  answer: Promise<Response>;
  heard_at?: number;
}

let taken: Early | undefined;

export const fetchUnlessAsked: typeof fetch = (input, init) => {
  const early = window.askedEarly;
  taken = undefined;
  const headers = init?.headers as Record<string, string> | undefined;
  if (early === undefined || early.asked !== [init?.method, input, headers?.["Authorization"], init?.body].join()) return fetch(input, init);
  delete window.askedEarly;
  taken = early;
  init?.signal?.addEventListener("abort", () => early.control.abort());
  return early.answer;
};

/** When the last answer came, in local time. The document's may have come long before the page's script. */
export function heardAt(): number {
  return Math.round(taken?.heard_at ?? device.local());
}
