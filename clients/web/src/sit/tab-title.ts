/** What the browser's tab says of a test: how it stands, and how much time is left, in whole minutes, so that it seldom changes. */

import { hasEnded } from "../core/candidate";
import { S } from "./words.svelte";

const MINUTE_MS = 60_000;

export interface Standing {
  /** The attempt's; undefined: nothing is known of it yet. */
  status: string | undefined;
  /** There is no connection. */
  cut: boolean;
  /** Of the test's clock; null: no clock runs. */
  left: number | null;
}

export function tabTitle(title: string, { status, cut, left }: Standing): string {
  const name = title || S.title;
  const said = stands(status, cut, left);
  return said === null ? name : `${said} · ${name}`;
}

function leftIn(minutes: number): string {
  return minutes < 60 ? S.tab.minutes({ minutes }) : S.tab.hours({ hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

function stands(status: string | undefined, cut: boolean, left: number | null): string | null {
  if (status === undefined || status === "initiated") return null;
  if (hasEnded(status)) return S.tab.ended;
  if (cut) return S.tab.cut;
  if (status === "paused") return S.tab.paused;
  if (left === null) return null;
  if (left === 0) return S.tab.over;
  return left < MINUTE_MS ? S.tab.underMinute : leftIn(Math.floor(left / MINUTE_MS));
}
