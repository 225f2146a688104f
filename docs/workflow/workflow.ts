/* The way of an exam through a platform, from the roster to the erasure, over REST alone. The types are generated from
 * the server's own `openapi.json` (`npm run generate`), so that the compiler says where a call does not fit it.
 *
 *   SERVER_URL    where the server is
 *   SERVICE_TOKEN  an API key, or a token of the role `service`
 *   RECEIVER_PORT      where this program listens for webhooks; the server must be allowed to call 127.0.0.1 */

import { createServer } from "node:http";
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import { Webhook } from "standardwebhooks";
import type { components, paths } from "./openapi.js";

type TestContent = components["schemas"]["TestContent"];
type Told = { id: string; type: string; timestamp: string; data: { attempt_id?: string } };

const baseUrl = given("SERVER_URL");
const platform = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${given("SERVICE_TOKEN")}` } });
const test = { test_id: "geometry" };
const ada = { user_id: "ada" };

function given(name: string): string {
  const value = process.env[name];
  assert(value, `set ${name}`);
  return value;
}

/** What a call has answered; its refusal ends this program, with the sentence that the server has for it. */
function done<Data>(answer: { data?: Data; error?: unknown; response: Response }): Data {
  assert(answer.data !== undefined, `${answer.response.status}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

/** Asks again while the server says that it is not so far. */
async function settled<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 600; tries += 1) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The server has not come to it.");
}

/** A receiver: it verifies what it gets, answers at once, and acts once upon each id. */
class Receiver {
  private readonly seen = new Set<string>();
  private readonly waiting = new Map<string, () => void>();
  private webhook: Webhook | undefined;
  private readonly server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      response.writeHead(this.take(Buffer.concat(pieces).toString(), request.headers as Record<string, string>)).end();
    });
  }).listen(Number(given("RECEIVER_PORT")), "127.0.0.1");

  /** The subscription's secret, as the server gave it. */
  expect(secret: string): void {
    this.webhook = new Webhook(secret);
  }

  private take(body: string, headers: Record<string, string>): number {
    let told: Told;
    try {
      assert(this.webhook);
      told = this.webhook.verify(body, headers) as Told;
    } catch {
      return 401;
    }
    this.seen.add(told.type);
    this.waiting.get(told.type)?.();
    return 204;
  }

  async told(topic: string): Promise<void> {
    if (!this.seen.has(topic)) await new Promise<void>((resolve) => this.waiting.set(topic, resolve));
    this.seen.delete(topic);
  }

  close(): void {
    this.server.close();
  }
}

const exam = (circlesAreRound: boolean): TestContent => ({
  title: "Geometry",
  rules: { duration_ms: 1_800_000, grace_ms: 2_000 },
  questions: [
    {
      question_id: "q1",
      body: "A circle is round.",
      interactions: [{ type: "true_false", correct: circlesAreRound }],
    },
    {
      question_id: "q2",
      body: "How many sides has a square?",
      interactions: [{ type: "numeric", accepted: [{ value: "4" }] }],
    },
  ],
});

const receiver = new Receiver();

// The test, once: whoever was faster is not overwritten.
const first = await platform.PUT("/tests/{test_id}", {
  params: { path: test, header: { "If-None-Match": "*" } },
  body: exam(true),
});
assert.equal(done(first).version, 1);
const tag = first.response.headers.get("etag");
assert(tag);

// The roster, looked at and then imported.
const csv = "id,name,email,group\nada,Ada Lovelace,ada@example.org,room-1\nbob,Bob,,room-1\n";
const looked = done(await platform.POST("/rosters", { body: { ...test, csv, dry_run: true } }));
assert.deepEqual(looked.mistakes, []);
assert.equal(done(await platform.POST("/rosters", { body: { ...test, csv } })).made, 2);

// An accommodation: a quarter more time.
done(
  await platform.PUT("/tests/{test_id}/overrides/users/{user_id}", {
    params: { path: { ...test, ...ada } },
    body: { override: { extra_time_permille: 250 }, reason: "Certificate of 12 March" },
  }),
);

// To be told.
const { subscription, secret } = done(
  await platform.POST("/subscriptions", {
    params: { header: { "Idempotency-Key": "hook-1" } },
    body: { kind: "webhook", target: `http://127.0.0.1:${given("RECEIVER_PORT")}/hooks`, topics: ["attempt.*"] },
  }),
);
assert(secret);
receiver.expect(secret);

// An attempt, booked twice under one key: it is made once.
const booking = { params: { header: { "Idempotency-Key": "booking-4711" } }, body: { ...test, ...ada } };
const attempt = done(await platform.POST("/test-attempts", booking));
assert.equal(done(await platform.POST("/test-attempts", booking)).attempt_id, attempt.attempt_id);
const of = { params: { path: { attempt_id: attempt.attempt_id } } };

