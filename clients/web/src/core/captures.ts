/** Pictures from the candidate's camera and of her screen: what she has said to what the test asks for. */

import type { AttemptState, CaptureAsked, ConsentState } from "../generated/messages";

export type Source = "camera" | "screen";
export type Consents = AttemptState["consents"];

/** What she has said last of a source that the test asks for just so; undefined: nothing. */
function said(consents: Consents, { source, every_ms, keep_days }: CaptureAsked): string | undefined {
  return consents?.find((one) => one.source === source && one.every_ms === every_ms && one.keep_days === keep_days)?.says;
}

/** Whether pictures may be taken: she agrees to just what the test asks for. */
export const stands = (consents: Consents, asked: CaptureAsked): boolean => said(consents, asked) === "agreed";

/** Whether she has said that her device can't give them. */
export const isUnable = (consents: Consents, asked: CaptureAsked): boolean => said(consents, asked) === "unable";

/** Whether she has said that she does not agree, or no longer does. */
export const isDeclined = (consents: Consents, { source }: CaptureAsked): boolean => consents?.find((one) => one.source === source)?.says === "declined";

/** Whether she has agreed, and the test asks for something else by now. */
export const isOutdated = (consents: Consents, asked: CaptureAsked): boolean =>
  !stands(consents, asked) && consents?.find(({ source }) => source === asked.source)?.says === "agreed";

/** All that she has said, with what she says now. */
export function saying(consents: Consents, { source, every_ms, keep_days }: CaptureAsked, says: string): ConsentState[] {
  return [...(consents ?? []).filter((one) => one.source !== source), { source, says, every_ms, keep_days }];
}

/** Whether what is shared is enough. A browser that does not say what it is is believed. */
export function isEnough({ whole_screen }: CaptureAsked, surface: string | undefined): boolean {
  return !whole_screen || surface === undefined || surface === "monitor";
}

/** To share a screen again takes a click of hers. So long she has for it before it is said that she does not. */
const AGAIN_MS = 60_000;

/** That a source gives no pictures is said once, until it gives some again: nothing new has happened. */
export class Ending {
  private said = false;

  constructor(private readonly say: () => void) {}

  /** There are pictures. */
  live(): void {
    this.said = false;
  }

  ended(): void {
    if (this.said) return;
    this.said = true;
    this.say();
  }

  /** She is asked to share again. Returns what ends the wait. */
  asked(isLive: () => boolean): () => void {
    const waits = setTimeout(() => isLive() || this.ended(), AGAIN_MS);
    return () => clearTimeout(waits);
  }
}

/** The size of a picture whose longer side has no more than `most` pixels. */
export function sized(width: number, height: number, most: number): { width: number; height: number } {
  const scale = Math.min(1, most / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
