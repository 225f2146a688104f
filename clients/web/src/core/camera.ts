/** Pictures from the candidate's camera: whether she agrees to what the test asks for. */

import type { AttemptState, CameraAsked } from "../generated/messages";

type Said = AttemptState["camera"];

/** Whether pictures may be taken: she agrees to just what the test asks for. */
export function stands(said: Said, asked: CameraAsked | null): boolean {
  return asked !== null && said != null && said.agreed && said.every_ms === asked.every_ms && said.keep_days === asked.keep_days;
}

/** The size of a picture whose longer side has no more than `most` pixels. */
export function sized(width: number, height: number, most: number): { width: number; height: number } {
  const scale = Math.min(1, most / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
