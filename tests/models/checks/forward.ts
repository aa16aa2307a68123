/**
 * What evaluating a network shows: its layers, shapes and counts, and that an image
 * has one answer.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { model as functional, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { DeclaredLayer, type WeightSpec } from "../../../models/layers/layer.ts";
import { declaredWeights } from "../../../models/state_dict.ts";
import { forward, largest, run, type Subject, valuesOf } from "./subject.ts";

/** The built network has the layers, shapes, weights and counts of its description. */
export function describedAsBuilt({ model, description, x }: Subject): void {
  const layers = model.layers.filter((layer) => layer instanceof DeclaredLayer);
  const described = new Map(description.layers.map((layer) => [layer.name, layer]));
  assertEquals(layers.map(({ name }) => name).sort(), [...described.keys()].sort());
  // Through the network, not from what its layers say of themselves.
  const batch = x.shape[0];
  const all = functional({ inputs: model.inputs, outputs: layers.map(({ output }) => output as SymbolicTensor) });
  const shapes = tf.tidy(() => forward(all, x, false).map(({ shape }) => shape));
  for (const [i, { name, outputShape }] of layers.entries()) {
    const expected = described.get(name)?.outputShape ?? [];
    assertEquals(outputShape, expected, name);
    assertEquals(shapes[i], [batch, ...expected.slice(1)] as number[], name);
  }
  const outputs = description.outputs.map((name) => described.get(name)?.outputShape);
  assertEquals(model.outputs.map(({ shape }) => shape), outputs as (number | null)[][]);

  const weights = declaredWeights(model);
  const count = (role: WeightSpec["role"]) =>
    weights.reduce((sum, [, { spec, variable }]) => spec.role === role ? sum + variable.read().size : sum, 0);
  assertEquals([count("parameter"), count("buffer")], [description.params, description.buffers]);
  assertEquals(
    weights.map(([key, { spec }]) => ({ key, shape: spec.layout.torchShape })),
    description.layers.flatMap(({ weights }) => weights),
  );
  assertEquals(model.countParams(), weights.reduce((sum, [, { variable }]) => sum + variable.read().size, 0));
}

/** One image has the same outputs at every time and in every batch. */
export function evaluation({ model, x, rounding }: Subject): void {
  const together = run(model, x, false);
  assertEquals(run(model, x, false), together);
  for (const output of together) assert(Number.isFinite(largest(output)), "outputs are finite");
  const [batch] = x.shape;
  for (let row = 0; row < batch; row++) {
    const alone = tf.tidy(() => valuesOf(forward(model, tf.slice4d(x, [row, 0, 0, 0], [1, -1, -1, -1]), false)));
    for (const [i, output] of together.entries()) {
      const width = output.length / batch;
      const expected = output.subarray(row * width, (row + 1) * width);
      const off = largest(expected.map((value, j) => value - (alone[i]?.[j] ?? NaN)));
      assert(off <= rounding * largest(output), `row ${row} of output ${i} is ${off} of ${largest(output)} off`);
    }
  }
  const [logits = new Float32Array()] = together;
  const width = logits.length / batch;
  assertNotEquals(logits.slice(width, 2 * width), logits.slice(0, width), "two images have the same logits");
}
