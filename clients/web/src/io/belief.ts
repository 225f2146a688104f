/** What this page believes of the attempt, and what the candidate may therefore do on it now. */

import { isLocked, knowsClock, newCandidate, type Candidate, type CandidateEvent, type Why } from "../core/candidate";
import { reduce } from "../core/reducer";
import { shown } from "../core/connection-state";
import { isOpenAt, placesOf, shutBy } from "../core/sections";
import type { ToCandidate } from "../generated/messages";
import type { Link } from "./link";
import type { AttemptRecord } from "./store";

export class Belief {
  model: Candidate;

  constructor(
    { attempt_id, test_id, paper }: AttemptRecord,
    private readonly link: () => Link<ToCandidate>,
    private readonly changed: () => void,
  ) {
    this.model = newCandidate(attempt_id, test_id, paper);
  }

  apply(event: CandidateEvent): void {
    this.model = reduce(this.model, event);
    this.changed();
  }

  trouble(why: Why): void {
    this.apply({ type: "trouble", why });
  }

  get connected(): boolean {
    const connection = shown(this.link().state);
    return connection === "live" || connection === "rest";
  }

  /** False: the clock may stand at the server, and this page can't know. */
  get knows_clock(): boolean {
    return knowsClock(this.model, this.connected);
  }

  get writable(): boolean {
    const { state } = this.model;
    return state?.status === "in_progress" && !(isLocked(state, this.link().now()) && this.knows_clock);
  }

  /** Whether this question can be answered now. */
  isOpen(question_id: string): boolean {
    const { state, entering } = this.model;
    const shut = this.knows_clock ? shutBy(state, question_id, this.link().now()) : null;
    return this.writable && entering === null && shut === null;
  }

  /** Whether there is another question at this place of the paper that she may go to. */
  leadsTo(index: number): boolean {
    const { paper, state } = this.model;
    return index >= 0 && paper !== null && index < placesOf(paper) && index !== this.model.index && isOpenAt(paper, state, index);
  }
}
