/** The REST interface: one call, three outcomes: an answer, a refusal by name, or nobody there. */

import type {
  AnswersBody,
  AttemptMade,
  CompleteBody,
  EssayList,
  FlagBody,
  HeartbeatBody,
  HeartbeatReply,
  MarkBody,
  NewAttempt,
  OperationsReply,
  OwnAttempts,
  Paper,
  Problem,
  ProgressBody,
  ReceiptBody,
  Result,
  ResumeBody,
  ResumeReply,
  StartBody,
  StateReply,
  TestList,
} from "../generated/rest";

const TIMEOUT_MS = 15_000;

/** The server said no, by name. */
export class RestRefused extends Error {
  override readonly name = "RestRefused";

  constructor(readonly problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

/** Nobody answered, or what answered was not our server (a proxy's error page). */
export class RestUnreachable extends Error {
  override readonly name = "RestUnreachable";
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { code, detail, retry } = value as Partial<Record<keyof Problem, unknown>>;
  return typeof code === "string" && typeof detail === "string" && typeof retry === "string";
}

type Method = "GET" | "POST" | "PUT";

export class Rest {
  constructor(
    private readonly token: string,
    private readonly call: typeof fetch = (input, init) => fetch(input, init),
  ) {}

  makeAttempt(body: NewAttempt): Promise<AttemptMade> {
    return this.request("POST", "/test-attempts", body);
  }

  /** The candidate's own attempts at one test. */
  attempts(test_id: string): Promise<OwnAttempts> {
    return this.request("GET", `/test-attempts?test_id=${encodeURIComponent(test_id)}`);
  }

  tests(): Promise<TestList> {
    return this.request("GET", "/tests");
  }

  start(attempt_id: string, body: StartBody): Promise<StateReply> {
    return this.request("POST", this.path(attempt_id, "start"), body);
  }

  paper(attempt_id: string): Promise<Paper> {
    return this.request("GET", this.path(attempt_id, "paper"));
  }

  heartbeat(attempt_id: string, body: HeartbeatBody): Promise<HeartbeatReply> {
    return this.request("POST", this.path(attempt_id, "heartbeat"), body);
  }

  answers(attempt_id: string, body: AnswersBody): Promise<OperationsReply> {
    return this.request("POST", this.path(attempt_id, "answers"), body);
  }

  progress(attempt_id: string, body: ProgressBody): Promise<OperationsReply> {
    return this.request("POST", this.path(attempt_id, "progress"), body);
  }

  flag(attempt_id: string, body: FlagBody): Promise<OperationsReply> {
    return this.request("POST", this.path(attempt_id, "flags"), body);
  }

  receipt(attempt_id: string, body: ReceiptBody): Promise<OperationsReply> {
    return this.request("POST", this.path(attempt_id, "receipts"), body);
  }

  complete(attempt_id: string, body: CompleteBody): Promise<OperationsReply | StateReply> {
    return this.request("POST", this.path(attempt_id, "complete"), body);
  }

  resume(attempt_id: string, body: ResumeBody): Promise<ResumeReply> {
    return this.request("POST", this.path(attempt_id, "resume"), body);
  }

  result(attempt_id: string): Promise<Result> {
    return this.request("GET", this.path(attempt_id, "result"));
  }

  essays(attempt_id: string): Promise<EssayList> {
    return this.request("GET", this.path(attempt_id, "essays"));
  }

  mark(attempt_id: string, question_id: string, body: MarkBody): Promise<Result> {
    return this.request("PUT", this.path(attempt_id, `marks/${encodeURIComponent(question_id)}`), body);
  }

  private path(attempt_id: string, what: string): string {
    return `/test-attempts/${encodeURIComponent(attempt_id)}/${what}`;
  }

  private async request<R>(method: Method, path: string, body?: object): Promise<R> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}`, Accept: "application/json" };
    const init: RequestInit = { method, headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    let response: Response;
    let value: unknown;
    try {
      response = await this.call(path, init);
      value = await response.json();
    } catch (error) {
      throw new RestUnreachable(`${method} ${path}`, { cause: error });
    }
    if (response.ok) return value as R;
    if (isProblem(value)) throw new RestRefused(value);
    throw new RestUnreachable(`${method} ${path}: ${response.status}`);
  }
}
