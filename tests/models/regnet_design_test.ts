import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { anyNet } from "../../models/anynet.ts";
import { type AnyNetSpace, sampleAnyNet, sampleRegNet } from "../../models/anynet_sampler.ts";
import { describe } from "../../models/describe.ts";
import { regNet } from "../../models/regnet.ts";
import { type RegNetFormula, regNetStages } from "../../models/regnet_design.ts";
import { REGNETS } from "../../models/regnet_variants.ts";
import fixture from "../fixtures/regnet_stages.json" with { type: "json" };

const NAMED = 25;

for (const definition of ["torchvision", "timm"] as const) {
  Deno.test(`regNetStages() gives the stages of ${definition}'s own code, for named networks and random ones`, () => {
    assert(fixture.length >= NAMED + 300);
    for (const { torchvision, timm, ...formula } of fixture) {
      const expected = { torchvision, timm }[definition];
      // Neither source refuses a stage that is too narrow.
      if (expected.some(([, width = 0]) => width < 8)) {
        assertThrows(() => regNetStages({ ...formula, definition }), RangeError, "widths of at least 8");
        continue;
      }
      const found = regNetStages({ ...formula, definition });
      assertEquals(found.map(({ depth, width, groupWidth }) => [depth, width, groupWidth]), expected);
      assertEquals(found.every(({ bottleneckRatio }) => bottleneckRatio === formula.bottleneckRatio), true);
    }
  });
}

Deno.test("every named network's parameters are among those that the sources were asked about", () => {
  const known = new Set(
    fixture.slice(0, NAMED).map(({ depth, w0, wa, wm, groupWidth }) => `${[depth, w0, wa, wm, groupWidth]}`),
  );
  for (const { depth, w0, wa, wm, groupWidth } of Object.values(REGNETS)) {
    assert(known.has(`${[depth, w0, wa, wm, groupWidth]}`));
  }
});

Deno.test("torchvision and timm differ by one group in the last stage of RegNetX-400MF", () => {
  const last = (definition: "torchvision" | "timm") =>
    regNetStages({ depth: 22, w0: 24, wa: 24.48, wm: 2.54, groupWidth: 16, definition }).at(-1)?.width;
  // 392 channels: 24.5 groups of 16. Python rounds to the even 24, make_divisible up to 25.
  assertEquals([last("timm"), last("torchvision")], [24 * 16, 25 * 16]);
});

const anyFormula = fc.record({
  depth: fc.integer({ min: 1, max: 64 }),
  w0: fc.integer({ min: 1, max: 32 }).map((n) => 8 * n),
  wa: fc.double({ min: 0, max: 256, noNaN: true }),
  wm: fc.double({ min: 1.1, max: 3, noNaN: true }),
  groupWidth: fc.constantFrom(1, 2, 4, 8, 16, 24, 32),
  definition: fc.constantFrom("torchvision" as const, "timm" as const),
});

Deno.test("the stages of a RegNet have all its blocks, widths that grow, and groups that divide them", () => {
  fc.assert(fc.property(anyFormula, (formula) => {
    const stages = regNetStages(formula);
    assertEquals(stages.reduce((sum, { depth }) => sum + depth, 0), formula.depth);
    stages.forEach(({ width, groupWidth }, i) => {
      assert(width >= (stages[i - 1]?.width ?? 8));
      assertEquals(width % groupWidth, 0);
      assert(groupWidth <= formula.groupWidth);
    });
  }));
});

Deno.test("a RegNet whose width does not grow has one stage", () => {
  assertEquals(regNetStages({ depth: 7, w0: 48, wa: 0, wm: 2, groupWidth: 8 }), [
    { depth: 7, width: 48, groupWidth: 8, bottleneckRatio: 1 },
  ]);
});

Deno.test("regNet() is anyNet() of its formula's stages", () => {
  const formula: RegNetFormula = { depth: 8, w0: 16, wa: 12, wm: 2, groupWidth: 8 };
  const input = { inputShape: [64, 64, 3] };
  assertEquals(
    describe(regNet({ ...formula, classes: 10 }), input),
    describe(anyNet({ definition: "torchvision", stages: regNetStages(formula) }), input),
  );
});

Deno.test("regNetStages() throws where a parameter is wrong", () => {
  const formula: RegNetFormula = { depth: 13, w0: 24, wa: 36.44, wm: 2.49, groupWidth: 8 };
  const cases: [change: Partial<RegNetFormula>, message: string][] = [
    [{ depth: 0 }, "Expected depth of regNetStages() to be greater than 0 but found 0"],
    [{ w0: 0 }, "Expected w0 of regNetStages() to be at least 8 but found 0"],
    [{ w0: 20 }, "Expected w0 of regNetStages() to be valid (Invalid number: must be a multiple of 8) but found 20"],
    [{ wa: -0.1 }, "Expected wa of regNetStages() to be at least 0 but found -0.1"],
    [{ wm: 1 }, "Expected wm of regNetStages() to be greater than 1 but found 1"],
    [{ groupWidth: 0 }, "Expected groupWidth of regNetStages() to be greater than 0 but found 0"],
    [{ bottleneckRatio: 0.01 }, "Expected the formula of regNetStages() to give widths of at least 8 but found 0"],
  ];
  for (const [change, message] of cases) {
    assertThrows(() => regNetStages({ ...formula, ...change }), RangeError, message);
  }
});

const ordered = (values: number[]) => values.every((value, i) => value >= (values[i - 1] ?? 0));
const alike = (values: number[]) => new Set(values).size === 1;

