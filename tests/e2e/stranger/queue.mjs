// The operations that one device keeps: their numbers, the window, and what an answer of the server does to them.

export const SEND_WINDOW = 64;

const ENDED = new Set(["submitted", "expired", "cancelled", "completed"]);

/** What waits until everything before it is settled. */
const CLOSING = new Set(["submit", "enter"]);

/** What an operation is about: of two about the same thing the later one counts. */
const subject = ({ kind, fields }) =>
  `${kind} ${fields.question_id ?? fields.message_id ?? fields.section_id ?? ""} ${kind === "receipt" ? fields.seen : ""}`;

export class Queue {
  /** `done(operation, outcome)` hears of each operation once; `outcome` is "acked", "obsolete", or a refusal's code. */
  constructor(done = () => {}) {
    this.done = done;
    this.kept = [];
    this.places = 0;
    this.lastN = 0;
    this.window = SEND_WINDOW;
    this.onHold = false;
    this.acked = [];
    this.refusals = 0;
    this.renumbered = 0;
    this.ackedPlace = new Map();
  }

  /** Takes an operation. It gets its number when it is sent for the first time. */
  add(kind, fields = {}) {
    const operation = { n: null, kind, fields, place: this.places++, sent: false };
    this.kept.push(operation);
    return operation;
  }

  /** A new connection: nothing is on the wire. */
  connected(lastN) {
    this.lastN = Math.max(this.lastN, lastN);
    this.window = SEND_WINDOW;
    this.onHold = false;
    for (const operation of this.kept) operation.sent = false;
  }

  /** What may be sent now, in the order of the numbers. It counts as sent from here on. */
  toSend() {
    const out = [];
    if (this.onHold) return out;
    this.kept.sort((one, other) => (one.n ?? Infinity) - (other.n ?? Infinity) || one.place - other.place);
    let open = this.kept.filter((operation) => operation.sent).length;
    // An ack of what is on the wire could be taken for one of what is sent again before it.
    if (this.window === 1 && open > 0) return out;
    for (const [place, operation] of this.kept.entries()) {
      if (open >= this.window) break;
      if (operation.sent) continue;
      if (CLOSING.has(operation.kind) && place > 0) break;
      operation.n ??= ++this.lastN;
      operation.sent = true;
      open += 1;
      out.push(operation);
    }
    return out;
  }

  /** Every operation up to `n` that is on the wire is durable. */
  ack(n) {
    for (const operation of this.kept.filter((one) => one.sent && one.n <= n)) this.saved(operation);
  }

  saved(operation) {
    this.window = SEND_WINDOW;
    this.forget(operation);
    this.acked.push({ n: operation.n, kind: operation.kind, fields: operation.fields });
    this.ackedPlace.set(subject(operation), operation.place);
    this.done(operation, "acked");
  }

  refused(n, code, retry) {
    const operation = this.kept.find((one) => one.sent && one.n === n);
    this.refusals += 1;
    if (operation === undefined) return;
    operation.sent = false;
    if (retry === "later") {
      this.onHold = true;
      this.window = 1;
      return;
    }
    this.window = SEND_WINDOW;
    if (code === "number_skipped" && !this.overtaken(operation)) {
      operation.n = null;
      this.renumbered += 1;
      return;
    }
    this.forget(operation);
    this.done(operation, code === "number_skipped" ? "obsolete" : code);
  }

  /** Something later about the same thing was accepted, or waits here. */
  overtaken({ place, ...operation }) {
    const about = subject(operation);
    const later = (one) => one.place > place && subject(one) === about;
    return (this.ackedPlace.get(about) ?? -1) > place || this.kept.some(later);
  }

  /** What was refused with `later` may be tried again: it alone, until it is answered. */
  release() {
    this.onHold = false;
  }

  /** An attempt that has ended answers a submission by its state alone. */
  state(status) {
    const submission = this.kept.find((one) => one.kind === "submit" && one.sent);
    if (submission === undefined || !ENDED.has(status)) return;
    this.forget(submission);
    this.done(submission, "ended");
  }

  forget(operation) {
    this.kept.splice(this.kept.indexOf(operation), 1);
  }
}
