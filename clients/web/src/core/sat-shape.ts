/** To be imported where a test is sat, or its result is shown. */

import { INTERACTION_SHAPES, MESSAGE_SHAPES, SHAPES } from "../generated/shapes";
import { hasShape, know, knowInteractions } from "./shape";

know(SHAPES);
knowInteractions(INTERACTION_SHAPES);

/** Whether this is a message from a server, whole. Its tag has been looked up before. */
export function isFromServer(value: unknown, tag: string): boolean {
  return !Object.hasOwn(MESSAGE_SHAPES, tag) || hasShape(value, MESSAGE_SHAPES[tag as keyof typeof MESSAGE_SHAPES]);
}