/** What the paper says of each space: everything that it says of the ones before it too. */
const CONSTRAINTS: Record<AnyNetSpace, (stages: ReturnType<typeof sampleAnyNet>) => boolean> = {
  A: (stages) =>
    stages.length === 4 &&
    stages.every(({ depth, width, groupWidth, bottleneckRatio }) =>
      depth >= 1 && depth <= 16 && width >= 8 && width <= 1024 && width % 8 === 0 &&
      [1, 2, 4, 8, 16, 32].includes(groupWidth) && [1, 1 / 2, 1 / 4].includes(bottleneckRatio) &&
      (width * bottleneckRatio) % groupWidth === 0
    ),
  B: (stages) => CONSTRAINTS.A(stages) && alike(stages.map(({ bottleneckRatio }) => bottleneckRatio)),
  C: (stages) => CONSTRAINTS.B(stages) && alike(stages.map(({ groupWidth }) => groupWidth)),
  D: (stages) => CONSTRAINTS.C(stages) && ordered(stages.map(({ width }) => width)),
  E: (stages) => CONSTRAINTS.D(stages) && ordered(stages.map(({ depth }) => depth)),
};

const spaces = ["A", "B", "C", "D", "E"] as const;

for (const [i, space] of spaces.entries()) {
  Deno.test(`every network out of AnyNetX_${space} keeps to its rules, and not all to those of the next`, () => {
    fc.assert(fc.property(fc.integer(), (seed) => CONSTRAINTS[space](sampleAnyNet({ space, seed }))));
    const next = spaces[i + 1];
    if (next === undefined) return;
    const samples = Array.from({ length: 100 }, (_, seed) => sampleAnyNet({ space, seed }));
    assert(samples.some((stages) => !CONSTRAINTS[next](stages)));
  });
}

Deno.test("one seed, one network; other seeds, others", () => {
  fc.assert(fc.property(fc.integer(), fc.constantFrom(...spaces), (seed, space) => {
    assertEquals(sampleAnyNet({ space, seed }), sampleAnyNet({ space, seed }));
  }));
  const drawn = Array.from({ length: 100 }, (_, seed) => JSON.stringify(sampleAnyNet({ space: "E", seed })));
  assertEquals(new Set(drawn).size, 100);
  assertEquals(sampleRegNet({ seed: 3 }), sampleRegNet({ seed: 3 }));
});

Deno.test("depths are drawn log-uniformly, group widths uniformly from their list", () => {
  const samples = Array.from({ length: 2000 }, (_, seed) => sampleAnyNet({ seed }));
  const harmonic = Array.from({ length: 16 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b);
  const within = (count: number, probability: number) => {
    // Five standard deviations of a binomial.
    const [mean, deviation] = [2000 * probability, Math.sqrt(2000 * probability * (1 - probability))];
    assertAlmostEquals(count, mean, 5 * deviation);
  };
  for (const stage of [0, 3]) {
    for (const depth of [1, 2, 16]) {
      within(samples.filter((stages) => stages[stage]?.depth === depth).length, 1 / depth / harmonic);
    }
    for (const groupWidth of [1, 8, 32]) {
      within(samples.filter((stages) => stages[stage]?.groupWidth === groupWidth).length, 1 / 6);
    }
  }
});

Deno.test("a network out of a design space can be described in every definition", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.constantFrom("d2l" as const, "torchvision" as const, "timm" as const),
      (seed, definition) => {
        const stages = sampleAnyNet({ space: "E", seed, maxDepth: 4 });
        const { outputShape, layers } = describe(anyNet({ definition, stages }), { inputShape: [64, 64, 3] });
        assertEquals(outputShape, [null, 10]);
        const blocks = stages.reduce((sum, { depth }) => sum + depth, 0);
        assertEquals(layers.filter(({ type }) => type === "Add").length, blocks);
      },
    ),
    { numRuns: 30 },
  );
});

Deno.test("a RegNet that is drawn has its stages and keeps within the limits", () => {
  fc.assert(fc.property(fc.integer(), fc.constantFrom("torchvision" as const, "timm" as const), (seed, definition) => {
    const formula = sampleRegNet({ seed, definition });
    assert(formula.depth <= 64 && formula.w0 >= 8 && formula.w0 <= 256 && formula.wa >= 8 && formula.wa <= 256);
    assert(formula.wm >= 1.5 && formula.wm < 3);
    assertEquals(formula.definition, definition);
    const stages = regNetStages(formula);
    assertEquals(stages.length, 4);
    assert(ordered(stages.map(({ width }) => width)));
  }));
  assertEquals(regNetStages(sampleRegNet({ stages: 3, maxDepth: 12, maxWidth: 64 })).length, 3);
});

Deno.test("the samplers throw where options are wrong or leave nothing", () => {
  const cases: [draw: () => unknown, message: string][] = [
    [() => sampleAnyNet({ stages: 0 }), "Expected stages of sampleAnyNet() to be greater than 0 but found 0"],
    [() => sampleAnyNet({ stages: 7 }), "Expected stages of sampleAnyNet() to be at most 6 but found 7"],
    [
      () => sampleAnyNet({ space: "F" as "E" }),
      'Expected space of sampleAnyNet() to be one of "A", "B", "C", "D", "E" but found "F"',
    ],
    [
      () => sampleAnyNet({ maxWidth: 16, groupWidths: [32], bottleneckRatios: [1] }),
      "Expected maxWidth of sampleAnyNet() to leave a width for groups of 32 at bottleneck ratio 1 but found 16",
    ],
    [
      () => sampleRegNet({ maxDepth: 2 }),
      "Expected maxDepth and maxWidth of sampleRegNet() to leave 4 stages but found 2 and 256",
    ],
  ];
  for (const [draw, message] of cases) assertThrows(draw, RangeError, message);
  assertThrows(() => sampleAnyNet({ depth: 3 } as object), TypeError, "known");
});
