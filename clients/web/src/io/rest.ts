/** The REST interface: one call, three outcomes: an answer, a refusal by name, or nobody there. */

import type {
  AdmissionReply,
  AnswerFileKey,
  AnswersBody,
  AttemptAnalytics,
  AttemptMade,
  AuditPage,
  BulkList,
  BulkReply,
  BulkTargets,
  CapturedPictureList,
  ClaimReply,
  CompleteBody,
  DeliveryList,
  EnrolmentList,
  EnrolmentReply,
  EssayList,
  ExpectedList,
  FileHandedIn,
  FileList,
  GroupList,
  GroupReply,
  HeartbeatBody,
  HeartbeatReply,
  ImportReply,
  IncidentPage,
  LateBody,
  LateList,
  LateReply,
  LeftOutList,
  LintReply,
  LogPage,
  MarkingQueue,
  MemberList,
  MemberReply,
  NewAttempt,
  OperationsReply,
  OverrideList,
  OverrideReply,
  OwnAttempts,
  Paper,
  PapersReply,
  Preview,
  Problem,
  RegradeProgress,
  RegradeReply,
  ReleaseReply,
  Removed,
  Replayed,
  Result,
  ResumeBody,
  ResumeReply,
  RoomGroups,
  RoomList,
  RosterReply,
  ScheduleWarnings,
  SeenAlerts,
  SeenAlertsList,
  LeaderboardReply,
  RetentionPreview,
  RetentionReply,
  ServerState,
  StandBody,
  StandReply,
  SignInBegun,
  SignInOffer,
  SignInReply,
  SignOutReply,
  StartBody,
  StateReply,
  SubscriptionList,
  TestAnalytics,
  TestKey,
  TestList,
  TestResults,
  Confirmation,
  SkillsOfPerson,
  TestStatistics,
  TokenReply,
  UnclaimReply,
} from "../generated/rest";
import type { PlainOperation } from "../core/operation";
import { OPERATIONS } from "../generated/operations";
import { hasShape } from "../core/shape";
import { browserProof, PAGE_HEADER } from "./safe-browser";
import { device as browser, type Device } from "./device";
import { withTimeout } from "./timeout";

export const TIMEOUT_MS = 15_000;
/** For a file of ten megabytes at half a megabit a second. */
const FILE_TIMEOUT_MS = 180_000;
const DEVICE_HEADER = "Pencilsdown-Device";

/** The server said no, by name. */
export class RestRefused extends Error {
  override readonly name = "RestRefused";

  /** `after_ms`: when the server wants to be asked again, where it says so. */
  constructor(
    readonly problem: Problem,
    readonly after_ms: number | null = null,
  ) {
    super(`${problem.code}: ${problem.detail}`);
  }
}

/** Looks at the leaderboard of a test, and stands on it or no longer. */
export interface BoardOfAttempt {
  readonly look: (test_id: string) => Promise<LeaderboardReply>;
  readonly stand: (body: StandBody) => Promise<StandReply>;
}

/** `Retry-After`, which this server gives in seconds. */
function afterMs(response: Response): number | null {
  const text = response.headers.get("Retry-After");
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}

/** Nobody answered, or what answered was not our server (a proxy's error page, a captive portal). */
export class RestUnreachable extends Error {
  override readonly name = "RestUnreachable";
}

