/**
 * What the SE blocks of a network think of an image.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, model as functional, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { show } from "./errors.ts";
import { Multiply } from "./layers/multiply.ts";

/**
 * The weights that each squeeze-and-excitation block of `model` gives its channels,
 * `[N, C]` in (0, 1), by the block's path and in the order of the network
 * (Hu et al. 2017, section 6). The caller owns the tensors.
 *
 * @param model A network with SE blocks: a SENet, a RegNetY, an EfficientNet.
 * @param images `[N, height, width, channels]`, as the model takes them.
 *
 * @throws {RangeError} Where the model has no SE block, or takes images of another shape.
 *
 * @example Which channels of the last block an image turns up
 * ```ts
 * import { buildModel, channelAttention, seNet, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * await useBackend("cpu");
 * const block = seNet({ block: "basic", depths: [1, 1], widths: [8, 16], classes: 10 });
 * const model = buildModel(block, { inputShape: [32, 32, 3] });
 * const attention = tf.tidy(() => channelAttention(model, tf.randomUniform([2, 32, 32, 3])));
 * assertEquals(Object.keys(attention), ["layer1.0.se", "layer2.0.se"]);
 * assertEquals(attention["layer2.0.se"]?.shape, [2, 16]);
 * tf.dispose(attention);
 * model.dispose();
 * ```
 */
export function channelAttention(model: LayersModel, images: tf.Tensor): Record<string, tf.Tensor2D> {
  const scales = model.layers.filter((layer) => layer instanceof Multiply).sort((a, b) => place(a) - place(b));
  if (scales.length === 0) {
    throw new RangeError(`Expected model to have squeeze-and-excitation blocks but found none in ${show(model.name)}`);
  }
  const [, ...expected] = model.inputs[0]?.shape ?? [];
  if (images.rank !== 4 || String(images.shape.slice(1)) !== String(expected)) {
    throw new RangeError(
      `Expected images to have shape [batch, ${expected.join(", ")}] but found ${show(images.shape)}`,
    );
  }
  const weights = scales.map((layer) => (layer.input as SymbolicTensor[])[1] as SymbolicTensor);
  return tf.tidy(() => {
    // tfjs gives one output bare, several as an array.
    const outputs = [functional({ inputs: model.inputs, outputs: weights }).apply(images) as tf.Tensor | tf.Tensor[]];
    return Object.fromEntries(
      outputs.flat().map((output, i) => [pathOf(scales[i]), tf.squeeze(output, [1, 2]) as tf.Tensor2D]),
    );
  });
}

const place = (layer: { id: number; position?: number | undefined }): number => layer.position ?? layer.id;

/** The SE block's path: its product is its child `scale`. */
const pathOf = (layer: { name: string } | undefined): string => layer?.name.replace(/\.?scale$/, "") ?? "";
