/**
 * Where a bias cannot learn: whatever it adds to a channel the BatchNorm behind it
 * takes off again, as the mean of the batch.
 *
 * @module
 */
import type { LayerDescription, ModelDescription } from "../../../models/describe.ts";

/**
 * Whether a constant that is added to channels of what comes in adds constants to
 * channels of what comes out, wherever the pixel and whichever the image.
 */
function passesConstants({ type, weights }: LayerDescription): boolean {
  if (type === "Conv2d") return weights[0]?.shape.slice(2).every((size) => size === 1) ?? false;
  return ["Add", "AvgPool2d", "Concat", "MaxPool2d"].includes(type);
}

/**
 * The layers all of whose output goes into BatchNorms, directly or through layers that
 * pass constants on: DenseNet's concatenations, the 1×1 convolution that follows each
 * of EfficientNet's blocks. Where `inAllImages`, stochastic depth counts as one: it
 * does, if it happens to leave out no image of a batch.
 */
export function absorbedByBatchNorm(
  { layers, outputs }: ModelDescription,
  { inAllImages }: { inAllImages: boolean },
): Set<string> {
  const consumers = new Map<string, LayerDescription[]>();
  for (const layer of layers) {
    for (const input of layer.inputs) consumers.set(input, [...consumers.get(input) ?? [], layer]);
  }
  const known = new Map<string, boolean>();
  const isAbsorbed = (name: string): boolean => {
    const answer = known.get(name) ??
      (!outputs.includes(name) &&
        (consumers.get(name) ?? []).every((consumer) =>
          consumer.type.startsWith("BatchNorm") ||
          ((passesConstants(consumer) || (inAllImages && consumer.type === "StochasticDepth")) &&
            isAbsorbed(consumer.name))
        ));
    known.set(name, answer);
    return answer;
  };
  return new Set(layers.map(({ name }) => name).filter(isAbsorbed));
}
