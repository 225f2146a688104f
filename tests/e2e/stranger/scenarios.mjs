// What the stranger does in each test: a plan goes in, what was seen comes out. The test judges it.

import { createRequire } from "node:module";
import { Candidate } from "./candidate.mjs";
import { readLog, verifyLog } from "./log.mjs";
import { call } from "./rest.mjs";
import { seeded, sit } from "./sittings.mjs";

const { encode } = createRequire(new URL("../../../clients/web/package.json", import.meta.url))("@msgpack/msgpack");

/** A candidate whose news can be waited for: `news` has each as [name, content]. */
function observed(seat, options = {}) {
  const waiting = new Set();
  const news = [];
  const hear = (name, content) => {
    news.push([name, content]);
    for (const look of waiting) look();
  };
  const candidate = new Candidate(seat, { random: seeded(1), ...options, hear });
  /** The content of the first news called `name`, from the `from`th on, that `fits`. */
  const heard = (name, fits = () => true, from = 0) =>
    new Promise((resolve) => {
      const look = () => {
        const found = news.slice(from).find(([one, content]) => one === name && fits(content));
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found[1]);
      };
      waiting.add(look);
      look();
    });
  const outcome = async (operation) => (await heard("done", (content) => content.operation === operation)).outcome;
  return { candidate, news, heard, outcome };
}

async function logOf(plan, seat) {
  const log = verifyLog(seat.attempt_id, await readLog(plan.url, plan.service_token, seat.attempt_id));
  return { attempt_id: seat.attempt_id, ...log };
}

/** What the verifier says of a log with one bit turned in a header, a body or a digest, of one without its second record,
 * and of another's. */
export async function tampered(plan) {
  const [seat] = plan.seats;
  const { candidate, outcome } = observed(seat);
  candidate.connect();
  await outcome(candidate.add("start", { access_code: null }));
  await outcome(candidate.add("answer", { question_id: "q1", value: "mine", position: null }));
  candidate.stop();
  const { key, entries } = await readLog(plan.url, plan.service_token, seat.attempt_id);
  const turned = [["header", "base64"], ["body", "base64"], ["digest", "hex"]].map(([field, coding]) => {
    const bytes = Buffer.from(entries[2][field], coding);
    bytes[bytes.length - 1] ^= 1;
    const changed = entries.with(2, { ...entries[2], [field]: bytes.toString(coding) });
    return faultOf(seat.attempt_id, { key, entries: changed });
  });
  return {
    whole: faultOf(seat.attempt_id, { key, entries }),
    turned,
    removed: faultOf(seat.attempt_id, { key, entries: entries.toSpliced(1, 1) }),
    foreign: faultOf("0197f3a2-6c1e-7d30-9b55-0c2f6a1d8e47", { key, entries }),
  };
}

function faultOf(attemptId, log) {
  try {
    verifyLog(attemptId, log);
    return null;
  } catch (fault) {
    return fault.message;
  }
}

/** A room whose links are cut and whose server dies. Prints `MILESTONE k` when so many operations are answered. */
export async function room(plan) {
  const milestones = [...plan.milestones];
  let count = 0;
  let passed = 0;
  const acknowledged = () => {
    count += 1;
    while (milestones.length > 0 && count >= milestones[0]) {
      milestones.shift();
      console.log(`MILESTONE ${++passed}`);
    }
  };
  const sittings = await Promise.all(plan.seats.map((seat, number) => sit(seat, plan, number, acknowledged)));
  console.log("ALL HANDED IN");
  const logs = [];
  for (const { seat } of sittings) logs.push(await logOf(plan, seat));
  return { sittings, logs };
}

/** Operations that the server refuses, one after the other, and an answer behind them. */
export async function refusals(plan) {
  const [seat] = plan.seats;
  const { candidate, outcome, news } = observed(seat);
  candidate.connect();
  await outcome(candidate.add("start", { access_code: null }));
  const wrong = [];
  for (let count = 0; count < plan.operations; count++)
    wrong.push(candidate.add("answer", { question_id: "no such question", value: `${count}`, position: null }));
  const answer = candidate.add("answer", { question_id: "q1", value: "after all", position: 0 });
  const submission = candidate.add("submit");
  const outcomes = { answer: await outcome(answer), submission: await outcome(submission), wrong: {} };
  for (const one of wrong) {
    const code = await outcome(one);
    outcomes.wrong[code] = (outcomes.wrong[code] ?? 0) + 1;
  }
  candidate.stop();
  return { outcomes, welcomes: candidate.welcomes, lost: count(news, "lost"), log: await logOf(plan, seat) };
}

/** Answers that were made offline go out together; then all of them again, as if no ack had ever come. */
export async function kept(plan) {
  const [seat] = plan.seats;
  const first = observed(seat);
  first.candidate.add("start", { access_code: null });
  const values = Array.from({ length: plan.operations }, (_, place) => `kept ${place}`);
  const answers = values.map((value, place) =>
    first.candidate.add("answer", { question_id: `q${1 + (place % plan.questions)}`, value, position: null }),
  );
  first.candidate.connect();
  for (const answer of answers) await first.outcome(answer);
  const before = await logOf(plan, seat);
  first.candidate.stop();
  await first.heard("lost");

  const { device, connects } = first.candidate;
  const again = observed(seat, { device, connects, takeover: false });
  again.candidate.add("start", { access_code: null });
  const repeated = values.map((value, place) =>
    again.candidate.add("answer", { question_id: `q${1 + (place % plan.questions)}`, value, position: null }),
  );
  for (const [place, operation] of again.candidate.queue.kept.entries()) operation.n = place + 1;
  again.candidate.connect();
  const outcomes = [];
  for (const answer of repeated) outcomes.push(await again.outcome(answer));
  const lost = count(first.news, "lost") + count(again.news, "lost");
  again.candidate.stop();
  const numbers = [answers.map(({ n }) => n), repeated.map(({ n }) => n)];
  return { values, numbers, outcomes, lost, before, log: await logOf(plan, seat) };
}

