import { afterEach, expect, it, vi } from "vitest";
import type { ToInstructor } from "../../src/generated/messages";
import { Link } from "../../src/io/link";
import { openSocket, type SocketHandlers } from "../../src/io/socket";
import { FakeDevice } from "./world";

afterEach(() => vi.unstubAllGlobals());

/** As an extension that filters, or a policy, forbids one. */
class Forbidden {
  constructor() {
    throw new DOMException("not here", "SecurityError");
  }
}

function forbid(): void {
  vi.stubGlobal("location", { href: "https://exams.example/monitor" });
  vi.stubGlobal("WebSocket", Forbidden);
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

it("tells of a socket that the browser forbids as of one that ended, once its owner holds it", async () => {
  forbid();
  const closed = vi.fn<SocketHandlers<ToInstructor>["closed"]>();
  const handlers = { opened: vi.fn(), message: vi.fn(), unreadable: vi.fn(), closed };
  const socket = openSocket<ToInstructor>("/ws/monitor/t", handlers);
  expect(closed).not.toHaveBeenCalled();
  expect(socket.send({ t: "beat" })).toBe(false);
  await settled();
  expect(closed).toHaveBeenCalledExactlyOnceWith(1006, expect.stringContaining("not here"));
  expect(handlers.opened).not.toHaveBeenCalled();

  openSocket<ToInstructor>("/ws/monitor/t", handlers).close();
  await settled();
  expect(closed).toHaveBeenCalledOnce();
});

it("a page that may open no socket tries again, and turns to REST", async () => {
  forbid();
  const device = new FakeDevice();
  const askRest = vi.fn();
  const handlers = { message: vi.fn(), unreadable: vi.fn(), lost: vi.fn(), askRest, changed: vi.fn() };
  const greeter = { hello: () => ({}) as never, newest_n: 0 };
  const link = new Link<ToInstructor>("/ws/monitor/t", greeter, true, openSocket, device, handlers);
  link.dispatch({ type: "start" });
  for (let tries = 1; tries <= 3; tries += 1) {
    await settled();
    expect(link.state.phase.name).toBe("waiting");
    expect(link.state.failures).toBe(tries);
    await device.pass(20_000);
    link.tick();
  }
  expect(askRest).toHaveBeenCalledOnce();
});
