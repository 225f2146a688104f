import { expect, it, vi } from "vitest";
import { StoredLastWords } from "../../src/io/last-words";

const body = { t: "answer", question_id: "q1", value: "b", client_at_ms: 5 } as const;
const entry = { key: 1, n: null, body, base: 3 };

function storage(): Storage {
  const kept = new Map<string, string>();
  const made: Partial<Storage> = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
  return made as Storage;
}

it("are read by the attempt that they belong to", () => {
  const shared = storage();
  new StoredLastWords(() => shared).put("a1", [entry]);
  const next = new StoredLastWords(() => shared);
  expect(next.read("a2")).toEqual([]);
  expect(next.read("a1")).toEqual([entry]);
});

it("are taken back when there are none any more", () => {
  const words = new StoredLastWords(((shared) => () => shared)(storage()));
  words.put("a1", [entry]);
  words.put("a1", []);
  expect(words.read("a1")).toEqual([]);
});

it("break nothing where the browser allows no storage", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const words = new StoredLastWords(() => {
    throw new DOMException("no storage", "SecurityError");
  });
  words.put("a1", [entry]);
  expect(words.read("a1")).toEqual([]);
  expect(warn).toHaveBeenCalledTimes(2);
  warn.mockRestore();
});
