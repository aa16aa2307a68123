import { assert, assertEquals } from "@std/assert";
import { auxiliary, type Block, named, sequential } from "../../../models/block.ts";
import { describe, type ModelDescription } from "../../../models/describe.ts";
import { defaultDepth, type DiagramGraph, diagramGraph } from "../../../models/diagram/graph.ts";
import * as nn from "../../../models/nn.ts";
import { describeModel, listModels } from "../../../models/registry.ts";

const cut = (path: string, depth: number): string => path.split(".").slice(0, depth).join(".");

/** The edges of a graph by what its boxes are called; ends have names of their own. */
function namedEdges({ boxes, edges }: DiagramGraph): Set<string> {
  const name = (i: number) => boxes[i]?.kind === "output" ? `output ${i}` : boxes[i]?.path;
  return new Set(edges.map(([from, to]) => `${name(from)} → ${name(to)}`));
}

/** The edges that a description has between what `depth` names tell apart. */
function expectedEdges({ layers, outputs }: ModelDescription, depth: number): Set<string> {
  const members = Map.groupBy(layers, ({ name }) => cut(name, depth));
  const name = (layer: string) => members.get(cut(layer, depth))?.length === 1 ? layer : cut(layer, depth);
  const edges = layers.flatMap(({ name: to, inputs }) => inputs.map((from) => [name(from), name(to)]));
  const ends = outputs.map((from, i) => [name(from), `output ${members.size + 1 + i}`]);
  return new Set([...edges, ...ends].filter(([from, to]) => from !== to).map(([from, to]) => `${from} → ${to}`));
}

for (const name of ["d2l/lenet", "d2l/resnet18", "torchvision/googlenet_aux", "torchvision/resnet50"] as const) {
  Deno.test(`a graph of ${name} has every layer once, and the description's edges, at every depth`, () => {
    const description = describeModel(name);
    const whole = diagramGraph(description, Infinity);
    assertEquals(
      whole.boxes.filter(({ kind }) => kind === "layer").map(({ path }) => path),
      description.layers.map(({ name }) => name),
    );
    for (const depth of [1, 2, 3, 4, Infinity]) {
      const graph = diagramGraph(description, depth);
      assertEquals(namedEdges(graph), expectedEdges(description, depth));
      assertEquals(graph.edges.length, namedEdges(graph).size);
      const paths = graph.boxes.map(({ path }) => path).filter((path) => path !== "");
      assertEquals(new Set(paths).size, paths.length);
      const holders = description.layers.map((layer) =>
        paths.filter((path) => layer.name === path || layer.name.startsWith(`${path}.`)).length
      );
      assertEquals(holders.every((count) => count === 1), true);
    }
  });

  Deno.test(`boxes of ${name} add up to its parameters and layers at every depth`, () => {
    const description = describeModel(name);
    for (const depth of [1, 2, 3, Infinity]) {
      const { boxes } = diagramGraph(description, depth);
      const sum = (unit: string) =>
        boxes.flatMap(({ lines }) => lines.filter((line) => line.endsWith(` ${unit}`)))
          .reduce((sum, line) => sum + Number(line.replace(` ${unit}`, "").replaceAll(",", "")), 0);
      assertEquals(sum("params"), description.params);
      const single = boxes.filter(({ kind }) => kind === "layer").length;
      assertEquals(single + sum("layers"), description.layers.length);
    }
  });
}

/** A stem, a residual block, and a head beside the network. */
const block: Block = named({
  stem: sequential(nn.conv2d(4, 3, { padding: 1 }), nn.relu()),
  body: (x, path) =>
    nn.add(`${path}.add`, x, named({ conv: nn.conv2d(4, 1), bn: nn.batchNorm() })(x, `${path}.branch`)),
  aux: auxiliary(sequential(nn.flatten(), nn.linear(5))),
  pool: nn.adaptiveAvgPool2d(),
  flatten: nn.flatten(),
  fc: nn.linear(3),
});
const description = describe(block, { inputShape: [8, 8, 1] });

Deno.test("a box tells name, class, shape and parameters, a module how many layers it has", () => {
  const { boxes, groups, edges } = diagramGraph(description, 1);
  assertEquals(boxes.map(({ kind, path, lines }) => [kind, path, ...lines]), [
    ["input", "", "input", "8×8×1"],
    ["module", "stem", "stem", "2 layers", "8×8×4", "40 params"],
    ["module", "body", "body", "3 layers", "8×8×4", "28 params"],
    ["module", "aux", "aux", "2 layers", "5", "1,285 params"],
    ["layer", "pool", "pool · AdaptiveAvgPool2d", "1×1×4"],
    ["layer", "flatten", "flatten · Flatten", "4"],
    ["layer", "fc", "fc · Linear", "3", "15 params"],
    ["output", "", "output", "3"],
    ["output", "", "output 2", "5"],
  ]);
  assertEquals(groups, []);
  assertEquals(edges.map(([from, to]) => `${from} ${to}`).sort(), [
    "0 1",
    "1 2",
    "2 3",
    "2 4",
    "3 8",
    "4 5",
    "5 6",
    "6 7",
  ]);
});

Deno.test("modules of several boxes are groups, within each other, and one of all boxes is none", () => {
  const { groups, boxes } = diagramGraph(description, Infinity);
  assertEquals(groups, [{ path: "stem" }, { path: "body" }, { path: "aux" }, { path: "body.branch", group: "body" }]);
  const groupOf = (path: string) => boxes.find((box) => box.path === path)?.group;
  assertEquals(["stem.0", "body.add", "body.branch.bn", "fc"].map(groupOf), ["stem", "body", "body.branch", undefined]);
  assertEquals(diagramGraph(describeModel("d2l/lenet"), Infinity).groups, []);
});

Deno.test("a name that is but a number has the one before it", () => {
  const { boxes } = diagramGraph(description, Infinity);
  assertEquals(boxes[1]?.lines[0], "stem.0 · Conv2d");
  assertEquals(boxes.find(({ path }) => path === "body.branch.bn")?.lines[0], "bn · BatchNorm2d");
});

Deno.test("a module of one layer is that layer, and two edges between two boxes are one", () => {
  const block: Block = (x) => {
    const [left, right] = [nn.relu()(x, "paths.left"), nn.sigmoid()(x, "paths.right")];
    return nn.add("sum.add", left, right);
  };
  const { boxes, edges } = diagramGraph(describe(block, { inputShape: [2, 2, 1] }), 1);
  assertEquals(boxes.map(({ path, lines }) => [path, lines[0]]), [
    ["", "input"],
    ["paths", "paths"],
    ["sum.add", "add · Add"],
    ["", "output"],
  ]);
  assertEquals(edges, [[0, 1], [1, 2], [2, 3]]);
});

Deno.test("the depth that is taken by itself keeps every network of the catalog under 100 boxes, as deep as can be", () => {
  for (const name of listModels()) {
    const description = describeModel(name);
    const layersIn = (depth: number) => new Set(description.layers.map(({ name }) => cut(name, depth))).size;
    const depth = defaultDepth(description);
    assert(layersIn(depth) <= 100, `${name} has ${layersIn(depth)} boxes at depth ${depth}`);
    assert(
      layersIn(depth) === layersIn(Infinity) || layersIn(depth + 1) > 100,
      `${name} could be deeper than ${depth}`,
    );
  }
});
