/** What a person has to do before a page whose connection has ended can go on. */

import { CLOSE } from "../generated/codes";
import type { End } from "./connection-state";

export type Remedy = "use_here" | "ask_staff" | "sign_in" | "reload";

/** Refusals that are about the connection, not about the operation or the attempt: the end of the connection says it. */
export const ABOUT_THE_CONNECTION: ReadonlySet<string> = new Set(["superseded", "connection_exists"]);

/** Whether the link opens the test no more, or nobody can: it may still show the result. */
export function isOver(end: End): boolean {
  return end.code === CLOSE.TOKEN_EXPIRED || end.code === "token_expired" || end.code === "archived";
}

export function remedy(end: End): Remedy {
  switch (end.code) {
    case CLOSE.SUPERSEDED:
    case CLOSE.CONNECTION_EXISTS:
    case "superseded":
    case "connection_exists":
      return "use_here";
    case CLOSE.LINK_USED:
    case "link_used":
      return "ask_staff";
    case CLOSE.TOKEN_EXPIRED:
    case CLOSE.TOKEN_INVALID:
    case CLOSE.FORBIDDEN:
    case CLOSE.NOT_FOUND:
    case "token_expired":
    case "token_revoked":
    case "token_invalid":
    case "token_missing":
    case "forbidden":
    case "not_found":
      return "sign_in";
    default:
      return "reload";
  }
}
