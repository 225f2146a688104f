/** Rich text (`protocol/rich`) without its markup, as the server reads it. */

import type { PaperInteraction } from "../generated/rest";

const TAG = /<(\/?[a-z0-9]+)>/g;
/** Each is a line of its own. */
const OPENED = /^(?:p|h2|h3|pre|br)$/;

export function textOf(markup: string): string {
  const text = markup.replace(TAG, (_, tag: string) => (OPENED.test(tag) ? "\n" : "")).replace(/^\n/, "");
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export function isRich(asked: PaperInteraction): boolean {
  return asked.type === "essay" && asked.format === "rich";
}
