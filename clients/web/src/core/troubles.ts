/**
 * What was refused as `internal`, by what it is about. It may be the fault of the one operation: from the second such refusal in
 * a row only what is about the same thing is held back, for a time of its own. After `INTERNAL_TRIES` it counts as refused.
 */

import { INTERNAL_TRIES } from "../generated/limits";
import { backoffMs, type Backoff } from "./backoff";
import type { Entry } from "./entries";
import { subject } from "./operation";

interface Trouble {
  /** How often in a row. */
  failures: number;
  /** Until when it is held back, in local time; 0: it is not. */
  until: number;
}

export class Troubles {
  private readonly troubles = new Map<string, Trouble>();

  /** Refused as `internal`: whether that holds up everything, only what is about the same, or counts as refused for good. */
  failed({ body }: Entry, now: number, random: number, backoff: Backoff): "everything" | "alone" | "refused" {
    const about = subject(body);
    const trouble = this.troubles.get(about) ?? { failures: 0, until: 0 };
    this.troubles.set(about, trouble);
    trouble.failures += 1;
    if (trouble.failures === 1) return "everything";
    if (trouble.failures < INTERNAL_TRIES) {
      trouble.until = now + 250 + backoffMs(trouble.failures - 2, backoff, random);
      return "alone";
    }
    // What comes next about the same thing is known to be in danger, and need not hold up everything once more.
    trouble.failures = 1;
    return "refused";
  }

  /** Something about it was acknowledged. */
  over({ body }: Entry): void {
    this.troubles.delete(subject(body));
  }

  has({ body }: Entry): boolean {
    return this.troubles.has(subject(body));
  }

  /** Until when it is held back, in local time; 0: it is not. */
  until({ body }: Entry): number {
    return this.troubles.get(subject(body))?.until ?? 0;
  }

  /** What was held back until `now` may go. */
  release(now = Infinity): void {
    for (const trouble of this.troubles.values()) if (trouble.until <= now) trouble.until = 0;
  }
}
