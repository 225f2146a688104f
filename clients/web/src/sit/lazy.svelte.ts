/**
 * Screens whose code is loaded when it is needed: the readiness check, the questions, what comes after them, the receipt, the result. Whoever adds one
 * gives the name of its component's file (the build puts the addresses of what that consists of in its place), and its import.
 */

import { Code, fetchFile, type CodeState } from "../io/code";
import { device } from "../io/device";
import { laterWords } from "./words.svelte";

export type Row = [files: string, load: () => Promise<{ default: unknown }>];

export class Lazy<T> {
  state = $state.raw<CodeState<T>>({ kind: "absent" });
  private readonly code: Code<T>;

  /** `words`: what it says is here when this resolves. */
  constructor([files, load]: Row, keep?: (addresses: readonly string[]) => Promise<void>, words: () => Promise<void> = laterWords) {
    // Without a build nothing has been put in the place of the name.
    const addresses = files.startsWith("files-of:") ? [] : files.split(" ");
    const component = async (): Promise<T> => {
      const [{ default: made }] = await Promise.all([load(), words()]);
      void keep?.(addresses);
      return made as T;
    };
    this.code = new Code(addresses, component, fetchFile, device, (state) => (this.state = state));
  }

  want(): void {
    this.code.want();
  }
}

/** The questions: fetched as soon as the start page stands, and before anything else where a test is under way. */
export const TEST_VIEW = new Lazy<typeof import("./TestView.svelte").default>(["files-of:TestView", () => import("./TestView.svelte")], undefined, async () => undefined);

/** Why no attempt can be made now, and from when on one can. */
export const WAIT_SCREEN = new Lazy<typeof import("./WaitScreen.svelte").default>(["files-of:WaitScreen", () => import("./WaitScreen.svelte")], undefined, async () => undefined);

/** How the page looks, and what it speaks. */
export const SETTINGS = new Lazy<typeof import("./SettingsDialog.svelte").default>(["files-of:SettingsDialog", () => import("./SettingsDialog.svelte")]);

/** What comes after the questions: fetched as soon as a test is open, so that it is there when the network is not. */
export const REVIEW = new Lazy<typeof import("./Review.svelte").default>(["files-of:Review", () => import("./Review.svelte")]);
export const SECTION_SCREEN = new Lazy<typeof import("./SectionScreen.svelte").default>(["files-of:SectionScreen", () => import("./SectionScreen.svelte")]);
export const OUTCOME = new Lazy<typeof import("./Outcome.svelte").default>(["files-of:Outcome", () => import("./Outcome.svelte")]);

/** The result alone, where nothing else of the test can be opened. */
export const RESULT_PAGE = new Lazy<typeof import("./ResultPage.svelte").default>(["files-of:ResultPage", () => import("./ResultPage.svelte")]);

/** What is shown of a test that was handed in. */
export const RECEIPT = new Lazy<typeof import("./Receipt.svelte").default>(["files-of:Receipt", () => import("./Receipt.svelte")]);

/** Saving in a file what the server does not have. */
export const ANSWER_FILE = new Lazy<typeof import("./AnswerFile.svelte").default>(["files-of:AnswerFile", () => import("./AnswerFile.svelte")]);

/** What the device is ready for, before the start. */
export const READINESS = new Lazy<typeof import("./Readiness.svelte").default>(["files-of:Readiness", () => import("./Readiness.svelte")]);

/** What is noticed while a test is sat that watches: told before the start, and done from then on. */
export const ANNOUNCED = new Lazy<typeof import("./Announced.svelte").default>(["files-of:Announced", () => import("./Announced.svelte")]);
export const WATCHER = new Lazy<typeof import("./Watcher.svelte").default>(["files-of:Watcher", () => import("./Watcher.svelte")]);

/** The marks, when the test has ended. */
export const RESULT = new Lazy<typeof import("./ResultTable.svelte").default>(["files-of:ResultTable", () => import("./ResultTable.svelte")]);
