import { describe, expect, it } from "vitest";
import { showsNothing } from "../../src/core/texts";

describe("what people write to people", () => {
  it.each(["", " \n\t", "\0", "\x07\x1b\x7f", "\x85\u2028\u2029", "\u200b\u200d\ufeff", "\u00ad\u061c\u180e", "\u115f\u3164\uffa0", "\u2800", "\u202e\u2066", "\ufe0f", "\ufff9", "\u{e0041}", "\u3000\u00a0"])(
    "%j shows nothing, and a letter among it something",
    (text) => {
      expect(showsNothing(text)).toBe(true);
      expect(showsNothing(`${text}!${text}`)).toBe(false);
    },
  );

  it.each(["a", "…", "é", "👩‍🚀", "می‌شود", "\u0301", "−"])("%j is something", (text) => {
    expect(showsNothing(text)).toBe(false);
  });
});
