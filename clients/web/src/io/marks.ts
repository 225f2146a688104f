/** The calls about marks, for staff: what waits for a person, statistics, and marking again. */

import type {
  AttemptAnalytics,
  ClaimBody,
  ClaimReply,
  LeaderboardReply,
  MarkBody,
  MarkingQueue,
  RegradeBody,
  RegradeProgress,
  RegradeReply,
  ReleaseBody,
  ReleaseReply,
  Result,
  TestAnalytics,
  SkillsOfPerson,
  StandReply,
  TestResults,
  TestStatistics,
  UnclaimBody,
  UnclaimReply,
} from "../generated/rest";
import { AttemptRest } from "./attempt";
import type { Rest, Saved } from "./rest";

const PAGE = 50;

export class MarksRest {
  private readonly test: string;

  constructor(
    private readonly rest: Rest,
    readonly test_id: string,
  ) {
    this.test = `/tests/${encodeURIComponent(test_id)}`;
  }

  /** A page of the answers that a claim like this one could give. */
  queue(wanted: ClaimBody): Promise<MarkingQueue> {
    const query = new URLSearchParams({ ...(wanted as Record<string, string>), limit: String(PAGE) });
    return this.rest.request("GET", `${this.test}/marking-queue?${query.toString()}`, "MarkingQueue");
  }

  /** The same answer again stays in the caller's hands for longer. */
  claim(body: ClaimBody): Promise<ClaimReply> {
    return this.rest.request("POST", `${this.test}/marking-queue/claim`, "ClaimReply", body);
  }

  release(body: UnclaimBody): Promise<UnclaimReply> {
    return this.rest.request("POST", `${this.test}/marking-queue/release`, "UnclaimReply", body);
  }

  file(attempt_id: string, hash: string): Promise<Saved> {
    return this.rest.file(attempt_id, hash);
  }

  mark(attempt_id: string, question_id: string, body: MarkBody): Promise<Result> {
    return new AttemptRest(this.rest, attempt_id).mark(question_id, body);
  }

  /** What candidates have, from the one behind `after` on. */
  results(after: string | null): Promise<TestResults> {
    const query = after === null ? "" : `&${new URLSearchParams({ after }).toString()}`;
    return this.rest.request("GET", `${this.test}/results?limit=${PAGE}${query}`, "TestResults");
  }

  leaderboard(limit: number): Promise<LeaderboardReply> {
    return this.rest.request("GET", `${this.test}/leaderboard?limit=${limit}`, "LeaderboardReply");
  }

  takeOff(attempt_id: string): Promise<StandReply> {
    return this.rest.board(attempt_id).stand({ stands: false });
  }

  /** Shows the results to candidates, or holds them back again. */
  releaseResults(body: ReleaseBody): Promise<ReleaseReply> {
    return this.rest.request("POST", `${this.test}/release`, "ReleaseReply", body);
  }

  /** What candidates have, as a file: `csv`, `xlsx`, or as Canvas and Moodle take it. */
  gradebook(kind: "csv" | "xlsx" | "canvas" | "moodle"): Promise<Saved> {
    const what = kind === "csv" || kind === "xlsx" ? kind : `csv?layout=${kind}`;
    return this.rest.saved(`${this.test}/gradebook.${what}`, "gradebook.csv");
  }

  /** How the test, or one attempt at it, is sat, as a PDF. */
  report(attempt_id: string | null, language: string): Promise<Saved> {
    const of = attempt_id === null ? this.test : `/test-attempts/${encodeURIComponent(attempt_id)}`;
    return this.rest.saved(`${of}/report.pdf?language=${language}`, "report.pdf");
  }

  /** How the test is sat. */
  analytics(): Promise<TestAnalytics> {
    return this.rest.request("GET", `${this.test}/analytics`, "TestAnalytics");
  }

  /** What one candidate did. */
  course(attempt_id: string): Promise<AttemptAnalytics> {
    return this.rest.request("GET", `/test-attempts/${encodeURIComponent(attempt_id)}/analytics`, "AttemptAnalytics");
  }

  /** What a person can do, from all her tests. */
  skills(user_id: string): Promise<SkillsOfPerson> {
    return this.rest.request("GET", `/users/${encodeURIComponent(user_id)}/skills`, "SkillsOfPerson");
  }

  /** `query` begins with its question mark, or is empty. */
  statistics(query: string): Promise<TestStatistics> {
    return this.rest.request("GET", `${this.test}/statistics${query}`, "TestStatistics");
  }

  statisticsTable(query: string): Promise<string> {
    return this.rest.table(`${this.test}/statistics.csv${query}`);
  }

  regrade(body: RegradeBody): Promise<RegradeReply> {
    return this.rest.request("POST", `${this.test}/regrades`, "RegradeReply", body);
  }

  progress(regrade_id: string): Promise<RegradeProgress> {
    return this.rest.request("GET", `${this.test}/regrades/${encodeURIComponent(regrade_id)}`, "RegradeProgress");
  }

  /** The newest version of the test; null: she may not see it. */
  async newestVersion(): Promise<number | null> {
    const { tests } = await this.rest.tests();
    return tests.find(({ test_id }) => test_id === this.test_id)?.version ?? null;
  }
}
