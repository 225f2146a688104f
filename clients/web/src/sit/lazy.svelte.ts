/**
 * Code that is loaded when it is needed: the readiness check, what comes after the questions, the receipt, the result, the tools, and interactions when a paper has them. Whoever adds one adds a row: its type, the name of its
 * component's file (the build puts the addresses of what that consists of in its place), and its import.
 */

import { toolsIn } from "../core/tools";
import type { Component } from "svelte";
import { isRich } from "../core/rich";
import type { PartValue } from "../generated/messages";
import type { FileHandedIn, Option, Paper, PaperInteraction, PaperQuestion } from "../generated/rest";
import { Code, fetchFile, type CodeState } from "../io/code";
import { device } from "../io/device";
import { keepFiles } from "../io/kept-files";
import type { ToolBox } from "./tool-box.svelte";
import { laterWords } from "./words.svelte";

/** What such a component is given. */
export interface InputProps<Asked extends PaperInteraction> {
  asked: Asked;
  part: PartValue | null;
  locked: boolean;
  /** What it is called, with its place among others. */
  name: (what: string) => string;
  /** The element that says what is asked. */
  describedby: string;
  /** `typed`: more may follow at once, so it waits for a rest. */
  onanswer: (part: PartValue | null, typed?: boolean) => void;
  /** The focus has gone: nothing more follows. */
  onleave: () => void;
}

/** Hands files in; in the context "files" of a paper that is sat. */
export interface Files {
  handIn: (question_id: string, response_id: string, file: File) => Promise<FileHandedIn>;
  list: () => Promise<readonly FileHandedIn[]>;
}

type Input = Component<InputProps<PaperInteraction>>;
type Row = [files: string, load: () => Promise<{ default: unknown }>];

/** The editor of rich text is as large as half of the page: the page keeps it where it is needed, and the worker does not. */
const RICH_FILES = "pencilsdown editor";

const ROWS: Partial<Record<PaperInteraction["type"], Row>> = {
  associate: ["files-of:AssociateInput", () => import("./AssociateInput.svelte")],
  gap_match: ["files-of:GapMatchInput", () => import("./GapMatchInput.svelte")],
  hottext: ["files-of:HottextInput", () => import("./HottextInput.svelte")],
  match: ["files-of:MatchInput", () => import("./MatchInput.svelte")],
  order: ["files-of:OrderInput", () => import("./OrderInput.svelte")],
  upload: ["files-of:UploadInput", () => import("./UploadInput.svelte")],
  slider: ["files-of:SliderInput", () => import("./SliderInput.svelte")],
  hotspot: ["files-of:HotspotInput", () => import("./HotspotInput.svelte")],
  point: ["files-of:PointInput", () => import("./PointInput.svelte")],
  graphic_order: ["files-of:GraphicOrderInput", () => import("./GraphicOrderInput.svelte")],
  graphic_gap_match: ["files-of:GraphicGapInput", () => import("./GraphicGapInput.svelte")],
  graphic_associate: ["files-of:GraphicAssociateInput", () => import("./GraphicAssociateInput.svelte")],
};

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

const INPUTS = new Map(Object.entries(ROWS).map(([type, row]) => [type, new Lazy<Input>(row)]));

const RICH = new Lazy<Input>(["files-of:RichInput", () => import("./RichInput.svelte")], (addresses) => keepFiles(RICH_FILES, addresses));

/** The questions: fetched as soon as the start page stands, and before anything else where a test is under way. */
export const TEST_VIEW = new Lazy<typeof import("./TestView.svelte").default>(["files-of:TestView", () => import("./TestView.svelte")], undefined, async () => undefined);

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

/** A passage beside its question. */
export const PASSAGE = new Lazy<typeof import("./Passage.svelte").default>(["files-of:Passage", () => import("./Passage.svelte")]);

/** What a wrong answer or none costs. */
export const COSTS = new Lazy<typeof import("./Costs.svelte").default>(["files-of:Costs", () => import("./Costs.svelte")]);

/** What a test allows beside its questions. */
export const TOOLS = new Lazy<typeof import("./Tools.svelte").default>(["files-of:Tools", () => import("./Tools.svelte")]);

export interface StrikeProps {
  response_id: string;
  option: Option;
  chosen: boolean;
}

/** What the tools put into the questions; the context "tools" gives it, or null where nothing can be struck out. */
export interface ToolsHere {
  Strike: Component<StrikeProps & { box: ToolBox }>;
  box: ToolBox;
}

/** Whether more is to be said of a question than what it is worth. */
export const isCostly = ({ costs, unanswered_mpt }: PaperQuestion): boolean => Boolean(costs?.length || unanswered_mpt);

/** The code of an interaction; undefined: it is there from the beginning, or not known. */
export function lazyInput(asked: PaperInteraction): Lazy<Input> | undefined {
  return isRich(asked) ? RICH : INPUTS.get(asked.type);
}

/**
 * Loads what the paper will need, so that it is there when the network is not. Sections that are not open yet may need
 * anything; the editor of rich text waits until one does.
 */
export function wantInputs(paper: Paper): void {
  const total = paper.sections.reduce((sum, { count }) => sum + count, 0);
  if (toolsIn(paper).size > 0 || total > paper.questions.length) TOOLS.want();
  if (paper.passages.length > 0 || total > paper.questions.length) PASSAGE.want();
  if (total > paper.questions.length) for (const code of [COSTS, ...INPUTS.values()]) code.want();
  for (const question of paper.questions) {
    if (isCostly(question)) COSTS.want();
    for (const asked of question.interactions) lazyInput(asked)?.want();
  }
}
