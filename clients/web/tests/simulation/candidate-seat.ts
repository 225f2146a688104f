/** A candidate's page: `CandidateSession` whole, and what it says of itself. */

import { shown } from "../../src/core/connection-state";
import { hasEnded } from "../../src/core/candidate";
import { standing } from "../../src/core/entry";
import type { Operation } from "../../src/generated/messages";
import { CandidateSession, type CandidateView } from "../../src/io/candidate-session";
import { Identity } from "../../src/io/identity";
import { Rest } from "../../src/io/rest";
import { tabStorage, type Browser, type SimulatedDevice } from "./outside";
import { Net, type Out, type Seat } from "./seat";

export interface Opening {
  attempt_id: string;
  test_id: string;
  token: string;
  /** The name of the device where the browser is new. */
  device: string;
  /** A person asks for the attempt here. */
  wanted: boolean;
}

export class CandidateSeat implements Seat {
  readonly net = new Net();
  private readonly session: CandidateSession;
  private view: CandidateView | null = null;
  private told = "";

  constructor(
    { attempt_id, test_id, token, device: name, wanted }: Opening,
    readonly device: SimulatedDevice,
    browser: Browser,
  ) {
    const storage = tabStorage(browser.tab);
    if (storage.getItem("pencilsdown device") === null) storage.setItem("pencilsdown device", name);
    const identity = new Identity(storage, () => device.wall());
    const rest = new Rest(token, this.net.call as typeof fetch, device);
    rest.device = () => identity.device;
    const parts = {
      rest,
      store: browser.store,
      open: this.net.open,
      device,
      last_words: browser.words,
      tab: { enter: () => undefined, leave: () => undefined },
      identity,
    } as const;
    const record = { attempt_id, test_id, title: "", candidate_name: "", token, paper: null, opened_at_ms: 0, closes_at_ms: null };
    this.session = new CandidateSession(record, parts, (view) => (this.view = view));
    this.watch();
    void this.session.open(wanted);
  }

  act(name: string, values: readonly unknown[]): void {
    const { session } = this;
    switch (name) {
      case "start":
        return session.start(null);
      case "edit":
        return session.edit(values[0] as string, values[1] as string | null, values[2] as boolean);
      case "flag":
        return session.flag(values[0] as string, values[1] as boolean);
      case "goTo":
        return session.goTo(values[0] as number);
      case "handIn":
        return session.handIn(values[0] as boolean);
      case "enter":
        return session.ask({ t: "enter", section_id: values[0] as string }, {});
      case "raiseHand":
        return session.ask({ t: "raise_hand", raised: values[0] as boolean }, { hand: values[0] === true ? "raised" : null });
      case "giveConsent": {
        const [source, says, every_ms, keep_days] = values as [string, string, number, number];
        return session.ask({ t: "give_consent", source, says, every_ms, keep_days }, {});
      }
      case "observe":
        return session.ask({ t: "observe", signal: values[0] as string, count: values[1] as number, size: values[2] as number }, {});
      case "dismiss":
        return session.dismissMessage(values[0] as string);
      case "offline":
        return session.offline();
      case "nudge":
        return session.nudge();
      default:
        throw new RangeError(name);
    }
  }

  stop(leaving: boolean): void {
    if (leaving) this.session.leave();
    this.session.stop();
  }

  report(): Out[] {
    const { view } = this;
    if (view === null) return [];
    const { model, connection } = view;
    const { state } = model;
    const answers = Object.entries(model.answers).map(([id, { value, save }]) => [id, value, save.kind]);
    const now = {
      phase: connection.phase.name,
      end: connection.phase.name === "ended" ? connection.phase.end.code : null,
      online: shown(connection) === "live" || shown(connection) === "rest",
      status: state?.status ?? null,
      state,
      held: Object.values(model.held).map(({ question_id, value, n }) => [question_id, n, value]),
      answers,
      flagged: [...model.flagged].sort(),
      hand: state?.hand ?? null,
      starting: model.starting,
      waits: standing(model, this.session.now()).length > 0,
      conflict: model.hand_in_conflict,
      handing_in: model.handing_in,
      ended: hasEnded(state?.status),
      messages: model.messages.map(({ message_id }) => message_id),
      unsettled: view.unsettled,
      trouble: model.trouble?.detail ?? null,
    };
    const text = JSON.stringify(now);
    if (text === this.told) return [];
    this.told = text;
    return [["page", now]];
  }

  /** What the queue takes for sent, saved and refused: the page's own word for it. */
  private watch(): void {
    const queue = this.session["queue"];
    const link = this.session["link"];
    const arrival = this.session["arrival"];
    const { out } = this.net;
    const saved = (operations: Operation[]): Operation[] => {
      if (operations.length > 0) out.push(["saved", operations.map((operation) => ({ ...operation }))]);
      return operations;
    };
    const { take, ack, ackExactly, ackKind, refuse } = queue;
    queue.take = (now) => {
      const operations = take.call(queue, now);
      if (operations.length > 0) out.push(["took", link.live, operations.map((operation) => ({ ...operation }))]);
      return operations;
    };
    const { welcomed } = arrival;
    arrival.welcomed = (reply) => {
      out.push(["welcomed", reply.state.seq]);
      return welcomed.call(arrival, reply);
    };
    queue.ack = (n) => saved(ack.call(queue, n));
    queue.ackExactly = (numbers) => saved(ackExactly.call(queue, numbers));
    queue.ackKind = (kind) => {
      const bodies = ackKind.call(queue, kind);
      saved(bodies.map((body) => ({ ...body, n: 0 }) as Operation));
      return bodies;
    };
    queue.refuse = (n, code, retry, now, random, closing_at) => {
      const refusal = refuse.call(queue, n, code, retry, now, random, closing_at);
      if (refusal !== null) out.push(["refused", n, { ...refusal.body }, refusal.fate, code]);
      return refusal;
    };
  }
}
