/**
 * Squeeze and excitation (Hu et al. 2017): a network weighs its channels for
 * each image.
 *
 * @module
 */
import { type Block, named } from "./block.ts";
import { adaptiveAvgPool2d, conv2d, multiply, relu, sigmoid } from "./nn.ts";

/** Options of {@linkcode squeezeExcitation}. */
export interface SqueezeExcitationOptions {
  /** What stands between the two convolutions. @default {relu} */
  activation?: () => Block;
}

/**
 * `[N, H, W, C]` → the same shape: x · sigmoid(fc2(activation(fc1(mean of x)))). The
 * squeeze is the mean over the map, the excitation one weight in (0, 1) per
 * channel and image. As torchvision and timm have it, with 1×1 convolutions.
 *
 * @param squeeze The channels between the two convolutions.
 *
 * @example
 * ```ts
 * import { describe, squeezeExcitation } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const { params, outputShape } = describe(squeezeExcitation(4), { inputShape: [7, 7, 64] });
 * assertEquals({ params, outputShape }, { params: 64 * 4 + 4 + 4 * 64 + 64, outputShape: [null, 7, 7, 64] });
 * ```
 */
export function squeezeExcitation(squeeze: number, { activation = relu }: SqueezeExcitationOptions = {}): Block {
  return (x, path) => {
    const channels = x.shape[3] ?? 0;
    const weights = named({
      avgpool: adaptiveAvgPool2d(),
      fc1: conv2d(squeeze, 1),
      activation: activation(),
      fc2: conv2d(channels, 1),
      scale_activation: sigmoid(),
    });
    return multiply(`${path}.scale`, x, weights(x, path));
  };
}
