// One device of one candidate: it connects, sends what its queue holds, and comes back by the rules of the document.

import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { Queue } from "./queue.mjs";
import { call, callFor, Problem } from "./rest.mjs";
import { Socket } from "./websocket.mjs";

const { encode, decode } = createRequire(new URL("../../../clients/web/package.json", import.meta.url))(
  "@msgpack/msgpack",
);

const PROTOCOL = 1;
const MISSED_BEATS = 3;
const WELCOME_WITHIN_MS = 15_000;
const STABLE_MS = 5_000;
const SOCKETS_BEFORE_REST = 3;
const SOCKET_AGAIN_MS = 20_000;

const now = () => Math.round(performance.now());

export class Candidate {
  /** `seat`: { url, attempt_id, token }. `hear(name, content)` is told everything that happens. */
  constructor(seat, { random = Math.random, hear = () => {}, device = randomUUID(), connects = 0, takeover = true } = {}) {
    this.seat = seat;
    this.random = random;
    this.hear = hear;
    this.device = device;
    this.connects = connects;
    this.takeover = takeover;
    this.seen = null;
    this.state = null;
    this.welcomes = 0;
    this.resumes = 0;
    this.tries = 0;
    this.greetedAt = Infinity;
    this.socketFailures = 0;
    this.backoff = { base: 500, cap: 15_000 };
    this.heartbeatMs = 10_000;
    this.clockAheadMs = null;
    this.bestRoundTrip = Infinity;
    this.final = null;
    this.socket = null;
    this.live = false;
    this.stopped = false;
    this.timers = new Map();
    this.queue = new Queue((operation, outcome) => this.hear("done", { operation, outcome }));
  }

  /** A person's act, or a program that comes back by itself (`takeover` false). */
  connect(takeover = this.takeover) {
    this.takeover = takeover;
    this.stopped = false;
    this.final = null;
    this.socketFailures >= SOCKETS_BEFORE_REST ? void this.overRest() : this.overSocket();
  }

  add(kind, fields) {
    const operation = this.queue.add(kind, fields);
    this.flush();
    return operation;
  }

  /** Leaves; everything that is kept stays kept. */
  stop(code = 1000) {
    this.stopped = true;
    for (const name of this.timers.keys()) this.cancel(name);
    this.live = false;
    this.socket?.close(code);
    this.wakeRest?.();
  }

  // The socket

  overSocket() {
    const address = `${this.seat.url}/ws/attempts/${encodeURIComponent(this.seat.attempt_id)}`;
    const connectN = ++this.connects;
    let farewell = null;
    const socket = new Socket(address, {
      open: () => this.send(this.hello(connectN)),
      message: (bytes) => {
        const message = decode(bytes);
        if (message.t === "goodbye") farewell = message;
        this.take(message);
        if (this.live) this.after("silence", MISSED_BEATS * this.heartbeatMs, () => socket.destroy());
      },
      close: (code, httpStatus) => {
        if (this.socket === socket) this.lost(code ?? farewell?.code ?? null, farewell, httpStatus);
      },
    });
    this.socket = socket;
    this.after("silence", WELCOME_WITHIN_MS, () => socket.destroy());
  }

  hello(connectN) {
    return {
      t: "hello",
      protocol: PROTOCOL,
      token: this.seat.token,
      client: "stranger/1.0",
      device: this.device,
      connect_n: connectN,
      takeover: this.takeover,
      seen_seq: this.seen?.seq ?? null,
      seen_head: this.seen?.head ?? null,
      oldest_protocol: PROTOCOL,
      capabilities: [],
    };
  }

  send(message) {
    this.socket.send(encode(message));
  }

  take(message) {
    this.hear(message.t, message);
    switch (message.t) {
      case "welcome":
        this.welcomes += 1;
        this.socketFailures = 0;
        this.live = true;
        this.greeted(message);
        this.after("beat", message.first_beat_ms, () => this.beat());
        this.flush();
        break;
      case "ack":
        this.saw(message);
        this.queue.ack(message.n);
        this.flush();
        break;
      case "refused":
        if (message.n !== null) this.refused(message.n, message.code, message.retry);
        break;
      case "state":
        this.news(message.state);
        break;
      case "echo":
        this.measure(message);
        break;
      case "staff_message":
        this.queue.add("receipt", { message_id: message.message_id, seen: false });
        this.flush();
        break;
    }
  }

  beat() {
    this.send({ t: "beat", t0_ms: now() });
    this.after("beat", this.heartbeatMs, () => this.beat());
  }

  lost(code, farewell, httpStatus) {
    const greeted = this.live;
    this.live = false;
    this.socket = null;
    this.cancel("silence");
    this.cancel("beat");
    this.cancel("release");
    this.hear("lost", { code, httpStatus });
    if (this.stopped) return;
    // Who refuses the handshake lets no socket through, now or at all.
    if (!greeted) this.socketFailures += httpStatus === null || httpStatus === 503 ? 1 : SOCKETS_BEFORE_REST;
    if (code === 1000 || code === 1009 || (code >= 4100 && code < 4200) || (code >= 4500 && code < 4600)) {
      this.finish(code);
      return;
    }
    this.comeBack(farewell?.after_ms ?? 0);
  }

  /** The server wants this device back only if a person (or a fresh token) asks for it. */
  finish(reason) {
    this.final = reason;
    this.hear("final", { reason });
  }

  /** After what the server asked for, and a random time. */
  comeBack(afterMs) {
    if (now() - this.greetedAt >= STABLE_MS) this.tries = 0;
    this.greetedAt = Infinity;
    const wait = afterMs + this.random() * Math.min(this.backoff.cap, this.backoff.base * 2 ** this.tries);
    this.tries += 1;
    this.after("back", wait, () => this.connect());
  }