// The candidate sits it.
const candidate = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${attempt.token}` } });
const { connection_id, question_total } = done(
  await candidate.POST("/test-attempts/{attempt_id}/resume", { ...of, body: { device: "laptop", connect_n: 1 } }),
);
assert.equal(question_total, 2);
done(await candidate.POST("/test-attempts/{attempt_id}/start", { ...of, body: { connection_id } }));
await receiver.told("attempt.started");
const paper = done(await candidate.GET("/test-attempts/{attempt_id}/paper", of));
assert.equal(paper.questions.length, 2);
const answers = [
  { n: 1, question_id: "q1", value: "true", client_at_ms: 0 },
  { n: 2, question_id: "q2", value: "4", client_at_ms: 0 },
];
const saved = done(
  await candidate.POST("/test-attempts/{attempt_id}/answers", { ...of, body: { connection_id, answers } }),
);
assert.deepEqual([saved.acked, saved.refused], [[1, 2], []]);
done(
  await candidate.PUT("/test-attempts/{attempt_id}/progress", {
    ...of,
    body: { connection_id, n: 3, question_index: 1, client_at_ms: 0 },
  }),
);
done(await candidate.PUT("/test-attempts/{attempt_id}/heartbeat", { ...of, body: { connection_id, t0_ms: 1 } }));

// Meanwhile the platform looks: at the room, and at how she gets on.
const { state } = done(await platform.GET("/test-attempts/{attempt_id}/status", of));
assert.equal(state.status, "in_progress");
const live = done(await platform.GET("/test-attempts/{attempt_id}/analytics", of));
assert.deepEqual([live.answered, live.ended, live.among?.attempts], [2, false, 1]);
const rows = done(await platform.GET("/tests/{test_id}/attempts", { params: { path: test } }));
assert.deepEqual(
  rows.attempts.map((row) => [row.user_id, row.status]),
  [["ada", "in_progress"]],
);

// She hands in, and the platform is told of it, and of the marks.
done(await candidate.POST("/test-attempts/{attempt_id}/complete", { ...of, body: { connection_id } }));
await receiver.told("attempt.submitted");
await receiver.told("attempt.completed");
const result = done(await platform.GET("/test-attempts/{attempt_id}/result", of));
assert.deepEqual([result.complete, result.score_mpt, result.max_mpt], [true, 2_000, 2_000]);

// A key was wrong: the corrected test marks what was sat.
const second = await platform.PUT("/tests/{test_id}", {
  params: { path: test, header: { "If-Match": tag } },
  body: exam(false),
});
assert.equal(done(second).version, 2);
const { regrade_id } = done(
  await platform.POST("/tests/{test_id}/regrades", {
    params: { path: test, header: { "Idempotency-Key": "regrade-1" } },
    body: { key_version: 2, reason: "The key of the first question was wrong" },
  }),
);
assert(regrade_id);
const regrade = await settled(async () => {
  const path = { ...test, regrade_id };
  const at = done(await platform.GET("/tests/{test_id}/regrades/{regrade_id}", { params: { path } }));
  return at.status === "done" ? at : undefined;
});
assert.deepEqual([regrade.done, regrade.refused], [1, 0]);
await receiver.told("attempt.regraded");
await settled(async () => {
  const again = await platform.GET("/test-attempts/{attempt_id}/result", of);
  return again.data?.score_mpt === 1_000 ? again.data : undefined;
});

// The report, and the gradebook out.
const figures = await settled(async () => {
  const report = await platform.GET("/tests/{test_id}/analytics", { params: { path: test } });
  return report.error?.code === "not_ready" ? undefined : done(report);
});
assert.equal(figures.candidates.length, 1);
const items = done(await platform.GET("/tests/{test_id}/statistics", { params: { path: test } }));
assert.equal(items.questions.length, 2);
const gradebook = done(
  await platform.GET("/tests/{test_id}/gradebook.csv", { params: { path: test }, parseAs: "text" }),
);
assert.match(gradebook, /ada/);

// Away with it.
done(await platform.DELETE("/users/{user_id}", { params: { path: ada } }));
const erased = await platform.GET("/test-attempts/{attempt_id}/result", of);
assert.equal(erased.error?.code, "erased");
const path = { subscription_id: subscription.subscription_id };
assert.equal(done(await platform.DELETE("/subscriptions/{subscription_id}", { params: { path } })).removed, true);
receiver.close();
console.log("The whole way is gone.");
