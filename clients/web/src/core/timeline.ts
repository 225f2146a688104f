/**
 * One attempt as a film, folded from its log: what happened, in order; how she stood after each of it; and for how long she
 * was connected, away, or her clock stood. What a record says may be withheld from whoever looks, or erased, or be of a kind
 * that is newer than this page: then it happened all the same, and what it changed is not known.
 */

import type { FactKind } from "../generated/kinds";
import type { LogEntry } from "../generated/rest";

export type Topic = "work" | "connection" | "noticed" | "staff" | "time" | "marks";

/** A record, with what the page says of it. Times are the server's, in milliseconds. */
export interface Happening {
  seq: number;
  /** When it came to pass: what was found out later (a lost connection, a time limit) says an earlier instant itself. */
  at_ms: number;
  kind: string;
  topic: Topic;
  role: string;
  by: string;
  /** Its question's place in her paper, from 0; null: none, or not known. */
  position: number | null;
  /** What it says in full cannot be shown. */
  withheld: boolean;
  fact: Readonly<Record<string, unknown>>;
}

/** How the attempt stood after a record; null: not known. */
export interface Standing {
  position: number | null;
  answered: number | null;
  flagged: number;
  connected: boolean;
  paused: boolean;
  hand: boolean;
  begun: boolean;
  over: boolean;
}

export interface Span {
  kind: "connected" | "away" | "paused";
  from_ms: number;
  until_ms: number;
}

export interface Film {
  happenings: readonly Happening[];
  /** One for each of them. */
  standings: readonly Standing[];
  /** From the first connection, or the start, on. Pauses lie over the others. */
  spans: readonly Span[];
  from_ms: number;
  until_ms: number;
}

/** What has no line here is told from who did it. */
const TOPICS: Readonly<Partial<Record<FactKind, Topic>>> = {
  answered: "work",
  flagged: "work",
  moved: "work",
  section_entered: "work",
  submitted: "work",
  started: "work",
  hand_raised: "work",
  receipted: "work",
  observed: "noticed",
  consent_given: "noticed",
  alerted: "noticed",
  connected: "connection",
  disconnected: "connection",
  warned: "time",
  overran: "time",
  expired: "time",
  section_closed: "time",
  question_closed: "time",
  abandoned: "time",
  absent: "time",
  hand_marked: "marks",
  regraded: "marks",
  late_received: "work",
  assessed: "marks",
  completed: "marks",
};

const STANDS_AT_FIRST: Standing = {
  position: null,
  answered: 0,
  flagged: 0,
  connected: false,
  paused: false,
  hand: false,
  begun: false,
  over: false,
};

type Step = (entry: LogEntry, at_ms: number, position: number | null) => Partial<Standing>;

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function topicOf({ kind, role, fact }: LogEntry): Topic {
  if (kind === "paused" && typeof fact["signal"] === "string") return "noticed";
  if ((kind === "paused" || kind === "resumed") && fact["connection_lost"] === true) return "connection";
  return (TOPICS as Partial<Record<string, Topic>>)[kind] ?? (role === "candidate" ? "work" : role === "system" ? "time" : "staff");
}

/** The ids of her questions in her order: a layout is arrays in arrays, and says a question's id first. */
function questionsOf(layout: unknown): string[] {
  const sections = listIn(layout, 0);
  return sections.flatMap((section) => listIn(section, 1)).map((question) => text(Array.isArray(question) ? question[0] : null));
}

function listIn(value: unknown, at: number): readonly unknown[] {
  const found: unknown = Array.isArray(value) ? value[at] : null;
  return Array.isArray(found) ? found : [];
}

export class Fold {
  private readonly happenings: Happening[] = [];
  private readonly standings: Standing[] = [];
  private readonly spans: Span[] = [];
  /** The newest one, while it lasts: it supersedes those before it. */
  private connection_id: string | null = null;
  private readonly answers = new Map<string, boolean>();
  private readonly flags = new Set<string>();
  private readonly positions = new Map<string, number>();
  private standing = STANDS_AT_FIRST;
  /** Since when she is connected, or away. */
  private since_ms: number | null = null;
  private paused_ms: number | null = null;
  /** Whether it was over before it was cancelled, or before she was found absent: what is made valid again is as it was. */
  private was_over = false;

  /** The number of the last record that was taken. */
  get seq(): number {
    return this.happenings.at(-1)?.seq ?? 0;
  }

