/** What the buttons above the text do, and the keys that do the same. Pure: each is a command of ProseMirror's. */

import { baseKeymap, chainCommands, lift, setBlockType, toggleMark, wrapIn } from "prosemirror-commands";
import { redo, undo } from "prosemirror-history";
import type { Node } from "prosemirror-model";
import { liftListItem, sinkListItem, splitListItem, wrapInList } from "prosemirror-schema-list";
import { TextSelection, type Command, type EditorState } from "prosemirror-state";
import { MAX_NESTING } from "../generated/rich";
import { markOf, nodeOf } from "./schema";

export interface Tool {
  name: "strong" | "em" | "u" | "s" | "sub" | "sup" | "code" | "h2" | "h3" | "ul" | "ol" | "blockquote" | "pre" | "outdent" | "indent" | "undo" | "redo";
  run: Command;
  /** Whether the text has it where the caret is; undefined: it is done and not had. */
  isOn?: (state: EditorState) => boolean;
  /** As ProseMirror names it. */
  key?: string;
}

export const TOOLS: readonly Tool[] = [
  mark("strong", "Mod-b"),
  mark("em", "Mod-i"),
  mark("u", "Mod-u"),
  mark("s"),
  mark("sub"),
  mark("sup"),
  mark("code"),
  line("h2"),
  line("h3"),
  list("ul", "Mod-Shift-8"),
  list("ol", "Mod-Shift-7"),
  { name: "blockquote", isOn: (state) => isInside(state, "blockquote"), run: (state, dispatch) => (isInside(state, "blockquote") ? lift : wrapIn(nodeOf("blockquote")))(state, dispatch) },
  line("pre"),
  { name: "outdent", run: liftListItem(nodeOf("li")) },
  { name: "indent", run: sinkListItem(nodeOf("li")) },
  { name: "undo", run: undo, key: "Mod-z" },
  { name: "redo", run: redo, key: "Mod-Shift-z" },
];

function mark(name: Tool["name"], key?: string): Tool {
  const type = markOf(name);
  const isOn = (state: EditorState): boolean => {
    const { empty, $from, from, to } = state.selection;
    return empty ? type.isInSet(state.storedMarks ?? $from.marks()) !== undefined : state.doc.rangeHasMark(from, to, type);
  };
  return { name, run: toggleMark(type), isOn, ...(key === undefined ? {} : { key }) };
}

/** A kind of line; pressed again, it is a paragraph. */
function line(name: "h2" | "h3" | "pre"): Tool {
  const isOn = ({ selection: { $from } }: EditorState): boolean => $from.parent.type.name === name;
  return { name, isOn, run: (state, dispatch) => setBlockType(nodeOf(isOn(state) ? "p" : name))(state, dispatch) };
}

function list(name: "ul" | "ol", key: string): Tool {
  const run: Command = (state, dispatch) => {
    const at = listAround(state);
    if (at === null) return wrapInList(nodeOf(name))(state, dispatch);
    if (at.node.type.name === name) return liftListItem(nodeOf("li"))(state, dispatch);
    dispatch?.(state.tr.setNodeMarkup(at.before, nodeOf(name)));
    return true;
  };
  return { name, key, run, isOn: (state) => listAround(state)?.node.type.name === name };
}

function listAround({ selection: { $from } }: EditorState): { node: Node; before: number } | null {
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const node = $from.node(depth);
    if (node.type.name === "ul" || node.type.name === "ol") return { node, before: $from.before(depth) };
  }
  return null;
}

function isInside({ selection: { $from } }: EditorState, name: string): boolean {
  return Array.from({ length: $from.depth }, (_, depth) => $from.node(depth + 1)).some(({ type }) => type.name === name);
}

/** A blank line at the end of code leads out of it: a phone has no other key for that. */
const leaveCode: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  const atEnd = empty && $from.parent.type.name === "pre" && $from.parentOffset === $from.parent.content.size;
  if (!atEnd || !$from.parent.textContent.endsWith("\n")) return false;
  if (dispatch) {
    const tr = state.tr.delete($from.pos - 1, $from.pos);
    const behind = tr.selection.$from.after();
    tr.insert(behind, nodeOf("p").create());
    dispatch(tr.setSelection(TextSelection.create(tr.doc, behind + 1)).scrollIntoView());
  }
  return true;
};

/** Taken back at its beginning, a heading or code is a paragraph. */
const plainLine: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  return empty && $from.parentOffset === 0 && /^(?:h2|h3|pre)$/.test($from.parent.type.name) && setBlockType(nodeOf("p"))(state, dispatch);
};

const breakLine: Command = (state, dispatch) => {
  if (state.selection.$from.parent.type.name === "pre") return false;
  dispatch?.(state.tr.replaceSelectionWith(nodeOf("br").create()).scrollIntoView());
  return true;
};

/** The key does nothing else, though there may be nothing to do: a browser would show a page's source, or begin a download. */
const always = (run: Command): Command => (state, dispatch, view) => run(state, dispatch, view) || true;

/** Tab is not among them: it leaves the text. */
export const KEYS: Readonly<Record<string, Command>> = {
  ...baseKeymap,
  ...Object.fromEntries(TOOLS.flatMap(({ key, run }) => (key === undefined ? [] : [[key, always(run)]]))),
  "Mod-y": always(redo),
  Enter: chainCommands(leaveCode, splitListItem(nodeOf("li")), baseKeymap["Enter"]!),
  Backspace: chainCommands(plainLine, baseKeymap["Backspace"]!),
  "Shift-Enter": chainCommands(breakLine, baseKeymap["Enter"]!),
};

/** How many lists and quotations stand inside one another, where most do. */
export function nesting(node: Node): number {
  let most = 0;
  node.forEach((child) => (most = Math.max(most, nesting(child))));
  return most + (/^(?:ul|ol|blockquote)$/.test(node.type.name) ? 1 : 0);
}

export const isTooDeep = (doc: Node): boolean => nesting(doc) > MAX_NESTING;
