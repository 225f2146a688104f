import { describe, expect, it } from "vitest";
import { linkOf, tokenBody, type TokenForm } from "../../src/core/giving";

const FORM: TokenForm = { role: "invigilator", user: " ida ", name: "", branches: "", tests: "", groups: "", hours: 2 };

describe("the token that is asked for", () => {
  it("is limited where ids are named", () => {
    expect(tokenBody({ ...FORM, branches: "north, south,", groups: "room 1" })).toEqual({
      role: "invigilator",
      user_id: "ida",
      name: null,
      branches: ["north", "south"],
      tests: null,
      groups: ["room 1"],
      lifetime_ms: 7_200_000,
    });
  });

  it.each([{ role: "" }, { user: " " }, { hours: 0 }, { hours: Number.NaN }])("is none with %o", (missing) => {
    expect(tokenBody({ ...FORM, ...missing })).toBeNull();
  });

  it("has no groups for a candidate", () => {
    expect(tokenBody({ ...FORM, role: "candidate", groups: "left over" })?.groups).toBeNull();
  });
});

describe("its link", () => {
  it("opens the monitor, at the one test that it is for", () => {
    expect(linkOf({ token: "a.b", role: "marker", tests: ["maths 1"] }, "https://x")).toBe("https://x/monitor#test=maths+1&token=a.b");
    expect(linkOf({ token: "a.b", role: "marker", tests: ["one", "two"] }, "https://x")).toBe("https://x/monitor#token=a.b");
  });

  it("opens the candidate's page", () => {
    expect(linkOf({ token: "a.b", role: "candidate", tests: ["t"] }, "https://x")).toBe("https://x/sit#test=t&token=a.b");
  });
});