  // What sockets and REST have in common

  greeted(welcome) {
    this.greetedAt = now();
    this.takeover = false;
    this.heartbeatMs = welcome.heartbeat_ms;
    if (welcome.backoff_base_ms !== undefined)
      this.backoff = { base: welcome.backoff_base_ms, cap: welcome.backoff_cap_ms };
    if (welcome.restored) this.hear("forgetful", { seen: this.seen?.seq, seq: welcome.state.seq });
    this.seen = welcome.state;
    this.state = null;
    this.queue.connected(welcome.last_n);
    this.news(welcome.state);
  }

  saw({ seq, head }) {
    if (this.seen === null || seq > this.seen.seq) this.seen = { seq, head };
  }

  news(state) {
    this.saw(state);
    if (this.state !== null && state.seq < this.state.seq) return;
    const before = this.state?.status;
    this.state = state;
    this.queue.state(state.status);
    if (state.status !== before) this.queue.release();
    this.flush();
  }

  refused(n, code, retry) {
    this.queue.refused(n, code, retry);
    if (this.queue.onHold && !this.timers.has("release"))
      this.after("release", this.random() * this.backoff.base * 4, () => {
        this.queue.release();
        this.flush();
      });
    this.flush();
  }

  measure({ t0_ms: t0, t1_ms: t1, t2_ms: t2 }) {
    const t3 = now();
    const roundTrip = t3 - t0 - (t2 - t1);
    if (roundTrip >= this.bestRoundTrip) return;
    this.bestRoundTrip = roundTrip;
    this.clockAheadMs = (t1 - t0 + (t2 - t3)) / 2;
  }

  flush() {
    if (this.wakeRest !== undefined) this.wakeRest();
    else if (this.live)
      for (const { n, kind, fields } of this.queue.toSend())
        this.send({ t: kind, n, ...fields, client_at_ms: Date.now() });
  }

  // REST

  async overRest() {
    const post = (what, body) =>
      call(this.seat.url, this.seat.token, "POST", `/test-attempts/${this.seat.attempt_id}/${what}`, body);
    let socketAgain = null;
    try {
      const { device, takeover, seen } = this;
      const position = { seen_seq: seen?.seq ?? null, seen_head: seen?.head ?? null };
      const body = { client: "stranger/1.0", device, connect_n: ++this.connects, takeover, ...position };
      const welcome = await post("resume", body);
      this.resumes += 1;
      socketAgain = now() + SOCKET_AGAIN_MS;
      this.greeted(welcome);
      this.hear("resumed", welcome);
      let beatAt = now() + this.random() * this.heartbeatMs;
      while (!this.stopped && now() < socketAgain) {
        const operations = batch(this.queue);
        if (operations.length > 0) await this.sendOver(post, welcome.connection_id, operations);
        else if (now() < beatAt) await this.sleepUntil(Math.min(beatAt, socketAgain));
        else {
          this.measure(await this.heartbeat(post, welcome.connection_id));
          beatAt = now() + this.heartbeatMs;
          this.queue.release();
        }
      }
      this.socketFailures = 0; // the socket gets another chance
      if (!this.stopped) this.connect();
    } catch (error) {
      this.failedOverRest(error, socketAgain !== null);
    }
  }

  async heartbeat(post, connectionId) {
    const echo = await post("heartbeat", { connection_id: connectionId, t0_ms: now() });
    this.news(echo.state);
    return echo;
  }

  async sendOver(post, connectionId, operations) {
    const [path, body] = callFor(operations, connectionId);
    try {
      const reply = await post(path, body);
      if (path === "start") this.queue.saved(operations[0]);
      for (const n of reply.acked ?? []) this.queue.saved(operations.find((one) => one.n === n));
      const refused = reply.refused ?? [];
      for (const { n, code, retry } of refused) this.refused(n, code, retry);
      this.news(reply.state);
      const replaced = refused.find(({ code }) => code === "superseded");
      if (replaced !== undefined) throw new Problem(409, replaced, null);
    } catch (error) {
      const ofTheCall = !(error instanceof Problem) || error.status >= 500 || [401, 429].includes(error.status);
      if (ofTheCall || error.code === "superseded") throw error;
      for (const { n } of operations) this.refused(n, error.code, error.retry);
    }
  }

  failedOverRest(error, wasIn) {
    this.hear("restFailed", { error, wasIn });
    if (this.stopped) return;
    if (!(error instanceof Problem)) {
      this.socketFailures = SOCKETS_BEFORE_REST - 1; // one socket, then REST again
      this.comeBack(0);
    } else if (error.code === "superseded" && wasIn) this.connect();
    else if (error.code === "superseded" || error.code === "connection_exists" || error.status === 401)
      this.finish(error.code);
    else this.comeBack(error.retryAfterMs ?? 0);
  }

  sleepUntil(instant) {
    return new Promise((resolve) => {
      const wake = () => {
        this.wakeRest = undefined;
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, instant - now()));
      this.wakeRest = wake;
    });
  }

  // Timers: one of each name

  after(name, ms, act) {
    this.cancel(name);
    const run = () => {
      this.timers.delete(name);
      act();
    };
    this.timers.set(name, setTimeout(run, ms));
  }

  cancel(name) {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

/** The next call's operations: a run of answers, or one of another kind. */
function batch(queue) {
  const ready = queue.toSend();
  const others = ready.findIndex((one) => one.kind !== "answer");
  const size = others === 0 ? 1 : others < 0 ? ready.length : others;
  for (const operation of ready.slice(size)) operation.sent = false;
  return ready.slice(0, size);
}
