import { describe, expect, it } from "vitest";
import { toolsIn, toolsOf } from "../../src/core/tools";
import type { Paper, PaperQuestion, PaperSection } from "../../src/generated/rest";

const asked = (tools?: string[] | null): PaperQuestion => ({ tools }) as PaperQuestion;
const part = (tools?: string[] | null): PaperSection => ({ tools }) as PaperSection;
const paper = (tools: string[] | undefined, sections: PaperSection[], questions: PaperQuestion[]): Paper => ({ tools, sections, questions }) as Paper;

describe("the tools beside a question", () => {
  it.each([
    [["notes"], undefined, undefined, ["notes"]],
    [["notes"], ["calculator"], null, ["calculator"]],
    [["notes"], ["calculator"], [], []],
    [["notes"], [], ["highlighter"], ["highlighter"]],
    [undefined, null, undefined, []],
  ])("of a test with %j, a section with %j and a question with %j", (test, section, question, found) => {
    expect(toolsOf(paper(test, [], []), part(section), asked(question))).toEqual(found);
  });

  it("may be those of any section and question of the paper", () => {
    const all = toolsIn(paper(["notes"], [part(["calculator"]), part()], [asked(["notes", "strike_out"]), asked([])]));
    expect([...all]).toEqual(["notes", "calculator", "strike_out"]);
  });
});
