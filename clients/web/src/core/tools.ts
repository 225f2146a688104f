/** Which tools a candidate has beside a question: the question's own, those of its section, or the test's. */

import type { Paper, PaperQuestion, PaperSection } from "../generated/rest";

export function toolsOf(paper: Paper, section: PaperSection | undefined, question: PaperQuestion | undefined): readonly string[] {
  return question?.tools ?? section?.tools ?? paper.tools ?? [];
}

/** All that may be offered somewhere in the paper. Of a section that is not open the questions are not known. */
export function toolsIn(paper: Paper): ReadonlySet<string> {
  const lists = [paper.tools, ...paper.sections.map(({ tools }) => tools), ...paper.questions.map(({ tools }) => tools)];
  return new Set(lists.flatMap((names) => names ?? []));
}
