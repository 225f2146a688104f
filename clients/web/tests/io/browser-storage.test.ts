import { expect, it, vi } from "vitest";
import { BrowserStorage, type SmallStorage } from "../../src/io/browser-storage";

it("remembers for the page what the browser does not let it keep", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const storage = new BrowserStorage(() => {
    throw new DOMException("blocked", "SecurityError");
  });
  expect([storage.getItem("a"), storage.keeps()]).toEqual([null, false]);
  storage.setItem("a", "1");
  expect(storage.getItem("a")).toBe("1");
  storage.removeItem("a");
  expect(storage.getItem("a")).toBeNull();
  expect(warn).toHaveBeenCalledOnce();
});

it("remembers it also where the storage is full, or emptied by somebody else", () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const kept = new Map<string, string>([["old", "x"]]);
  const full: SmallStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
    removeItem: (key) => void kept.delete(key),
  };
  const storage = new BrowserStorage(() => full);
  storage.setItem("a", "1");
  expect([storage.getItem("a"), storage.getItem("old")]).toEqual(["1", "x"]);
  kept.clear();
  expect([storage.getItem("a"), storage.getItem("old"), storage.keeps()]).toEqual(["1", null, false]);
  expect(new BrowserStorage(() => ({ ...full, setItem: () => undefined })).keeps()).toBe(true);
});