/** Answers that are made in a pause are refused for now, and saved when the clock runs again. */
export async function paused(plan) {
  const [seat] = plan.seats;
  const { candidate, outcome, heard } = observed(seat);
  const command = (what) =>
    call(plan.url, plan.service_token, "POST", `/test-attempts/${seat.attempt_id}/${what}`, { reason: "fire alarm" });
  candidate.connect();
  await outcome(candidate.add("start", { access_code: null }));
  await command("pause");
  await heard("state", ({ state }) => state.status === "paused");
  const values = Array.from({ length: plan.operations }, (_, place) => `in the pause ${place}`);
  const answers = values.map((value, place) =>
    candidate.add("answer", { question_id: `q${1 + (place % plan.questions)}`, value, position: null }),
  );
  await heard("refused", ({ code, retry }) => code === "paused" && retry === "later");
  await command("resume");
  const outcomes = [];
  for (const answer of answers) outcomes.push(await outcome(answer));
  candidate.stop();
  const { acked, refusals, renumbered } = candidate.queue;
  const numbers = acked.map(({ n }) => n);
  return { values, outcomes, refusals, renumbered, numbers, log: await logOf(plan, seat) };
}

/** An exam whose sections are sat one after the other: an answer to a closed one is refused, and all else is saved. */
export async function sections(plan) {
  const [seat] = plan.seats;
  const { candidate, outcome, heard } = observed(seat);
  const answer = (question_id, value) => candidate.add("answer", { question_id, value, position: null });
  candidate.connect();
  const asked = [
    candidate.add("start", { access_code: null }),
    answer("q1", "in the first"),
    candidate.add("enter", { section_id: "s2" }),
    answer("q2", "too late"),
    answer("q3", "in the second"),
    candidate.add("enter", { section_id: "s1" }),
    candidate.add("enter", { section_id: "s3" }),
    answer("q5", "in the third"),
    candidate.add("submit"),
  ];
  const outcomes = [];
  for (const operation of asked) outcomes.push(await outcome(operation));
  await heard("state", ({ state }) => state.status !== "in_progress");
  candidate.stop();
  return { outcomes, log: await logOf(plan, seat) };
}

/** A second device: by itself, then by a person's act; and the first one again, by itself and by a person's act. */
export async function devices(plan) {
  const [seat] = plan.seats;
  const laptop = observed(seat);
  laptop.candidate.connect();
  await laptop.outcome(laptop.candidate.add("start", { access_code: null }));
  const phone = observed(seat, { takeover: false });
  phone.candidate.connect();
  const uninvited = (await phone.heard("final")).reason;
  const undisturbed = await laptop.outcome(
    laptop.candidate.add("answer", { question_id: "q1", value: "laptop, undisturbed", position: null }),
  );
  phone.candidate.connect(true);
  await phone.heard("welcome");
  const replaced = (await laptop.heard("final")).reason;
  const fromPhone = await phone.outcome(
    phone.candidate.add("answer", { question_id: "q1", value: "phone", position: null }),
  );
  const mark = laptop.news.length;
  const offline = laptop.candidate.add("answer", { question_id: "q2", value: "laptop, kept", position: null });
  laptop.candidate.connect(false);
  const byItself = (await laptop.heard("final", undefined, mark)).reason;
  laptop.candidate.connect(true);
  const back = await laptop.heard("welcome", undefined, mark);
  const phoneReplaced = (await phone.heard("final", ({ reason }) => reason === 4503)).reason;
  const keptOnes = await laptop.outcome(offline);
  const later = await laptop.outcome(
    laptop.candidate.add("answer", { question_id: "q2", value: "laptop, in again", position: null }),
  );
  laptop.candidate.stop();
  return {
    uninvited, undisturbed, replaced, fromPhone, byItself, phoneReplaced, keptOnes, later,
    answersOnReturn: back.answers, log: await logOf(plan, seat),
  };
}

/** A `hello` that was sent before another one of the same device arrives after it. */
export async function lateHello(plan) {
  const [seat] = plan.seats;
  const page = observed(seat);
  const { Socket } = await import("./websocket.mjs");
  const connectN = ++page.candidate.connects;
  const late = {};
  const closed = new Promise((resolve) => (late.close = resolve));
  const opened = new Promise((resolve) => (late.open = resolve));
  const heardLate = [];
  const socket = new Socket(`${seat.url}/ws/attempts/${seat.attempt_id}`, {
    open: late.open,
    message: (bytes) => heardLate.push(bytes.toString("base64")),
    close: late.close,
  });
  await opened;
  page.candidate.connect();
  await page.outcome(page.candidate.add("start", { access_code: null }));
  socket.send(encode({ ...page.candidate.hello(connectN), takeover: true }));
  const code = await closed;
  const goesOn = await page.outcome(
    page.candidate.add("answer", { question_id: "q1", value: "still here", position: null }),
  );
  const { welcomes, final } = page.candidate;
  const lost = count(page.news, "lost");
  page.candidate.stop();
  return { code, goesOn, welcomes, final, lost, log: await logOf(plan, seat) };
}

function count(news, name) {
  return news.filter(([one]) => one === name).length;
}