interface Replies {
  AdmissionReply: AdmissionReply;
  AnswerFileKey: AnswerFileKey;
  AttemptAnalytics: AttemptAnalytics;
  AttemptMade: AttemptMade;
  AuditPage: AuditPage;
  BulkList: BulkList;
  BulkReply: BulkReply;
  BulkTargets: BulkTargets;
  CapturedPictureList: CapturedPictureList;
  ClaimReply: ClaimReply;
  DeliveryList: DeliveryList;
  EnrolmentList: EnrolmentList;
  EnrolmentReply: EnrolmentReply;
  EssayList: EssayList;
  ExpectedList: ExpectedList;
  FileHandedIn: FileHandedIn;
  FileList: FileList;
  GroupList: GroupList;
  GroupReply: GroupReply;
  HeartbeatReply: HeartbeatReply;
  ImportReply: ImportReply;
  IncidentPage: IncidentPage;
  LateList: LateList;
  LateReply: LateReply;
  LeftOutList: LeftOutList;
  LintReply: LintReply;
  LogPage: LogPage;
  MarkingQueue: MarkingQueue;
  MemberList: MemberList;
  MemberReply: MemberReply;
  OperationsReply: OperationsReply;
  OverrideList: OverrideList;
  OverrideReply: OverrideReply;
  OwnAttempts: OwnAttempts;
  Paper: Paper;
  PapersReply: PapersReply;
  Preview: Preview;
  RegradeProgress: RegradeProgress;
  RegradeReply: RegradeReply;
  ReleaseReply: ReleaseReply;
  Removed: Removed;
  Replayed: Replayed;
  Result: Result;
  ResumeReply: ResumeReply;
  RoomGroups: RoomGroups;
  RoomList: RoomList;
  RosterReply: RosterReply;
  ScheduleWarnings: ScheduleWarnings;
  SeenAlerts: SeenAlerts;
  SeenAlertsList: SeenAlertsList;
  ServerState: ServerState;
  RetentionReply: RetentionReply;
  LeaderboardReply: LeaderboardReply;
  StandReply: StandReply;
  RetentionPreview: RetentionPreview;
  SignInBegun: SignInBegun;
  SignInOffer: SignInOffer;
  SignInReply: SignInReply;
  SignOutReply: SignOutReply;
  StateReply: StateReply;
  SubscriptionList: SubscriptionList;
  TestAnalytics: TestAnalytics;
  TestKey: TestKey;
  TestList: TestList;
  TestResults: TestResults;
  Confirmation: Confirmation;
  SkillsOfPerson: SkillsOfPerson;
  TestStatistics: TestStatistics;
  TokenReply: TokenReply;
  UnclaimReply: UnclaimReply;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

interface Call {
  method: Method;
  path: string;
  accept: string;
  body?: object | undefined;
  /** The tag of what was seen at the path; null: nothing was. It is refused where something else is there by now. */
  seen?: string | null | undefined;
  /** It is sent; null: it comes back. */
  file?: Blob | null;
}

/** A file, and what it is called. */
export interface Saved {
  blob: Blob;
  name: string;
}

const CSV = "text/csv";

const jsonOf = (response: Response): Promise<unknown> => response.json();

/** How long a caller can wait. Near the end of an exam that is less. */
export interface Patience {
  /** For the answer to a call. */
  timeoutMs(): number;
  /** Before a call that came too soon is made again, where the server asks for `after_ms`. */
  againMs(after_ms: number): number;
}

export class Rest {
  patience: Patience = { timeoutMs: () => TIMEOUT_MS, againMs: (after_ms) => after_ms };
  /** Which device this is; empty: none. Where a test binds its links, the server asks for it in every call. */
  device: () => string = () => "";

  constructor(
    private readonly token: string,
    private readonly call: typeof fetch = (input, init) => fetch(input, init),
    private readonly timer: Pick<Device, "after"> = browser,
  ) {}

  makeAttempt(body: NewAttempt): Promise<AttemptMade> {
    return this.request("POST", "/test-attempts", "AttemptMade", body);
  }

  /** Whether the candidate may begin now, and every reason against it. */
  admission(test_id: string): Promise<AdmissionReply> {
    return this.request("GET", `/tests/${encodeURIComponent(test_id)}/admission`, "AdmissionReply");
  }

  /** The candidate's own attempts at one test. */
  attempts(test_id: string): Promise<OwnAttempts> {
    return this.request("GET", `/test-attempts?test_id=${encodeURIComponent(test_id)}`, "OwnAttempts");
  }

  tests(): Promise<TestList> {
    return this.request("GET", "/tests", "TestList");
  }

  start(attempt_id: string, body: StartBody): Promise<StateReply> {
    return this.request("POST", this.path(attempt_id, "start"), "StateReply", body);
  }

  paper(attempt_id: string): Promise<Paper> {
    return this.request("GET", this.path(attempt_id, "paper"), "Paper");
  }

  heartbeat(attempt_id: string, body: HeartbeatBody): Promise<HeartbeatReply> {
    return this.request("POST", this.path(attempt_id, "heartbeat"), "HeartbeatReply", body);
  }

  answers(attempt_id: string, body: AnswersBody): Promise<OperationsReply> {
    return this.request("POST", this.path(attempt_id, "answers"), "OperationsReply", body);
  }

  /** An operation that has an address of its own. */
  operate(attempt_id: string, connection_id: string, operation: PlainOperation): Promise<OperationsReply> {
    const { t, ...body } = operation;
    return this.request("POST", this.path(attempt_id, OPERATIONS[t].path), "OperationsReply", { connection_id, ...body });
  }

  complete(attempt_id: string, body: CompleteBody): Promise<OperationsReply> {
    return this.request("POST", this.path(attempt_id, "complete"), "OperationsReply", body);
  }

  resume(attempt_id: string, body: ResumeBody): Promise<ResumeReply> {
    return this.request("POST", this.path(attempt_id, "resume"), "ResumeReply", body);
  }

  result(attempt_id: string): Promise<Result> {
    return this.request("GET", this.path(attempt_id, "result"), "Result");
  }

  confirmation(attempt_id: string): Promise<Confirmation> {
    return this.request("GET", this.path(attempt_id, "confirmation"), "Confirmation");
  }

  /** The leaderboard of her test, as her page asks for it. */
  board(attempt_id: string): BoardOfAttempt {
    return {
      look: (test_id) => this.request("GET", `/tests/${encodeURIComponent(test_id)}/leaderboard`, "LeaderboardReply"),
      stand: (body) => this.request("PUT", this.path(attempt_id, "leaderboard"), "StandReply", body),
    };
  }

