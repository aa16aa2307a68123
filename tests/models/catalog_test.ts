import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { distance } from "fastest-levenshtein";
import { catalog, type ModelName } from "../../models/catalog.ts";
import { mainOutputShape } from "../../models/describe.ts";
import { describeModel, listModels } from "../../models/registry.ts";
import required from "../fixtures/catalog.json" with { type: "json" };

Deno.test("listModels() gives exactly the names that must exist: no block, and no net twice", () => {
  assertEquals(listModels().toSorted(), Object.keys(required).toSorted() as ModelName[]);
});

for (const [name, expected] of Object.entries(required)) {
  Deno.test(`${name} takes the image of its source and has its classes`, () => {
    const { inputShape, classes } = catalog[name as ModelName];
    assertEquals({ inputShape: [...inputShape], classes }, expected);
    assertEquals(mainOutputShape(describeModel(name as ModelName)), [null, expected.classes]);
  });
}

/** Whether `name` takes images of that size; fails where it refuses for another reason. */
function fits(name: ModelName, height: number, width: number): boolean {
  try {
    describeModel(name, { inputShape: [height, width, 3] });
    return true;
  } catch (error) {
    assert(error instanceof RangeError, String(error));
    const [, axis, minimum, subject, found] =
      /^Expected inputShape\[([01])\] to be at least (\d+) for (\S+) but found (\d+)$/.exec(error.message) ?? [];
    assertEquals({ subject, found: Number(found) }, { subject: name, found: axis === "0" ? height : width });
    assert(Number(minimum) > Number(found), error.message);
    return false;
  }
}

/** The size that `name` says it needs where an axis has one pixel; 1 where it takes that. */
function namedMinimum(name: ModelName, axis: 0 | 1): number {
  const inputShape: [number, number, number] = axis === 0 ? [1, 512, 3] : [512, 1, 3];
  try {
    describeModel(name, { inputShape });
    return 1;
  } catch (error) {
    return Number(/at least (\d+) for/.exec(String(error))?.[1]);
  }
}

const minima = new Map<ModelName, number>();

/** The least height of `name`, as it says itself. */
function minimum(name: ModelName): number {
  const known = minima.get(name) ?? namedMinimum(name, 0);
  minima.set(name, known);
  return known;
}

for (const name of listModels()) {
  Deno.test(`${name} names the least height and width, takes them, and refuses one pixel less`, () => {
    const least = minimum(name);
    assert(least >= 1 && least <= 100, `${least} pixels`);
    // The images of all of them are square, and so are their windows.
    assertEquals(namedMinimum(name, 1), least);
    assert(fits(name, least, least));
    if (least > 1) assertEquals([fits(name, least - 1, least), fits(name, least, least - 1)], [false, false]);
  });
}

Deno.test("a network takes every size from its least on, and none below", () => {
  const sizes = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(fc.constantFrom(...listModels()), sizes, sizes, (name, height, width) => {
      assertEquals(fits(name, height, width), Math.min(height, width) >= minimum(name));
    }),
    { numRuns: 150 },
  );
});

Deno.test("every network refuses 0 classes, and takes one", () => {
  for (const name of listModels()) {
    assertThrows(
      () => describeModel(name, { classes: 0 }),
      RangeError,
      "Expected classes of describeModel() to be greater than 0 but found 0",
    );
    assertEquals(mainOutputShape(describeModel(name, { classes: 1 })), [null, 1]);
  }
});

Deno.test("a name with a typing error is answered with a name as near as the one that was meant", () => {
  const typo = fc.tuple(fc.constantFrom(...listModels()), fc.nat(), fc.constantFrom("", "x", "-", "7"));
  fc.assert(
    fc.property(typo, ([meant, at, letter]) => {
      const i = at % meant.length;
      const typed = `${meant.slice(0, i)}${letter}${meant.slice(i + 1)}`;
      fc.pre(!Object.hasOwn(catalog, typed));
      const { message } = assertThrows(() => describeModel(typed as ModelName), RangeError);
      const answer = /^Expected name to be a model of listModels\(\) but found ".*": is it "(.+)"$/.exec(message)?.[1];
      assert(answer !== undefined && Object.hasOwn(catalog, answer), message);
      assertEquals(distance(typed, answer), distance(typed, meant));
    }),
  );
});
