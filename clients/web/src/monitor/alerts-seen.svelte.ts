/** Which alerts some of the staff have seen. It stands in the audit log and in no row, so it is asked for now and then. */

import type { SeenAlerts } from "../generated/rest";
import type { RoomRest } from "../io/room";

const ASK_MS = 10_000;

export class AlertsSeen {
  /** By attempt. */
  marks = $state.raw<ReadonlyMap<string, SeenAlerts>>(new Map());
  /** Of two answers the later one counts; what this page has said itself is newer than a list that was on its way. */
  private round = 0;

  constructor(
    private readonly rest: RoomRest,
    /** Whether there is an alert at all: without one nobody asks. */
    private readonly needed: () => boolean,
    private readonly changed: () => void,
  ) {}

  /** Asks until the function that it gives is called. */
  begin(): () => void {
    void this.ask(true);
    const timer = setInterval(() => void this.ask(), ASK_MS);
    return () => clearInterval(timer);
  }

  /** Throws where it can't be said. */
  async mark(attempt_id: string, until_ms: number | null): Promise<void> {
    const mark = await this.rest.markAlertsSeen(attempt_id, until_ms);
    this.round += 1;
    const marks = new Map(this.marks);
    if (mark.until_ms === null) marks.delete(attempt_id);
    else marks.set(attempt_id, mark);
    this.marks = marks;
    this.changed();
  }

  /** `first`: the rows are not here yet, so nobody knows whether there is an alert. */
  private async ask(first = false): Promise<void> {
    if (!first && (document.hidden || !this.needed())) return;
    const mine = ++this.round;
    try {
      const { seen } = await this.rest.alertsSeen();
      if (mine !== this.round) return;
      this.marks = new Map(seen.map((mark) => [mark.attempt_id, mark]));
      this.changed();
    } catch {
      // The next question may be luckier; until then it stays as it was.
    }
  }
}
