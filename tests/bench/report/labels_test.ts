import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Box, type Mark, placeLabels, type Side } from "../../../bench/report/labels.ts";

const WITHIN: Box = { left: 0, top: 0, right: 860, bottom: 400 };
const mark = (x: number, y: number, text = "d2l/lenet"): Mark => ({ x, y, text });

Deno.test("a name stands to the right of its point, and elsewhere where that is taken", () => {
  assertEquals(placeLabels([mark(100, 100)], { within: WITHIN }), ["right"]);
  assertEquals(placeLabels([mark(100, 100), mark(120, 100)], { within: WITHIN }), ["left", "right"]);
  assertEquals(placeLabels([mark(850, 100)], { within: WITHIN }), ["left"]);
  assertEquals(placeLabels([mark(100, 100), mark(120, 100), mark(80, 100)], { within: WITHIN })[0], "top");
  const wall = { left: 90, right: 90, top: 0, bottom: 400 };
  assertEquals(placeLabels([mark(70, 100, "wide")], { within: WITHIN, taken: [wall] }), ["left"]);
});

Deno.test("a name for which there is no room is left out, and the first of a list comes first", () => {
  const crowd = Array.from({ length: 50 }, (_, i) => mark(100 + i, 100, `network ${i}`));
  const sides = placeLabels(crowd, { within: WITHIN });
  assert(sides[0] !== undefined);
  assert(sides.filter((side) => side === undefined).length > 40);
  assertEquals(placeLabels([mark(430, 200, "x".repeat(200))], { within: WITHIN }), [undefined]);
});

/** The place that a name takes, of the same sizes as the code's. */
function boxOf({ x, y, text }: Mark, side: Side): Box {
  const width = 6.3 * text.length;
  const left = { right: x + 8, left: x - 8 - width, top: x - width / 2, bottom: x - width / 2 }[side];
  const top = { right: y - 6.5, left: y - 6.5, top: y - 21, bottom: y + 8 }[side];
  return { left, right: left + width, top, bottom: top + 13 };
}

Deno.test("no name covers another, nor a point, nor leaves the picture", () => {
  const marks = fc.array(
    fc.record({
      x: fc.integer({ min: 0, max: 860 }),
      y: fc.integer({ min: 0, max: 400 }),
      text: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 30 }),
    }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(fc.property(marks, (marks) => {
    const sides = placeLabels(marks, { within: WITHIN });
    const boxes = marks.flatMap((mark, i) => sides[i] === undefined ? [] : [boxOf(mark, sides[i])]);
    const apart = (a: Box, b: Box) => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
    for (const [i, box] of boxes.entries()) {
      assert(box.left >= 0 && box.right <= 860 && box.top >= 0 && box.bottom <= 400);
      for (const other of boxes.slice(i + 1)) assert(apart(box, other));
      for (const { x, y } of marks) assert(apart(box, { left: x, right: x, top: y, bottom: y }));
    }
  }));
});
