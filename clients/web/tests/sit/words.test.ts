/** The catalogues: what is in them, and what is made of them. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CLOSES, reconnectRule, REFUSALS } from "../../src/generated/codes";
import { laterWords, refusal } from "../../src/sit/words.svelte";
import { endText, refusedText, speakRefusals, whyFailed } from "../../src/shared/refused.svelte";
import { RestRefused } from "../../src/io/rest";
import { languageOf } from "../../src/core/languages";
import { amongLeftToRight, amongRightToLeft } from "../../src/shared/isolates";
import { code, FILES, LANGUAGES, parts, placeholders, read, types, type Tree } from "../../words";

function messages(tree: Tree, path = ""): [key: string, message: string][] {
  return Object.entries(tree).flatMap(([name, inside]) =>
    typeof inside === "string" ? [[`${path}${name}`, inside] as [string, string]] : messages(inside, `${path}${name}.`),
  );
}

/** Plurals that a message of this language must tell apart. Millions alone are `many` in Spanish and French, and nothing here is counted so far. */
function categories(language: string): string[] {
  const all = new Intl.PluralRules(language).resolvedOptions().pluralCategories as string[];
  return ["es", "fr"].includes(language) ? all.filter((one) => one !== "many") : all;
}

describe.each(LANGUAGES.flatMap((language) => FILES.map((catalogue) => [language, catalogue] as const)))("%s/%s", (language, catalogue) => {
  const english = new Map(messages(read("en", catalogue)));
  const own = messages(read(language, catalogue));

  it("has the keys of the English one, with the same things said in each", () => {
    expect(own.map(([key]) => key)).toEqual([...english.keys()]);
    for (const [key, message] of own) {
      const said = [...placeholders(parts(message, language)).keys()].sort();
      expect([key, said]).toEqual([key, [...placeholders(parts(english.get(key)!, "en")).keys()].sort()]);
    }
  });

  it("has every plural that the language has", () => {
    for (const [key, message] of own) {
      for (const token of parts(message, language)) {
        if (token.type !== "plural") continue;
        const has = token.cases.map(({ key: category }) => category);
        expect([key, categories(language).filter((category) => !has.includes(category))]).toEqual([key, []]);
      }
    }
  });
});

/** Refusals that only staff, and whoever speaks to the server by program, can meet. A code that is not here needs a sentence in every language. */
const NOT_FOR_CANDIDATES: ReadonlySet<string> = new Set(
  `wrong_cursor invalid_id invalid_test link_open not_waiting not_cancelled attempt_open no_hand not_paused not_abandoned questions_differ
  unknown_late late_decided answer_file_known wrong_answer_file changed_meanwhile invalid_idempotency_key idempotency_key_reused idempotency_key_in_use outcome_unknown answer_gone
  under_way reason_required no_deadline would_shorten invalid_override invalid_roster nobody_fits invalid_subscription subscriptions_full
  not_watched not_consented captured_too_soon captured_full events_gone api_keys_full api_key_revoked not_installed wrong_mark marks_final claimed command_reused acted_meanwhile too_late upgrade_under_way`.split(/\s+/),
);
/** Closes after which the page does not come back by itself; of a connection that is no longer needed nobody is told. */
const FINAL_CLOSES = Object.keys(CLOSES).filter((code) => code !== "1000" && reconnectRule(Number(code)) !== "backoff");

describe.each(LANGUAGES)("refusals in %s", (language) => {
  it("have a sentence for each code that a candidate can meet", () => {
    const met = Object.keys(REFUSALS).filter((code) => !NOT_FOR_CANDIDATES.has(code));
    const said = read(language, "refusals");
    expect(Object.keys(said).sort()).toEqual([...met, ...FINAL_CLOSES].sort());
    for (const sentence of Object.values(said)) expect(parts(sentence as string, language)).toEqual([{ type: "content", value: sentence, ctx: expect.anything() }]);
  });

  it("speak of no messages, fields or tokens", () => {
    expect(Object.values(read(language, "refusals")).filter((sentence) => /token|\bfield|\bid\b/i.test(sentence as string))).toEqual([]);
  });
});

