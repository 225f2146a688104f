// A WebSocket client over Node's own `http` and `net`: RFC 6455, binary messages, no extensions.

import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const CONTINUATION = 0x0;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

export class Socket {
  /** `on`: { open(), message(bytes), close(code, httpStatus) }; each code is null where the connection just ended. */
  constructor(url, on) {
    this.on = on;
    this.socket = null;
    this.ended = false;
    this.closeCode = null;
    this.unread = Buffer.alloc(0);
    this.pieces = [];
    const key = randomBytes(16).toString("base64");
    this.handshake = request(url, {
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
      },
    });
    this.handshake.on("error", () => this.end(null));
    this.handshake.on("response", (response) => {
      response.resume();
      this.end(response.statusCode);
    });
    this.handshake.on("upgrade", (response, socket, head) => {
      socket.on("error", () => this.end(null));
      socket.on("close", () => this.end(null));
      const accept = createHash("sha1").update(key + GUID).digest("base64");
      if (this.ended || response.headers["sec-websocket-accept"] !== accept) {
        socket.destroy();
        return;
      }
      this.socket = socket;
      socket.setNoDelay(true);
      socket.on("data", (data) => this.read(data));
      this.on.open();
      if (head.length > 0) this.read(head);
    });
    this.handshake.end();
  }

  send(bytes) {
    this.write(BINARY, bytes);
  }

  /** Says goodbye with a code. */
  close(code) {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.write(CLOSE, payload);
    this.socket?.end();
  }

  /** Ends it as a lost network does. */
  destroy() {
    this.handshake.destroy();
    this.socket?.destroy();
    this.end(null);
  }

  end(httpStatus) {
    if (this.ended) return;
    this.ended = true;
    this.on.close(this.closeCode, httpStatus);
  }

  write(opcode, payload) {
    if (this.ended || this.socket === null || !this.socket.writable) return;
    const length = payload.length;
    const head =
      length < 126 ? Buffer.from([0x80 | opcode, 0x80 | length])
      : length < 65536 ? Buffer.from([0x80 | opcode, 0x80 | 126, length >> 8, length & 0xff])
      : Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | 127]), bigLength(length)]);
    const mask = randomBytes(4);
    const masked = Buffer.from(payload);
    for (let at = 0; at < length; at++) masked[at] ^= mask[at & 3];
    this.socket.write(Buffer.concat([head, mask, masked]));
  }

  read(data) {
    this.unread = Buffer.concat([this.unread, data]);
    for (let frame = this.frame(); frame !== null && !this.ended; frame = this.frame()) this.take(frame);
  }

  /** The next whole frame, or null. */
  frame() {
    const data = this.unread;
    if (data.length < 2) return null;
    const short = data[1] & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (data.length < start) return null;
    const length = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
    if (data.length < start + length) return null;
    this.unread = data.subarray(start + length);
    return { last: (data[0] & 0x80) !== 0, opcode: data[0] & 0x0f, payload: data.subarray(start, start + length) };
  }

  take({ last, opcode, payload }) {
    if (opcode === PING) this.write(PONG, payload);
    else if (opcode === CLOSE) {
      this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : null;
      this.write(CLOSE, payload.subarray(0, 2));
      this.socket.end();
      this.end(null);
    } else if (opcode === BINARY || opcode === CONTINUATION) {
      this.pieces.push(payload);
      if (last) {
        const whole = Buffer.concat(this.pieces);
        this.pieces = [];
        this.on.message(whole);
      }
    }
  }
}

function bigLength(length) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}
