/**
 * The blocks of EfficientNet: MBConv, the inverted residual block of MobileNetV2
 * (Sandler et al. 2018) with squeeze and excitation, and EfficientNetV2's fused one.
 *
 * @module
 */
import { type Block, identity, named, sequential } from "./block.ts";
import { joinPath } from "./module_tree.ts";
import { add, batchNorm, conv2d, silu, stochasticDepth } from "./nn.ts";
import { makeDivisible } from "./rounding.ts";
import { squeezeExcitation } from "./squeeze_excitation.ts";

/** What a block is made from. */
export interface MBConvOptions {
  /** Channels that the block gets. */
  readonly from: number;
  /** Channels that it gives. */
  readonly channels: number;
  /** Inner channels as a multiple of those it gets, to the nearest multiple of 8. */
  readonly expansion: number;
  readonly kernel: number;
  readonly stride: number;
  /** Rate of stochastic depth. */
  readonly depthRate: number;
  /** Of every BatchNorm. */
  readonly norm: { readonly eps: number; readonly momentum: number };
}

/** torchvision's `Conv2dNormActivation`: a convolution that keeps the map's size, a BatchNorm and, as a rule, SiLU. */
export function convolutionUnit(
  channels: number,
  kernel: number,
  { norm, stride = 1, groups = 1, activation = true }: {
    norm: MBConvOptions["norm"];
    stride?: number;
    groups?: number;
    activation?: boolean;
  },
): Block {
  return sequential(
    conv2d(channels, kernel, { stride, padding: (kernel - 1) / 2, groups, bias: false }),
    batchNorm(norm),
    ...(activation ? [silu()] : []),
  );
}

/** The branch, and x itself where the branch keeps its shape. Nothing follows the sum: the bottleneck is linear. */
function inverted(branch: Block, { from, channels, stride, depthRate }: MBConvOptions): Block {
  const main = named({ block: branch });
  if (stride !== 1 || from !== channels) return main;
  return (x, path) => {
    const y = named({ stochastic_depth: stochasticDepth(depthRate) })(main(x, path), path);
    return add(joinPath(path, "add"), y, identity(x, path));
  };
}

/**
 * 1×1 to wider, depthwise k×k, SE, 1×1 to narrower: a residual block whose ends are
 * narrow and whose middle is wide, and costs little because each filter of its
 * k×k sees one channel. The squeeze is a quarter of what the block gets.
 */
export function mbConv(options: MBConvOptions): Block {
  const { from, channels, expansion, kernel, stride, norm } = options;
  const wide = makeDivisible(from * expansion, 8);
  const branch = sequential(
    ...(wide === from ? [] : [convolutionUnit(wide, 1, { norm })]),
    convolutionUnit(wide, kernel, { norm, stride, groups: wide }),
    squeezeExcitation(Math.max(1, Math.floor(from / 4)), { activation: silu }),
    convolutionUnit(channels, 1, { norm, activation: false }),
  );
  return inverted(branch, options);
}

/**
 * One k×k in place of 1×1, depthwise and SE (figure 2 of the second paper): more
 * multiply-accumulates, fewer passes over large maps.
 */
export function fusedMBConv(options: MBConvOptions): Block {
  const { from, channels, expansion, kernel, stride, norm } = options;
  const wide = makeDivisible(from * expansion, 8);
  const branch = wide === from ? sequential(convolutionUnit(channels, kernel, { norm, stride })) : sequential(
    convolutionUnit(wide, kernel, { norm, stride }),
    convolutionUnit(channels, 1, { norm, activation: false }),
  );
  return inverted(branch, options);
}
