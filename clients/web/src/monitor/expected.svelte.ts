/** Who is enrolled and has not come: no row says it, so it is asked for now and then, and of the part of the room that is looked at. */

import type { Place } from "../core/monitor";
import type { ExpectedList, ExpectedPerson } from "../generated/rest";
import type { RoomRest } from "../io/room";

/** Between two questions there is so much time at least; where nothing happens it is three times as long. */
const REST_MS = 10_000;
const IDLE_MS = 30_000;

export class Expected {
  total = $state(0);
  /** The test's window is over: they are absent. */
  closed = $state(false);
  people = $state.raw<readonly ExpectedPerson[]>([]);
  /** There are more of them than are here. */
  next = $state<string | null>(null);
  private asked_ms = -REST_MS;
  private place: Place = { group: null, branch: null, section: null };
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly rest: RoomRest) {}

  /** Asks until the function that it gives is called. */
  begin(): () => void {
    const timer = setInterval(() => this.soon(), IDLE_MS);
    return () => {
      clearInterval(timer);
      clearTimeout(this.waiting);
    };
  }

  /** The room has changed, or another part of it is looked at. */
  look(place: Place): void {
    const other = this.place.group?.group_id !== place.group?.group_id || this.place.branch !== place.branch || this.place.section !== place.section;
    this.place = place;
    if (other) this.again();
    else this.soon();
  }

  /** Somebody comes to look at the room. */
  again(): void {
    this.asked_ms = -REST_MS;
    this.soon();
  }

  async more(): Promise<void> {
    await this.ask(this.next);
  }

  /** All of them in the part of the room that is looked at. Throws where they can't be read. */
  async everybody(): Promise<ExpectedPerson[]> {
    const { place } = this;
    const people: ExpectedPerson[] = [];
    if (place.section !== null) return people;
    let after: string | null = null;
    do {
      const found: ExpectedList = await this.rest.expected({ group_id: place.group?.group_id ?? null, branch_id: place.branch, after });
      people.push(...found.people);
      after = found.next;
    } while (after !== null);
    return people;
  }

  private soon(): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => void this.ask(null), Math.max(0, this.asked_ms + REST_MS - performance.now()));
  }

  private async ask(after: string | null): Promise<void> {
    if (document.hidden) return;
    const { place } = this;
    this.asked_ms = performance.now();
    // Nobody who has not come is in a section.
    if (place.section !== null) {
      [this.total, this.people, this.next] = [0, [], null];
      return;
    }
    try {
      const found = await this.rest.expected({ group_id: place.group?.group_id ?? null, branch_id: place.branch, after });
      if (place !== this.place) return;
      [this.total, this.closed, this.next] = [found.total, found.closed, found.next];
      this.people = after === null ? found.people : [...this.people, ...found.people];
    } catch {
      // The next question may be luckier; until then it stays as it was.
    }
  }
}
