/**
 * The block that RegNets are made of (Radosavovic et al. 2020, figure 4): a residual
 * bottleneck with a grouped 3×3 convolution (X), behind which the Y nets have an SE
 * block. torchvision and timm build the same under different names.
 *
 * @module
 */
import { type Block, inDefinitionOrder, named, sequential } from "./block.ts";
import { joinPath } from "./module_tree.ts";
import { add, batchNorm, relu, stochasticDepth } from "./nn.ts";
import { convolution, whereShapeChanges } from "./residual.ts";
import { squeezeExcitation } from "./squeeze_excitation.ts";

/** What a block is made from. */
export interface RegNetBlockSize {
  readonly width: number;
  readonly stride: number;
  /** Channels of the 3×3 convolution. */
  readonly inner: number;
  readonly groups: number;
  /** Channels between the two layers of the SE block; none without one. */
  readonly squeeze: number | undefined;
  /** Rate of stochastic depth. */
  readonly depthRate: number;
}

/** Who gives a convolution, its BatchNorm and its ReLU their names. */
type Unit = (conv: Block, options?: { activation: boolean }) => Block;

/** Figure 4: 1×1, grouped 3×3, SE, 1×1, in a unit of each source. */
function parts({ width, stride, inner, groups, squeeze }: RegNetBlockSize, unit: Unit) {
  const se = squeeze === undefined ? {} : { se: squeezeExcitation(squeeze) };
  const reduce = unit(convolution(inner, 1));
  const transform = unit(convolution(inner, 3, { stride, groups }));
  const expand = unit(convolution(width, 1), { activation: false });
  const shortcut = unit(convolution(width, 1, { stride }), { activation: false });
  return { reduce, transform, se, expand, shortcut };
}

/** torchvision's `Conv2dNormActivation`. */
export const torchvisionUnit: Unit = (conv, { activation } = { activation: true }) =>
  sequential(conv, batchNorm(), ...(activation ? [relu()] : []));

/** timm's `ConvNormAct`. */
export const timmUnit: Unit = (conv, { activation } = { activation: true }) =>
  named({ conv, bn: batchNorm(), ...(activation ? { act: relu() } : {}) });

/** relu(branch(x) + shortcut(x)), the ReLU under a name of the source. */
function residualOf(branch: Block, shortcut: Block, activation: string): Block {
  return (x, path) => {
    const sum = add(joinPath(path, "add"), branch(x, path), shortcut(x, path));
    return relu()(sum, joinPath(path, activation));
  };
}

function torchvisionBlock(size: RegNetBlockSize): Block {
  const { reduce, transform, se, expand, shortcut } = parts(size, torchvisionUnit);
  const branch = named({ f: named({ a: reduce, b: transform, ...se, c: expand }) });
  const projection = whereShapeChanges(size.width, size.stride, named({ proj: shortcut }));
  return inDefinitionOrder(["proj", "f"], residualOf(branch, projection, "activation"));
}

function timmBlock(size: RegNetBlockSize): Block {
  const { reduce, transform, se, expand, shortcut } = parts(size, timmUnit);
  const branch = named({
    conv1: reduce,
    conv2: transform,
    ...se,
    conv3: expand,
    ...(size.depthRate > 0 ? { drop_path: stochasticDepth(size.depthRate) } : {}),
  });
  const projection = whereShapeChanges(size.width, size.stride, named({ downsample: shortcut }));
  const order = ["conv1", "conv2", "se", "conv3", "act3", "downsample", "drop_path"];
  return inDefinitionOrder(order, residualOf(branch, projection, "act3"));
}

/** The block in each source's definition. */
export const REGNET_BLOCKS = { torchvision: torchvisionBlock, timm: timmBlock } as const;
