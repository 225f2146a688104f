/** The calls about one attempt, for staff: its record, marks for its answers, what came after its end, and pictures from its candidate's camera and of her screen. */

import type { CapturedPictureList, EssayList, LateDecisionBody, LateList, LateReply, LogPage, MarkBody, Removed, Result } from "../generated/rest";
import type { Rest } from "./rest";

export class AttemptRest {
  private readonly path: string;

  constructor(
    private readonly rest: Rest,
    attempt_id: string,
  ) {
    this.path = `/test-attempts/${encodeURIComponent(attempt_id)}`;
  }

  /** The records behind `after`, in pages. That they were read stands in the audit log. */
  log(after: number): Promise<LogPage> {
    return this.rest.request("GET", `${this.path}/log?after=${after}`, "LogPage");
  }

  essays(): Promise<EssayList> {
    return this.rest.request("GET", `${this.path}/essays`, "EssayList");
  }

  mark(question_id: string, body: MarkBody): Promise<Result> {
    return this.rest.request("PUT", `${this.path}/marks/${encodeURIComponent(question_id)}`, "Result", body);
  }

  /** What came after the end, each answer beside what was submitted. */
  late(): Promise<LateList> {
    return this.rest.request("GET", `${this.path}/late-answers`, "LateList");
  }

  decideLate(late_id: string, body: LateDecisionBody): Promise<LateReply> {
    return this.rest.request("POST", `${this.path}/late-answers/${encodeURIComponent(late_id)}/decision`, "LateReply", body);
  }

  /** Brings what a page has saved. */
  bringAnswers(file: Blob): Promise<LateReply> {
    return this.rest.upload(`${this.path}/answer-file`, "LateReply", file);
  }

  removeCapturedPictures(source: string): Promise<Removed> {
    return this.rest.request("DELETE", `${this.path}/captured-pictures?source=${source}`, "Removed");
  }

  /** The newest pictures, or those before the interval `before`. That they were seen stands in the audit log. */
  capturedPictures(source: string, before: number | null): Promise<CapturedPictureList> {
    return this.rest.request("GET", `${this.path}/captured-pictures?source=${source}${before === null ? "" : `&before=${before}`}`, "CapturedPictureList");
  }
}
