/** Fetches what an attempt is carried on with (`engine.ts`): when the start page is drawn, or at once where nothing can be drawn before. */

import { Code, fetchFile } from "../io/code";
import { device } from "../io/device";

export type Engine = typeof import("./engine");

// Without a build nothing has been put in the place of the name.
const [named] = ["files-of:engine"];
let come: (engine: Engine) => void;
const here = new Promise<Engine>((resolve) => (come = resolve));
const code = new Code<Engine>(named?.startsWith("files-of:") ? [] : (named?.split(" ") ?? []), () => import("./engine"), fetchFile, device, (state) => {
  if (state.kind === "ready") come(state.code);
});

/** What can't be fetched is tried again, for as long as the page is open, and at once when this is called. */
export function engine(): Promise<Engine> {
  code.want();
  return here;
}
