import { expect, it, vi } from "vitest";
import type { SmallStorage } from "../../src/io/browser-storage";
import { StoredLastWords } from "../../src/io/last-words";

const body = { t: "answer", question_id: "q1", value: "b", position: null, client_at_ms: 5 } as const;
const entry = { key: 1, n: null, body, base: 3 };

function storage(): SmallStorage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

it("are read by the attempt that they belong to", () => {
  const shared = storage();
  new StoredLastWords(shared).put("a1", [entry]);
  const next = new StoredLastWords(shared);
  expect(next.read("a2")).toEqual([]);
  expect(next.read("a1")).toEqual([entry]);
});

it("are taken back when there are none any more", () => {
  const words = new StoredLastWords(storage());
  words.put("a1", [entry]);
  words.put("a1", []);
  expect(words.read("a1")).toEqual([]);
});

it("are none where what lies there can't be read", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const broken = storage();
  broken.setItem("pencilsdown last words a1", "[{");
  expect(new StoredLastWords(broken).read("a1")).toEqual([]);
  expect(warn).toHaveBeenCalledOnce();
});
