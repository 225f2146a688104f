/** One page of the simulation: the real sessions of candidate and monitor, on a simulated browser. */

import type { Tag } from "../../src/core/wire";
import { decodeMessage, encodeMessage } from "../../src/core/wire";
import type { OpenSocket, SocketHandlers } from "../../src/io/socket";
import type { SimulatedDevice } from "./outside";

/** What a page does, in order: each is told to the simulation by its name. */
export type Out = [string, ...unknown[]];

export interface Seat {
  readonly device: SimulatedDevice;
  readonly net: Net;
  act(name: string, values: readonly unknown[]): void;
  /** What is new since the last step, as far as the page shows it. */
  report(): Out[];
  stop(leaving: boolean): void;
}

interface Call {
  resolve: (response: Response) => void;
  reject: (error: unknown) => void;
}

/** The sockets and calls of one page. Their bytes go over the pipe. */
export class Net {
  readonly out: Out[] = [];
  private sockets = new Map<number, SocketHandlers<never>>();
  private calls = new Map<number, Call>();
  private count = 0;

  readonly open: OpenSocket<never> = (path, handlers) => {
    const id = (this.count += 1);
    this.sockets.set(id, handlers);
    this.out.push(["open", id, path]);
    return {
      send: (message) => {
        if (!this.sockets.has(id)) return false;
        this.out.push(["send", id, encodeMessage(message)]);
        return true;
      },
      close: () => {
        if (this.sockets.delete(id)) this.out.push(["close", id]);
      },
    };
  };

  /** Stands in for `fetch`. */
  readonly call = (path: unknown, init?: RequestInit): Promise<Response> => {
    const id = (this.count += 1);
    const headers = init?.headers as Record<string, string> | undefined;
    this.out.push(["call", id, init?.method ?? "GET", String(path), headers?.["Pencilsdown-Device"] ?? "", init?.body ?? ""]);
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      init?.signal?.addEventListener("abort", () => {
        this.calls.delete(id);
        reject(new Error("aborted"));
      });
    });
  };

  opened(id: number): void {
    this.sockets.get(id)?.opened();
  }

  message(id: number, bytes: Uint8Array): void {
    const handlers = this.sockets.get(id);
    if (handlers === undefined) return;
    const message = decodeMessage<{ t: Tag }>(bytes);
    if (message !== null) handlers.message(message as never);
  }

  closed(id: number, code: number, reason: string): void {
    const handlers = this.sockets.get(id);
    this.sockets.delete(id);
    handlers?.closed(code, reason);
  }

  /** `status` 0: nobody answered. */
  reply(id: number, status: number, body: string, after: string | null): void {
    const call = this.calls.get(id);
    this.calls.delete(id);
    if (call === undefined) return;
    if (status === 0) call.reject(new TypeError("no network"));
    else {
      const headers = { get: (name: string) => (name === "Retry-After" ? after : null) };
      call.resolve({ ok: status < 300, status, headers, json: async () => JSON.parse(body) as unknown } as unknown as Response);
    }
  }
}
