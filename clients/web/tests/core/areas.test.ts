import { describe, expect, it } from "vitest";
import { besides, boxOf, middleOf, moved, stepOf, unitAt } from "../../src/core/areas";
import type { Picture } from "../../src/generated/rest";

const picture: Picture = { src: "media:0", width: 400, height: 200 };

describe("the box around an area", () => {
  it("is told in shares of the picture's sides, with what of it is inside", () => {
    expect(boxOf({ shape: "rect", coords: [40, 20, 140, 120] }, picture)).toEqual({ left: "10%", top: "10%", width: "25%", height: "50%", clip: "none" });
    const round = "ellipse(50% 50% at 50% 50%)";
    expect(boxOf({ shape: "circle", coords: [100, 100, 40] }, picture)).toEqual({ left: "15%", top: "30%", width: "20%", height: "40%", clip: round });
    expect(boxOf({ shape: "ellipse", coords: [100, 100, 40, 20] }, picture)).toMatchObject({ top: "40%", height: "20%", clip: round });
    expect(boxOf({ shape: "poly", coords: [0, 0, 100, 0, 50, 60] }, picture)).toEqual({
      left: "0%",
      top: "0%",
      width: "25%",
      height: "30%",
      clip: "polygon(evenodd, 0% 0%, 100% 0%, 50% 100%)",
    });
  });

  it("has a middle", () => {
    expect(middleOf({ shape: "rect", coords: [40, 20, 140, 120] })).toEqual([90, 70]);
    expect(middleOf({ shape: "circle", coords: [100, 90, 40] })).toEqual([100, 90]);
    expect(middleOf({ shape: "poly", coords: [0, 0, 100, 0, 50, 60] })).toEqual([50, 30]);
  });
});

describe("a point", () => {
  it("is whole, and on the picture", () => {
    expect(unitAt(picture, 0.501, 0.25)).toEqual(["200", "50"]);
    expect(unitAt(picture, -0.1, 1.2)).toEqual(["0", "200"]);
    expect(moved(picture, ["398", "3"], 4, -4)).toEqual(["400", "0"]);
    expect(stepOf(picture)).toBe(4);
    expect(stepOf({ ...picture, width: 20, height: 10 })).toBe(1);
  });

  it("is not where another one is", () => {
    expect(besides(picture, ["5", "5"], [["4", "5"]])).toEqual(["5", "5"]);
    expect(besides(picture, ["5", "5"], [["5", "5"], ["6", "5"]])).toEqual(["4", "5"]);
    expect(besides(picture, ["400", "5"], [["400", "5"]])).toEqual(["399", "5"]);
  });
});
