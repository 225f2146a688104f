/** The editor of rich text: ProseMirror's view, which says what was written and takes what comes from elsewhere. */

import { history } from "prosemirror-history";
import { keymap } from "prosemirror-keymap";
import { Fragment, Slice, type Node } from "prosemirror-model";
import { EditorState, Plugin, type Command, type Transaction } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { read, write } from "./markup";
import { nodeOf, SCHEMA } from "./schema";
import { isTooDeep, KEYS } from "./tools";

export interface EditorHandlers {
  onwrite: (markup: string) => void;
  /** The text or the caret is another one. */
  onchange: (state: EditorState) => void;
  onleave: () => void;
  /** The keyboard asks for the buttons. */
  ontools: () => void;
}

export class Editor {
  private readonly view: EditorView;
  /** What the document says, in the form in which it was told or came. */
  private markup: string;
  /** What has come while a word was being composed: put in its place only then. */
  private waiting: string | null = null;

  constructor(place: HTMLElement, markup: string, private readonly handlers: EditorHandlers, attributes: () => Record<string, string>) {
    this.markup = markup;
    const limits = new Plugin({ filterTransaction: (tr) => !tr.docChanged || !isTooDeep(tr.doc) });
    const toTools: Command = () => {
      handlers.ontools();
      return true;
    };
    const plugins = [history(), keymap({ ...KEYS, "Alt-F10": toTools }), limits];
    this.view = new EditorView(
      place,
      {
        state: EditorState.create({ doc: read(markup), plugins }),
        attributes,
        dispatchTransaction: (tr) => this.dispatch(tr),
        transformPasted: (slice) => this.fitting(slice),
        handleDOMEvents: {
          blur: () => void handlers.onleave(),
          compositionend: () => void setTimeout(() => this.takeWaiting()),
        },
      },
    );
  }

  get state(): EditorState {
    return this.view.state;
  }

  /** What was written elsewhere, or taken back: the caret stays where it is in what has not changed. */
  show(markup: string): void {
    if (markup === this.markup) {
      this.waiting = null;
      return;
    }
    if (this.view.composing) {
      this.waiting = markup;
      return;
    }
    this.markup = markup;
    const [here, there] = [this.view.state.doc, read(markup)];
    const start = here.content.findDiffStart(there.content);
    const ends = here.content.findDiffEnd(there.content);
    if (start === null || ends === null) return;
    const over = start - Math.min(ends.a, ends.b);
    const [to, from] = over > 0 ? [ends.a + over, ends.b + over] : [ends.a, ends.b];
    this.view.dispatch(this.view.state.tr.replace(start, to, there.slice(start, from)).setMeta("came", true));
  }

  lock(locked: boolean): void {
    this.view.setProps({ editable: () => !locked });
  }

  run(command: Command): void {
    if (this.view.editable) command(this.view.state, (tr) => this.view.dispatch(tr), this.view);
  }

  focus(): void {
    this.view.focus();
  }

  destroy(): void {
    this.view.destroy();
  }

  private dispatch(tr: Transaction): void {
    this.view.updateState(this.view.state.apply(tr));
    this.handlers.onchange(this.view.state);
    if (!tr.docChanged || tr.getMeta("came") === true) return;
    const markup = write(tr.doc);
    if (markup === this.markup) return;
    this.markup = markup;
    this.handlers.onwrite(markup);
  }

  private takeWaiting(): void {
    if (this.waiting === null || this.view.isDestroyed || this.view.composing) return;
    const markup = this.waiting;
    this.waiting = null;
    this.show(markup);
  }

  /** What would come too deep is pasted as plain lines. */
  private fitting(slice: Slice): Slice {
    if (!isTooDeep(this.view.state.tr.replaceSelection(slice).doc)) return slice;
    const lines: Node[] = [];
    slice.content.descendants((node) => {
      if (node.isTextblock) lines.push(nodeOf("p").create(null, node.textContent === "" ? [] : [SCHEMA.text(node.textContent)]));
      return !node.isTextblock;
    });
    return new Slice(Fragment.from(lines), 0, 0);
  }
}
