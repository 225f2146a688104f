/** One WebSocket with binary frames: bytes to messages, and what ended it. It decides nothing. */

import { browserProof, PAGE_HEADER } from "./safe-browser";
import { decodeMessage, encodeMessage, type Tag } from "../core/wire";

/** The close code of a socket that ended without a word. */
export const LOST = 1006;

export interface SocketHandlers<M> {
  opened(): void;
  message(message: M): void;
  unreadable(error: unknown): void;
  closed(code: number, reason: string): void;
}

export interface Socket {
  /** False: the socket is not open, nothing was sent. */
  send(message: { t: Tag }): boolean;
  /** Closes for good: no handler is called any more. */
  close(): void;
}

export type OpenSocket<M> = (path: string, handlers: SocketHandlers<M>) => Socket;

export function openSocket<M extends { t: Tag }>(path: string, handlers: SocketHandlers<M>): Socket {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  const proof = browserProof();
  // A socket has no headers of the page's.
  if (proof !== null) url.searchParams.set(PAGE_HEADER, proof);
  let socket: WebSocket;
  try {
    socket = new WebSocket(url);
  } catch (error) {
    return neverOpened(handlers, String(error));
  }
  socket.binaryType = "arraybuffer";
  let mine = true;
  socket.onopen = () => mine && handlers.opened();
  socket.onclose = (event) => mine && handlers.closed(event.code, event.reason);
  socket.onmessage = (event: MessageEvent<unknown>) => {
    if (!mine) return;
    let message: M | null;
    try {
      if (!(event.data instanceof ArrayBuffer)) throw new TypeError("not binary");
      message = decodeMessage<M>(new Uint8Array(event.data));
    } catch (error) {
      handlers.unreadable(error);
      return;
    }
    if (message !== null) handlers.message(message);
  };
  return {
    send(message) {
      if (!mine || socket.readyState !== WebSocket.OPEN) return false;
      socket.send(encodeMessage(message));
      return true;
    },
    close() {
      mine = false;
      socket.close(1000);
    },
  };
}

/** A browser, a policy or an extension may forbid a socket by throwing. For a page that is one more socket that ended. */
function neverOpened<M>(handlers: SocketHandlers<M>, reason: string): Socket {
  let mine = true;
  // The caller doesn't have its socket yet.
  queueMicrotask(() => mine && handlers.closed(LOST, reason));
  return { send: () => false, close: () => void (mine = false) };
}
