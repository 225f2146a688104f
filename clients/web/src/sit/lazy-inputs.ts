/**
 * What a paper may need and few do: its interactions, tools, passages and costs, loaded when a paper has them. Whoever adds an interaction adds a row: its type, and as
 * for screens (`lazy.svelte.ts`) its file and its import.
 */

import type { Component } from "svelte";
import { isRich } from "../core/rich";
import { toolsIn } from "../core/tools";
import type { PartValue } from "../generated/messages";
import type { FileHandedIn, Option, Paper, PaperInteraction, PaperQuestion } from "../generated/rest";
import { keepFiles } from "../io/kept-files";
import { Lazy, type Row } from "./lazy.svelte";
import type { ToolBox } from "./tool-box.svelte";

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

const INPUTS = new Map(Object.entries(ROWS).map(([type, row]) => [type, new Lazy<Input>(row)]));

const RICH = new Lazy<Input>(["files-of:RichInput", () => import("./RichInput.svelte")], (addresses) => keepFiles(RICH_FILES, addresses));

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