  /** Sends a file; the answer to the question then names it. */
  handIn(attempt_id: string, question_id: string, response_id: string, file: Blob): Promise<FileHandedIn> {
    const path = this.path(attempt_id, `files?${new URLSearchParams({ question_id, response_id }).toString()}`);
    return this.upload(path, "FileHandedIn", file);
  }

  /** Keeps a picture from the camera or of the screen. It is tried once: the next one is as good. */
  keepCapturedPicture(attempt_id: string, source: string, file: Blob): Promise<unknown> {
    return this.once({ method: "POST", path: this.path(attempt_id, `captured-pictures?source=${source}`), accept: "application/json", file }, jsonOf, (_, value): value is unknown => value !== null);
  }

  /** What the device still had at the end. */
  handLate(attempt_id: string, body: LateBody): Promise<LateReply> {
    return this.request("POST", this.path(attempt_id, "late-answers"), "LateReply", body);
  }

  answerFileKey(attempt_id: string): Promise<AnswerFileKey> {
    return this.request("GET", this.path(attempt_id, "answer-file-key"), "AnswerFileKey");
  }

  files(attempt_id: string): Promise<FileList> {
    return this.request("GET", this.path(attempt_id, "files"), "FileList");
  }

  /** A file that was handed in, to be saved. */
  file(attempt_id: string, hash: string): Promise<Saved> {
    return this.saved(this.path(attempt_id, `files/${hash}`), "answer");
  }

  /** A file of any kind, by the name that the server gives it. */
  saved(path: string, otherwise: string): Promise<Saved> {
    const isFile = (_: Response, value: unknown): value is Saved => value instanceof Object && "blob" in value;
    const read = async (response: Response): Promise<unknown> => {
      if (!response.ok) return response.json();
      const name = /filename="([\w.-]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? otherwise;
      return { blob: await response.blob(), name };
    };
    return this.patiently(() => this.once({ method: "GET", path, accept: "*/*", file: null }, read, isFile));
  }

  private path(attempt_id: string, what: string): string {
    return `/test-attempts/${encodeURIComponent(attempt_id)}/${what}`;
  }

  /** Any call. Repeats one that came too soon after others: the server refused it before it did anything. */
  request<Name extends keyof Replies>(method: Method, path: string, reply: Name, body?: object, seen?: string | null): Promise<Replies[Name]> {
    const isReply = (_: Response, value: unknown): value is Replies[Name] => hasShape(value, reply);
    return this.patiently(() => this.once({ method, path, accept: "application/json", body, seen }, jsonOf, isReply));
  }

  /** Sends a file, in the same way. */
  upload<Name extends keyof Replies>(path: string, reply: Name, file: Blob): Promise<Replies[Name]> {
    const isReply = (_: Response, value: unknown): value is Replies[Name] => hasShape(value, reply);
    return this.patiently(() => this.once({ method: "POST", path, accept: "application/json", file }, jsonOf, isReply));
  }

  /** A table as CSV, for a file. */
  table(path: string): Promise<string> {
    const isTable = ({ headers }: Response, value: unknown): value is string =>
      typeof value === "string" && (headers.get("Content-Type") ?? "").startsWith(CSV);
    const read = (response: Response): Promise<unknown> => (response.ok ? response.text() : response.json());
    return this.patiently(() => this.once({ method: "GET", path, accept: CSV }, read, isTable));
  }

  private async patiently<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof RestRefused) || error.problem.code !== "rate_limited" || error.after_ms === null) {
          throw error;
        }
        const wait_ms = this.patience.againMs(error.after_ms);
        await new Promise<void>((resolve) => this.timer.after(wait_ms, resolve));
      }
    }
  }

  private async once<T>(
    { method, path, accept, body, seen, file }: Call,
    read: (response: Response) => Promise<unknown>,
    isReply: (response: Response, value: unknown) => value is T,
  ): Promise<T> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}`, Accept: accept };
    const device = this.device();
    if (device !== "") headers[DEVICE_HEADER] = device;
    const proof = browserProof();
    if (proof !== null) headers[PAGE_HEADER] = proof;
    if (seen === null) headers["If-None-Match"] = "*";
    else if (seen !== undefined) headers["If-Match"] = seen;
    const init: RequestInit = { method, headers, cache: "no-store" };
    if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    if (file !== undefined && file !== null) {
      headers["Content-Type"] = "application/octet-stream";
      init.body = file;
    }
    const timeout_ms = file === undefined ? this.patience.timeoutMs() : FILE_TIMEOUT_MS;
    let response: Response;
    let value: unknown;
    try {
      [response, value] = await withTimeout(this.timer, timeout_ms, async (signal) => {
        const found = await this.call(path, { ...init, signal });
        return [found, await read(found)];
      });
    } catch (error) {
      throw new RestUnreachable(`${method} ${path}`, { cause: error });
    }
    if (response.ok && isReply(response, value)) return value;
    if (!response.ok && hasShape(value, "Problem")) throw new RestRefused(value as Problem, afterMs(response));
    throw new RestUnreachable(`${method} ${path}: ${response.status}`);
  }
}
