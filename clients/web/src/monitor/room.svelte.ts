/** The room as the page shows it. News is taken over a few times a second, on an animation frame, however fast it comes. */

import { countByStatus, DEFAULT_VIEW, displayName, select, type SortKey, type View } from "../core/monitor";
import type { Row, ToInstructor } from "../generated/messages";
import { device } from "../io/device";
import { MonitorSession, type CommandBody, type CommandResult } from "../io/monitor-session";
import { openSocket } from "../io/socket";
import { S } from "./strings";

export interface Toast {
  id: number;
  kind: "done" | "refused";
  text: string;
}

/** The list is chosen and sorted anew at most this often. */
const REFRESH_MS = 200;
const TOAST_MS = 6_000;

export class RoomState {
  rows = $state.raw<readonly Row[]>([]);
  total = $state(0);
  counts = $state.raw<ReadonlyMap<string, number>>(new Map());
  complete = $state(false);
  title = $state("");
  toasts = $state.raw<readonly Toast[]>([]);
  heard_ms = $state<number | null>(null);
  waiting = $state(0);
  view = $state.raw<View>(DEFAULT_VIEW);
  private readonly session: MonitorSession;
  connection;
  private frame = 0;
  private refreshed_at = 0;
  private next_toast = 1;

  constructor(test_id: string, token: string) {
    this.session = new MonitorSession(test_id, token, openSocket<ToInstructor>, device, {
      changed: () => this.refreshSoon(),
      result: (result) => this.tell(result),
      trouble: (detail) => this.toast("refused", detail),
    });
    this.connection = $state.raw(this.session.connection);
    $effect(() => {
      this.session.start();
      return () => {
        cancelAnimationFrame(this.frame);
        this.session.stop();
      };
    });
  }

  now(): number {
    return this.session.now();
  }

  get(attempt_id: string): Row | undefined {
    return this.session.rows.get(attempt_id);
  }

  command(body: CommandBody): void {
    this.session.command(body);
  }

  reconnect(): void {
    this.session.reconnect();
  }

  nudge(): void {
    this.session.nudge();
  }

  offline(): void {
    this.session.offline();
  }

  search(text: string): void {
    this.look({ ...this.view, text });
  }

  sortBy(sort: SortKey): void {
    const descending = this.view.sort === sort && !this.view.descending;
    this.look({ ...this.view, sort, descending });
  }

  /** Shows one status alone; the same again, or null, shows all. */
  only(status: string | null): void {
    const again = status !== null && this.view.statuses.has(status);
    this.look({ ...this.view, statuses: new Set(status === null || again ? [] : [status]) });
  }

  toast(kind: Toast["kind"], text: string): void {
    const id = this.next_toast++;
    this.toasts = [...this.toasts, { id, kind, text }];
    // A refusal stays until somebody has read it.
    if (kind === "done") setTimeout(() => this.dismiss(id), TOAST_MS);
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  private look(view: View): void {
    this.view = view;
    this.refresh();
  }

  private refreshSoon(): void {
    if (this.frame !== 0) return;
    const draw = (at: number): void => {
      this.frame = 0;
      if (at - this.refreshed_at >= REFRESH_MS) this.refresh();
      else this.frame = requestAnimationFrame(draw);
    };
    this.frame = requestAnimationFrame(draw);
  }

  private refresh(): void {
    this.refreshed_at = performance.now();
    const { session } = this;
    const all = session.rows.all();
    this.rows = select(all, this.view, session.now());
    this.total = all.length;
    this.counts = countByStatus(all);
    this.complete = session.rows.complete;
    this.title = session.title;
    this.heard_ms = session.heard_ms;
    this.waiting = session.waiting;
    this.connection = session.connection;
  }

  private tell({ command, refused }: CommandResult): void {
    const row = this.get(command.attempt_id);
    const name = row === undefined ? command.attempt_id : displayName(row);
    if (refused === null) this.toast("done", S.toast.done(S.toast.did[command.t] ?? command.t, name));
    else this.toast("refused", S.toast.refused(S.toast.asked[command.t] ?? command.t, name, refused));
  }
}
