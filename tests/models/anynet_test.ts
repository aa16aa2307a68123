import { assertEquals, assertThrows } from "@std/assert";
import { anyNet, anyNetEntries } from "../../models/anynet.ts";
import type { AnyNetConfig } from "../../models/anynet_config.ts";
import { describe } from "../../models/describe.ts";
import { describeModel } from "../../models/registry.ts";
import counts from "../fixtures/counts/anynet.json" with { type: "json" };
import { GOLDENS } from "./full/regnet.ts";
import { testGolden } from "./golden_case.ts";
import { compareCounts } from "./torch_counts.ts";

compareCounts(counts);

testGolden("d2l_regnet_tiny", GOLDENS.d2l_regnet_tiny);
testGolden("d2l_regnetx32", GOLDENS.d2l_regnetx32, ["wasm"]);

Deno.test("the catalog's AnyNet has the book's name and size", () => {
  assertEquals(Object.keys(anyNetEntries), Object.keys(counts));
  const { inputShape, classes } = anyNetEntries["d2l/regnetx32"];
  assertEquals({ inputShape, classes }, { inputShape: [96, 96, 1], classes: 10 });
});

Deno.test("the stages of the book's RegNetX-32 are those that it prints", () => {
  // d2l 8.8.3, layer_summary((1, 1, 96, 96)).
  const { layers } = describeModel("d2l/regnetx32");
  const shapeOf = (path: string) => layers.findLast(({ name }) => name.startsWith(`net.${path}.`))?.outputShape;
  assertEquals(["0", "stage1", "stage2", "head"].map(shapeOf), [
    [null, 48, 48, 32],
    [null, 24, 24, 32],
    [null, 12, 12, 80],
    [null, 10],
  ]);
});

Deno.test("a stage's first block halves the map and has a projection, the others neither", () => {
  const stages = [{ depth: 3, width: 16, groupWidth: 4 }];
  const paths = { d2l: "net.stage1.0.conv4", torchvision: "trunk_output.block1.block1-0.proj.0" } as const;
  for (const definition of ["d2l", "torchvision"] as const) {
    const { layers } = describe(anyNet({ definition, stages, stem: 16 }), { inputShape: [32, 32, 3] });
    const projections = layers.filter(({ name }) => /conv4$|proj\.0$/.test(name)).map(({ name }) => name);
    assertEquals(projections, [paths[definition]]);
    assertEquals(layers.filter(({ type }) => type === "Add").map(({ outputShape }) => outputShape), [
      [null, 8, 8, 16],
      [null, 8, 8, 16],
      [null, 8, 8, 16],
    ]);
  }
});

Deno.test("an SE block's squeeze is a share of what its block gets", () => {
  const stages = [{ depth: 2, width: 40, groupWidth: 8, bottleneckRatio: 0.4 }];
  const { layers } = describe(anyNet({ definition: "torchvision", stages, stem: 24, seRatio: 0.25 }), {
    inputShape: [32, 32, 3],
  });
  // 0.25 · 24 and 0.25 · 40 channels, of the 0.4 · 40 of the bottleneck.
  assertEquals(
    layers.filter(({ name }) => name.endsWith("se.fc1")).map(({ weights }) => weights[0]?.shape),
    [[6, 16, 1, 1], [10, 16, 1, 1]],
  );
});

Deno.test("anyNet() throws where options do not fit", () => {
  const stage = { depth: 1, width: 24, groupWidth: 8 };
  const cases: [config: AnyNetConfig, message: string][] = [
    [{ classes: 0 }, "Expected classes of anyNet() to be greater than 0 but found 0"],
    [{ stages: [] }, "Expected stages of anyNet() to have at least 1 entries but found []"],
    [{ stages: [{ ...stage, depth: 0 }] }, "Expected stages[0].depth of anyNet() to be greater than 0 but found 0"],
    [
      { stages: [stage, { ...stage, groupWidth: 16 }] },
      "Expected stages[1].groupWidth of anyNet() to divide the bottleneck's 24 channels but found 16",
    ],
    [
      { stages: [{ ...stage, bottleneckRatio: 0.5 }] },
      "Expected stages[0].groupWidth of anyNet() to divide the bottleneck's 12 channels but found 8",
    ],
    [{ definition: "timm", stages: [stage] }, "Expected four stages in timm's definition of anyNet() but found 1"],
    [{ seRatio: 0.25 }, "Expected seRatio 0 in d2l's definition of anyNet() but found 0.25"],
    [
      { definition: "torchvision", stages: [stage], dropout: 0.1 },
      "Expected dropout 0 in torchvision's definition of anyNet() but found 0.1",
    ],
    [
      { definition: "torchvision", stages: [stage], stem: 8, seRatio: 0.05 },
      "Expected seRatio of anyNet() to leave a squeeze of at least 1 of 8 channels but found 0.05",
    ],
  ];
  for (const [config, message] of cases) assertThrows(() => anyNet(config), RangeError, message);
  assertThrows(() => anyNet({ depth: 3 } as AnyNetConfig), TypeError, 'to be known but found "depth"');
});
