import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compoundScaling } from "../../models/compound_scaling.ts";
import { describeModel } from "../../models/registry.ts";

Deno.test("compoundScaling() at 0 is the network itself", () => {
  assertEquals(compoundScaling(0), { depth: 1, width: 1, resolution: 1 });
});

Deno.test("compoundScaling() has the paper's bases, whose product α·β²·γ² is about 2", () => {
  const { depth, width, resolution } = compoundScaling(1);
  assertEquals({ depth, width, resolution }, { depth: 1.2, width: 1.1, resolution: 1.15 });
  assertAlmostEquals(depth * width ** 2 * resolution ** 2, 2, 0.1);
});

Deno.test("steps of φ multiply, whatever the bases", () => {
  const phi = fc.double({ min: -4, max: 8, noNaN: true });
  const base = fc.double({ min: 1, max: 1.5, noNaN: true });
  fc.assert(fc.property(phi, phi, base, base, base, (a, b, alpha, beta, gamma) => {
    const bases = { alpha, beta, gamma };
    const [first, second, both] = [a, b, a + b].map((phi) => compoundScaling(phi, bases));
    for (const key of ["depth", "width", "resolution"] as const) {
      const expected = (first?.[key] ?? NaN) * (second?.[key] ?? NaN);
      assertAlmostEquals((both?.[key] ?? NaN) / expected, 1, 1e-9);
    }
  }));
});

Deno.test("each step from B1 on about doubles the multiply-accumulates of the published networks", () => {
  const names = ["b2", "b3", "b4", "b5", "b6", "b7"] as const;
  const macs = names.map((name) => describeModel(`torchvision/efficientnet_${name}`).macs);
  macs.slice(1).forEach((cost, i) => assertAlmostEquals(cost / (macs[i] ?? NaN), 2, 0.5));
});

Deno.test("compoundScaling() throws where a base shrinks the network, or phi is not a number", () => {
  const cases: [scale: () => unknown, message: string][] = [
    [() => compoundScaling(1, { alpha: 0.9 }), "Expected alpha of compoundScaling() to be at least 1 but found 0.9"],
    [() => compoundScaling(NaN), "Expected phi of compoundScaling() to be of type number but found NaN"],
    [() => compoundScaling(Infinity), "Expected phi of compoundScaling() to be of type number but found Infinity"],
  ];
  for (const [scale, message] of cases) assertThrows(scale, RangeError, message);
  assertThrows(() => compoundScaling(1, { delta: 2 } as object), TypeError, "delta");
});