  take(entry: LogEntry): void {
    const { fact, kind } = entry;
    const question_id = text(fact["question_id"]);
    questionsOf(fact["layout"]).forEach((laid, place) => this.positions.set(laid, place));
    const position = this.positions.get(question_id) ?? number(fact["question_index"]);
    const at_ms = number(kind === "disconnected" ? fact["last_contact_ms"] : fact["at_ms"]) ?? entry.at_ms;
    this.happenings.push({
      seq: entry.seq,
      at_ms,
      kind,
      topic: topicOf(entry),
      role: entry.role,
      by: entry.by,
      position,
      withheld: entry.withheld,
      fact,
    });
    this.standing = this.after(entry, position, at_ms);
    this.standings.push(this.standing);
  }

  /** `now_ms`: what lasts is shown until then; null: until the last record. */
  film(now_ms: number | null): Film {
    const from_ms = this.happenings[0]?.at_ms ?? 0;
    const last_ms = this.happenings.reduce((most, { at_ms }) => Math.max(most, at_ms), from_ms);
    const until_ms = now_ms === null || this.standing.over ? last_ms : Math.max(now_ms, last_ms);
    const spans = [...this.spans];
    if (this.since_ms !== null) {
      spans.push({ kind: this.standing.connected ? "connected" : "away", from_ms: this.since_ms, until_ms });
    }
    if (this.paused_ms !== null) spans.push({ kind: "paused", from_ms: this.paused_ms, until_ms });
    return { happenings: [...this.happenings], standings: [...this.standings], spans, from_ms, until_ms };
  }

  private after(entry: LogEntry, position: number | null, at_ms: number): Standing {
    const step = (this.steps as Partial<Record<string, Step>>)[entry.kind];
    return step === undefined ? this.standing : { ...this.standing, ...step(entry, at_ms, position) };
  }

  /** Kinds that change how she stands, with what they change. All others leave it as it was. */
  private readonly steps = {
    started: (_, at_ms) => {
      this.since_ms ??= at_ms;
      return { begun: true, position: 0 };
    },
    connected: ({ fact }, at_ms) => {
      if (!this.standing.connected) this.turn(at_ms, false);
      this.connection_id = text(fact["connection_id"]);
      return { connected: true };
    },
    disconnected: ({ fact }, at_ms) => {
      if (this.connection_id !== text(fact["connection_id"])) return {};
      this.connection_id = null;
      this.turn(at_ms, true);
      return { connected: false };
    },
    answered: ({ fact, withheld }, _, position) => {
      const question_id = text(fact["question_id"]);
      if (withheld || question_id === "") return { answered: null };
      this.answers.set(question_id, fact["value"] != null);
      return { position, answered: this.standing.answered === null ? null : count(this.answers.values()) };
    },
    flagged: ({ fact }) => {
      const question_id = text(fact["question_id"]);
      if (fact["flagged"] === true) this.flags.add(question_id);
      else this.flags.delete(question_id);
      return { flagged: this.flags.size };
    },
    moved: (_, __, position) => ({ position }),
    hand_raised: ({ fact }) => ({ hand: fact["raised"] === true }),
    hand_acknowledged: () => ({ hand: false }),
    paused: (_, at_ms) => {
      this.paused_ms ??= at_ms;
      return { paused: true };
    },
    resumed: (_, at_ms) => {
      this.goesOn(at_ms);
      return { paused: false };
    },
    submitted: (_, at_ms) => this.ended(at_ms),
    expired: (_, at_ms) => this.ended(at_ms),
    abandoned: (_, at_ms) => this.ended(at_ms),
    accepted: (_, at_ms) => this.ended(at_ms),
    cancelled: (_, at_ms) => this.voided(at_ms),
    absent: (_, at_ms) => this.voided(at_ms),
    reopened: () => ({ over: false }),
    reinstated: () => ({ over: this.was_over }),
  } satisfies Partial<Record<FactKind, Step>>;

  private ended(at_ms: number): Partial<Standing> {
    this.goesOn(at_ms);
    return { over: true, paused: false };
  }

  private voided(at_ms: number): Partial<Standing> {
    this.was_over = this.standing.over;
    return this.ended(at_ms);
  }

  /** She comes, or goes. */
  private turn(at_ms: number, was_here: boolean): void {
    if (this.since_ms !== null && at_ms > this.since_ms) {
      this.spans.push({ kind: was_here ? "connected" : "away", from_ms: this.since_ms, until_ms: at_ms });
    }
    this.since_ms = at_ms;
  }

  private goesOn(at_ms: number): void {
    if (this.paused_ms !== null) this.spans.push({ kind: "paused", from_ms: this.paused_ms, until_ms: Math.max(at_ms, this.paused_ms) });
    this.paused_ms = null;
  }
}

function count(values: Iterable<boolean>): number {
  let found = 0;
  for (const value of values) if (value) found += 1;
  return found;
}
