import "../../src/core/staff-shape";
import { describe, expect, it } from "vitest";
import { MARKING_LEASE_MS } from "../../src/generated/limits";
import type { AnswerToMark } from "../../src/generated/rest";
import { MarksRest } from "../../src/io/marks";
import { Rest } from "../../src/io/rest";
import { Marking } from "../../src/monitor/marks/marking.svelte";
import { marking as M } from "../../src/monitor/words.svelte";
import { answerToMark, judged, RUBRIC } from "../made";

type Sent = Record<string, unknown>;

/** A marker's page, and a server that gives her `given` one after the other and answers a mark with `fate`. */
class World {
  at = 0;
  readonly marks: Sent[] = [];
  readonly claims: Sent[] = [];
  readonly marking: Marking;

  constructor(
    private readonly given: (AnswerToMark | null)[],
    public fate: () => Response = () => refused("claimed", "Somebody else has it."),
  ) {
    const rest = new Rest("secret", (path, init) => Promise.resolve(this.reply(String(path), init ?? {})));
    this.marking = new Marking(new MarksRest(rest, "exam"), () => this.at);
  }

  private reply(path: string, { body }: RequestInit): Response {
    const sent = typeof body === "string" ? (JSON.parse(body) as Sent) : {};
    if (path.endsWith("/claim")) {
      this.claims.push(sent);
      return json({ task: this.given.shift() ?? null, waiting: 1 });
    }
    if (path.includes("/marks/")) {
      this.marks.push(sent);
      return this.fate();
    }
    return json({ test_id: "exam", by: "question", blind: false, waiting: 1, questions: [], answers: [], next: null });
  }
}

const json = (value: unknown, status = 200): Response => new Response(JSON.stringify(value), { status });
const refused = (code: string, detail: string): Response => json({ type: "", title: "", status: 409, detail, code, retry: "later" }, 409);

async function holding(...given: (AnswerToMark | null)[]): Promise<World> {
  const world = new World(given);
  await world.marking.begin();
  return world;
}

describe("a mark that is refused", () => {
  it("says why, and loses nothing that was typed", async () => {
    const world = await holding(answerToMark());
    world.marking.draft = { points: "4", remark: "Good", levels: {} };
    await world.marking.save();
    expect(world.marking.trouble).toBe("Somebody else has it.");
    expect(world.marking.task).not.toBeNull();
    expect(world.marking.draft).toEqual({ points: "4", remark: "Good", levels: {} });
  });

  it("is not sent where the points are none", async () => {
    const world = await holding(answerToMark());
    world.marking.draft.points = "5.5";
    await world.marking.save();
    expect(world.marks).toEqual([]);
    expect(world.marking.trouble).toBe(M.task.bad({ range: "0 to 5" }));
  });
});

it("is the same command after a lost reply, and another one for another mark", async () => {
  const world = await holding(answerToMark());
  world.fate = () => new Response("<html>", { status: 502 });
  world.marking.draft.points = "4";
  await world.marking.save();
  await world.marking.save();
  world.marking.draft.points = "3";
  await world.marking.save();
  const [first, again, other] = world.marks.map(({ command_id }) => command_id);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

describe("whoever still types", () => {
  it("keeps the answer, and asks for it no more often than is needed", async () => {
    const world = await holding(answerToMark(), answerToMark());
    world.at = MARKING_LEASE_MS / 3 - 1;
    await world.marking.typed();
    expect(world.claims).toHaveLength(1);
    world.at += 1;
    await world.marking.typed();
    await world.marking.typed();
    expect(world.claims.slice(1)).toEqual([{ by: "question", attempt_id: "a", question_id: "q" }]);
    expect(world.marking.trouble).toBe("");
  });

  it("is told where it is hers no more, or was changed meanwhile, and what she typed stays", async () => {
    const world = await holding(answerToMark(), null, answerToMark({ parts: [judged("Another answer")] }));
    world.marking.draft.points = "4";
    world.at = MARKING_LEASE_MS;
    await world.marking.typed();
    expect(world.marking.trouble).toBe(M.task.lost);
    world.at *= 2;
    await world.marking.typed();
    expect(world.marking.trouble).toBe(M.task.changed);
    expect(world.marking.task?.parts[0]?.value).toBe("Another answer");
    expect(world.marking.draft.points).toBe("4");
  });

  it("gives the sum of the levels that were chosen, and nothing before each criterion has one", async () => {
    const world = await holding(answerToMark({ rubric: RUBRIC }));
    world.marking.draft = { points: "4", remark: "", levels: { Argument: 3_000 } };
    await world.marking.save();
    expect(world.marks).toEqual([]);
    expect(world.marking.trouble).toBe(M.rubric.open);
    world.marking.draft = { points: "", remark: "", levels: { Argument: 3_000, constructor: 0 } };
    await world.marking.save();
    expect(world.marks).toMatchObject([
      {
        score_mpt: 3_000,
        criteria: [
          { name: "Argument", score_mpt: 3_000 },
          { name: "constructor", score_mpt: 0 },
        ],
      },
    ]);
  });
});
