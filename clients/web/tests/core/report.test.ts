import { describe, expect, it } from "vitest";
import { binName, candidateRows, formatSpan, inOrder, longest, paceOf, questionRows, shareOf } from "../../src/core/report";
import type { CandidateCourse, QuestionTimes } from "../../src/generated/rest";

function candidate(user_id: string, more: Partial<CandidateCourse> = {}): CandidateCourse {
  return {
    attempt_id: user_id,
    user_id,
    name: "",
    attempt_number: 1,
    status: "completed",
    started_ms: 0,
    ended_ms: 1,
    ran_ms: 0,
    questions: 1,
    answered: 1,
    changes: 0,
    idle_ms: 0,
    idle_spans: 0,
    stuck: [],
    losses: 0,
    away_ms: 0,
    rapid: 0,
    effort_ppm: null,
    pace_ppm: null,
    left_ms: null,
    score_mpt: null,
    max_mpt: null,
    ...more,
  };
}

describe("the report", () => {
  it("tells spans in minutes and seconds", () => {
    expect([0, 499, 500, 65_000, 3_599_500, 3_723_000].map(formatSpan)).toEqual(["0:00", "0:00", "0:01", "1:05", "1:00:00", "1:02:03"]);
  });

  it("names the bins of the scores", () => {
    const bins = [
      { from_permille: 0, attempts: 1 },
      { from_permille: 950, attempts: 2 },
    ];
    expect([binName(bins, 0), binName(bins, 1)]).toEqual(["0–95 %", "95–100 %"]);
  });

  it("has no share where there are no marks", () => {
    expect([shareOf({ score_mpt: 500, max_mpt: 1000 }), shareOf({ score_mpt: null, max_mpt: null }), shareOf({ score_mpt: 0, max_mpt: 0 })]).toEqual([0.5, null, null]);
  });

  it("says by how much somebody is slower or faster", () => {
    expect([1_000_000, 1_200_000, 950_000, 1_004_000].map(paceOf)).toEqual([
      ["same", 0],
      ["slower", 20],
      ["faster", 5],
      ["same", 0],
    ]);
  });

  it("puts candidates in order, and those of whom nothing is known last", () => {
    const rows = [
      candidate("c10", { score_mpt: 2, max_mpt: 4, ran_ms: 5, away_ms: 1, effort_ppm: 900_000, pace_ppm: 2 }),
      candidate("c9", { ran_ms: 5 }),
      candidate("c2", { score_mpt: 4, max_mpt: 4, ran_ms: 9, effort_ppm: 100_000, pace_ppm: 1 }),
    ];
    const names = (order: Parameters<typeof inOrder>[1]): string[] => inOrder(rows, order).map(({ user_id }) => user_id);
    expect(names("name")).toEqual(["c2", "c9", "c10"]);
    expect(names("score")).toEqual(["c2", "c10", "c9"]);
    expect(names("time")).toEqual(["c2", "c9", "c10"]);
    expect(names("pace")).toEqual(["c10", "c2", "c9"]);
    expect(names("effort")).toEqual(["c2", "c10", "c9"]);
    expect(names("away")).toEqual(["c10", "c2", "c9"]);
  });

  it("writes tables whose columns name their units", () => {
    const [head, row] = candidateRows([candidate("ada", { ran_ms: 1_500, pace_ppm: 1_200_000, score_mpt: 500, max_mpt: 1_000 })]);
    const by_name = Object.fromEntries((head ?? []).map((name, n) => [name, row?.[n]]));
    expect(by_name).toMatchObject({ user_id: "ada", time_s: "1.5", pace: "1.2", effort: "", points: "0.5", of: "1", started: "1970-01-01T00:00:00.000Z" });
    const [names, question] = questionRows([{ question_id: "q", median_ms: 2_000, struggling: true } as QuestionTimes]);
    expect(question?.[names?.indexOf("median_s") ?? -1]).toBe("2");
    expect(question?.at(-1)).toBe("yes");
  });

  it("leaves room for the longest time", () => {
    expect(longest([])).toBe(6_000);
    expect(longest([{ upper_ms: 70_000 } as QuestionTimes, { upper_ms: null } as QuestionTimes])).toBe(70_000);
  });
});