/** Refusals that staff can't meet on their pages: of candidates' operations, of starts, and of calls that the pages don't make. */
const NOT_FOR_STAFF: ReadonlySet<string> = new Set(
  `trailing_bytes too_deep unknown_message not_expected form_choice not_active not_enrolled attempt_delay not_open_yet waiting wrong_address safe_exam_browser
  code_required wrong_code link_used not_watched consent_required consent_not_asked not_consented captured_too_soon captured_full under_way collected too_early invalid_subscription subscriptions_full events_gone api_keys_full api_key_revoked
  unknown_section section_closed section_order section_not_open question_closed gaps wrong_answer_type unknown_option unknown_part too_many_choices answer_too_long
  wrong_markup number_reused number_skipped invalid_idempotency_key idempotency_key_reused idempotency_key_in_use outcome_unknown answer_gone connection_exists
  superseded`.split(/\s+/),
);

describe("refusals that staff read", () => {
  const met = Object.entries(REFUSALS).filter(([code]) => !NOT_FOR_STAFF.has(code));

  it("are in English the server's own, for each code that staff can meet", () => {
    expect(read("en", "refused")).toEqual(Object.fromEntries(met.map(([code, rule]) => [code, "for_staff" in rule ? rule.for_staff : rule.sentence])));
  });

  it("are said in the language of the page, with what the server says more exactly behind them", async () => {
    await speakRefusals("de");
    expect(refusedText("paused", "This attempt is paused already.")).toBe("Dieser Versuch steht schon.");
    expect(refusedText("claimed", "Hana has this answer in hand until 14:05.")).toBe("Diese Antwort hat gerade jemand anderes in Arbeit. \u2066Hana has this answer in hand until 14:05.\u2069");
    expect(refusedText("of_tomorrow", "A newer server says so.")).toBe("A newer server says so.");
    expect(endText({ code: 4501, detail: "The token's role may not use this socket." })).toBe("Ihre Rolle erlaubt das nicht.");
    expect(endText({ code: 4999, detail: "Something else." })).toBe("Something else.");
    expect(whyFailed(new Error("no network"), "away")).toBe("away");
    const problem = { type: "t", title: "t", status: 403, code: "forbidden", retry: "never", detail: "This link or token is for another role, which does not allow this." } as const;
    expect(whyFailed(new RestRefused(problem), "away")).toBe("Ihre Rolle erlaubt das nicht.");
    await speakRefusals("en");
    expect(refusedText("paused", "This attempt is paused already.")).toBe("This attempt is paused already.");
    expect(endText({ code: 4501, detail: "The token's role may not use this socket." })).toBe("The token's role may not use this socket.");
  });
});

it("says in English what only programs understand in its own words, and all else as the server does", async () => {
  await laterWords();
  expect(refusal("wrong_type", "A field of this message has the wrong type.")).toContain("did not understand each other");
  expect(refusal("too_early", "You can hand in in 3 minutes.")).toBe("You can hand in in 3 minutes.");
  expect(refusal("not_released", "The result is shown when the test has closed for everybody.")).toContain("has closed for everybody");
  expect(refusal("4504", "")).toContain("did not understand each other");
});

it("has types that are those of the English catalogue", () => {
  const written = readFileSync(fileURLToPath(new URL("../../src/generated/words.ts", import.meta.url)), "utf8");
  expect(written).toBe(types());
});

it("becomes texts, and functions of what is said", () => {
  const made = code({ a: "It can't be", b: { c: "{n, plural, one {{n} of {name}} other {all}}" } }, "en");
  expect(made).toContain('{ a: "It can\'t be", b: { c: (d) => plural(d.n, 0, cardinal, { "one": said(d.n) + " of " + said(d.name), "other": "all" }) } }');
  expect(() => code({ a: "{n, plural, few {x} other {y}}" }, "en")).toThrow();
  expect(() => code({ a: "{n, date}" }, "en")).toThrow();
});

it("keeps apart what runs the other way than the sentence", () => {
  expect([amongLeftToRight("Anna"), amongLeftToRight("ليلى"), amongLeftToRight(3)]).toEqual(["Anna", "\u2068ليلى\u2069", 3]);
  expect([amongRightToLeft("Anna"), amongRightToLeft(""), amongRightToLeft(3)]).toEqual(["\u2068Anna\u2069", "", 3]);
});

it("is spoken in the first language that the browser asks for and the page has", () => {
  expect([languageOf(["pt-BR", "en-US"]), languageOf(["EN"]), languageOf(["pt"]), languageOf([])]).toEqual(["en", "en", "en", "en"]);
});
