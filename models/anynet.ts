/**
 * AnyNet (Radosavovic et al. 2020, "Designing Network Design Spaces"; d2l 8.8): a
 * stem, a body of stages, a head. What a network of this template is depends on the
 * stages alone; RegNets are those that a formula gives (`regNet()`).
 *
 * @module
 */
import { type AnyNetConfig, anyNetConfig, type AnyNetOptions, checkFit, REGNETX32 } from "./anynet_config.ts";
import { type Block, named, sequential } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import { adaptiveAvgPool2d, batchNorm, conv2d, dropout, flatten, linear, relu } from "./nn.ts";
import { REGNET_BLOCKS, timmUnit, torchvisionUnit } from "./regnet_block.ts";
import { roundHalfToEven } from "./rounding.ts";
import { convolution, stage } from "./residual.ts";
import { resNeXtBlock } from "./resnext.ts";

/** Figure 8.8.1 of the book: the stem, the stages, the head. */
function d2l({ classes, stem, stages }: AnyNetOptions): Block {
  const body = stages.map(({ depth, width, groupWidth, bottleneckRatio }, i): [string, Block] => {
    const block = (stride: number, j: number) =>
      resNeXtBlock({ channels: width, groupWidth, bottleneck: bottleneckRatio, stride, projection: j === 0 });
    return [`stage${i + 1}`, stage(depth, 2, block)];
  });
  return named({
    net: named({
      0: sequential(conv2d(stem, 3, { stride: 2, padding: 1 }), batchNorm(), relu()),
      ...Object.fromEntries(body),
      head: sequential(adaptiveAvgPool2d(), flatten(), linear(classes)),
    }),
  });
}

/** Every stage's blocks, as functions of their path's index. */
function body({ stages, stem, seRatio, stochasticDepth: lastRate }: AnyNetOptions, definition: "torchvision" | "timm") {
  const blocks = stages.reduce((sum, { depth }) => sum + depth, 0);
  let place = 0;
  return stages.map(({ depth, width, groupWidth, bottleneckRatio }, i) => {
    const before = stages[i - 1]?.width ?? stem;
    const inner = roundHalfToEven(width * bottleneckRatio);
    return Array.from({ length: depth }, (_, j) =>
      REGNET_BLOCKS[definition]({
        width,
        stride: j === 0 ? 2 : 1,
        inner,
        groups: inner / groupWidth,
        squeeze: seRatio > 0 ? roundHalfToEven(seRatio * (j === 0 ? before : width)) : undefined,
        depthRate: lastRate * place++ / Math.max(1, blocks - 1),
      }));
  });
}

function torchvision(options: AnyNetOptions): Block {
  const stages = body(options, "torchvision").map((blocks, i): [string, Block] => [
    `block${i + 1}`,
    named(Object.fromEntries(blocks.map((block, j) => [`block${i + 1}-${j}`, block]))),
  ]);
  return named({
    stem: torchvisionUnit(convolution(options.stem, 3, { stride: 2 })),
    trunk_output: named(Object.fromEntries(stages)),
    avgpool: adaptiveAvgPool2d(),
    flatten: flatten(),
    fc: linear(options.classes),
  });
}

function timm(options: AnyNetOptions): Block {
  const stages = body(options, "timm").map((blocks, i): [string, Block] => [
    `s${i + 1}`,
    named(Object.fromEntries(blocks.map((block, j) => [`b${j + 1}`, block]))),
  ]);
  return named({
    stem: timmUnit(convolution(options.stem, 3, { stride: 2 })),
    ...Object.fromEntries(stages),
    head: named({
      global_pool: named({ pool: adaptiveAvgPool2d(), flatten: flatten() }),
      ...(options.dropout > 0 ? { drop: dropout(options.dropout) } : {}),
      fc: linear(options.classes),
    }),
  });
}

const DEFINITIONS = { d2l, torchvision, timm } as const;

/** The network of completed options; `subject` is whose options they are. */
export function anyNetwork(options: AnyNetOptions, subject: string): Block {
  checkFit(options, subject);
  return DEFINITIONS[options.definition](options);
}

/**
 * AnyNet, the book's RegNetX-32 where nothing else is said. `[N, H, W, C]` → logits
 * `[N, classes]`; the stem and each stage halve height and width.
 *
 * @throws {RangeError} Where an option is out of range or does not fit the definition, or
 * groups do not divide the bottleneck's channels.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { anyNet, describe } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(anyNet(), { inputShape: [96, 96, 1] }).params, 179_290);
 * ```
 *
 * @example Three stages in torchvision's definition
 * ```ts
 * import { anyNet, describe } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const stages = [16, 32, 64].map((width) => ({ depth: 2, width, groupWidth: 8 }));
 * const net = anyNet({ definition: "torchvision", stages, seRatio: 0.25 });
 * assertEquals(describe(net, { inputShape: [64, 64, 3] }).outputShape, [null, 10]);
 * ```
 */
export function anyNet(config: AnyNetConfig = {}): Block {
  return anyNetwork(parseConfig(anyNetConfig, config, "anyNet()"), "anyNet()");
}

/** The catalog's names of this family. */
export type AnyNetName = "d2l/regnetx32";

/** The catalog's entries of this family. */
export const anyNetEntries: Readonly<Record<AnyNetName, CatalogEntry>> = {
  "d2l/regnetx32": {
    inputShape: [96, 96, 1],
    classes: 10,
    initializer: "xavierUniform",
    block: ({ classes }) => anyNet({ ...REGNETX32, classes }),
  },
};
