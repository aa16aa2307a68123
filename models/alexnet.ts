/**
 * AlexNet (Krizhevsky et al. 2012; d2l 8.1): learned features instead of designed
 * ones, ReLU, dropout. Three definitions: the book's and torchvision's, both in one
 * stream and without normalisation, and the paper's, in two streams with it.
 *
 * @module
 */
import { z } from "zod";
import { type Block, named, sequential } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import { adaptiveAvgPool2d, conv2d, dropout, flatten, linear, localResponseNorm, maxPool2d, relu } from "./nn.ts";

/** Channels of AlexNet's five convolutions. */
export type AlexNetChannels = [number, number, number, number, number];

/** Whose AlexNet. */
export type AlexNetDefinition = "d2l" | "torchvision" | "paper";

/** Options of {@linkcode alexNet}. */
export interface AlexNetConfig {
  /** Whose layers and names. @default {"d2l"} */
  definition?: AlexNetDefinition | undefined;
  /** Length of the output. @default {10} */
  classes?: number | undefined;
  /**
   * Channels of the five convolutions: [96, 256, 384, 384, 256] where they are left
   * out, torchvision's [64, 192, 384, 256, 256]. The paper's are even, because it halves them.
   */
  channels?: AlexNetChannels | undefined;
  /** Width of the two hidden linear layers. @default {4096} */
  features?: number | undefined;
  /** Dropout rate, once for each of them. @default {0.5} */
  dropout?: number | undefined;
}

/** {@linkcode AlexNetConfig}, completed; channels are the definition's. */
export type AlexNetOptions = AlexNetConfig & {
  definition: AlexNetDefinition;
  classes: number;
  features: number;
  dropout: number;
};

const size = z.int().positive();

/** The schema of {@linkcode AlexNetConfig}. */
export const alexNetConfig: z.ZodType<AlexNetOptions, AlexNetConfig> = z.strictObject({
  definition: z.enum(["d2l", "torchvision", "paper"]).default("d2l"),
  classes: size.default(10),
  channels: z.tuple([size, size, size, size, size]).optional(),
  features: size.default(4096),
  dropout: z.number().min(0).lt(1).default(0.5),
});

type Parts = Omit<AlexNetOptions, "definition"> & { channels: AlexNetChannels };

/** Overlapping pools: the window is wider than its step (section 3.4 of the paper). */
const pool = (): Block => maxPool2d(3, { stride: 2 });

/** The convolutions in one stream; the definitions differ in the padding of the first. */
const convolutions = ([c1, c2, c3, c4, c5]: AlexNetChannels, padding: number): Block[] => [
  conv2d(c1, 11, { stride: 4, padding }),
  relu(),
  pool(),
  conv2d(c2, 5, { padding: 2 }),
  relu(),
  pool(),
  conv2d(c3, 3, { padding: 1 }),
  relu(),
  conv2d(c4, 3, { padding: 1 }),
  relu(),
  conv2d(c5, 3, { padding: 1 }),
  relu(),
  pool(),
];

/** The book flattens what the last pool gives and drops behind each hidden layer. */
const d2l = ({ classes, channels, features, dropout: rate }: Parts): Block =>
  named({
    net: sequential(
      ...convolutions(channels, 1),
      flatten(),
      linear(features),
      relu(),
      dropout(rate),
      linear(features),
      relu(),
      dropout(rate),
      linear(classes),
    ),
  });

/** torchvision has the layers of Krizhevsky's later "one weird trick" (2014), and drops before each hidden layer. */
const torchvision = ({ classes, channels, features, dropout: rate }: Parts): Block =>
  named({
    features: sequential(...convolutions(channels, 2)),
    avgpool: adaptiveAvgPool2d(6),
    flatten: flatten(),
    classifier: sequential(
      dropout(rate),
      linear(features),
      relu(),
      dropout(rate),
      linear(features),
      relu(),
      linear(classes),
    ),
  });

/**
 * Figure 2 of the paper, under the names that Caffe gave its layers. Two groups are
 * the two GPUs: only the third convolution sees the maps of both. The figure's
 * 224×224 does not give its 55×55; 227×227 without padding does.
 */
const paper = ({ classes, channels: [c1, c2, c3, c4, c5], features, dropout: rate }: Parts): Block => {
  // Section 3.3: k = 2, n = 5, α = 1e-4 for the sum of squares. PyTorch's alpha is for their mean, hence times n.
  // The paper leaves open whether neighbours are sought across the GPUs; here they are, as in Caffe's CaffeNet.
  const norm = () => localResponseNorm({ size: 5, alpha: 5 * 1e-4, beta: 0.75, k: 2 });
  return named({
    conv1: conv2d(c1, 11, { stride: 4 }),
    relu1: relu(),
    norm1: norm(),
    pool1: pool(),
    conv2: conv2d(c2, 5, { padding: 2, groups: 2 }),
    relu2: relu(),
    norm2: norm(),
    pool2: pool(),
    conv3: conv2d(c3, 3, { padding: 1 }),
    relu3: relu(),
    conv4: conv2d(c4, 3, { padding: 1, groups: 2 }),
    relu4: relu(),
    conv5: conv2d(c5, 3, { padding: 1, groups: 2 }),
    relu5: relu(),
    pool5: pool(),
    flatten: flatten(),
    fc6: linear(features),
    relu6: relu(),
    drop6: dropout(rate),
    fc7: linear(features),
    relu7: relu(),
    drop7: dropout(rate),
    fc8: linear(classes),
  });
};

const DEFINITIONS: Readonly<Record<AlexNetDefinition, { block: (parts: Parts) => Block; channels: AlexNetChannels }>> =
  {
    d2l: { block: d2l, channels: [96, 256, 384, 384, 256] },
    torchvision: { block: torchvision, channels: [64, 192, 384, 256, 256] },
    paper: { block: paper, channels: [96, 256, 384, 384, 256] },
  };

/**
 * AlexNet, the book's where nothing else is said. `[N, 224, 224, C]` (the paper's:
 * `[N, 227, 227, C]`) → logits `[N, classes]`.
 *
 * @throws {RangeError} Where an option is out of range; where the network is made, if the paper's channels are odd.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { alexNet, describe } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(alexNet({ classes: 10 }), { inputShape: [224, 224, 1] }).params, 46_764_746);
 * ```
 *
 * @example The paper's two streams, sixty million parameters
 * ```ts
 * import { alexNet, describe } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const net = alexNet({ definition: "paper", classes: 1000 });
 * assertEquals(describe(net, { inputShape: [227, 227, 3] }).params, 60_965_224);
 * ```
 */
export function alexNet(config: AlexNetConfig = {}): Block {
  const { definition, ...options } = parseConfig(alexNetConfig, config, "alexNet()");
  const { block, channels } = DEFINITIONS[definition];
  return block({ ...options, channels: options.channels ?? channels });
}

/** The catalog's names of this family. */
export type AlexNetName = `${AlexNetDefinition}/alexnet`;

/** The catalog's entries of this family. */
export const alexNetEntries: Readonly<Record<AlexNetName, CatalogEntry>> = {
  "d2l/alexnet": {
    inputShape: [224, 224, 1],
    classes: 10,
    initializer: "xavierUniform",
    block: (options) => alexNet({ classes: options.classes, dropout: options.dropout }),
  },
  "torchvision/alexnet": {
    inputShape: [224, 224, 3],
    classes: 1000,
    initializer: "torchDefault",
    block: (options) => alexNet({ definition: "torchvision", classes: options.classes, dropout: options.dropout }),
  },
  "paper/alexnet": {
    inputShape: [227, 227, 3],
    classes: 1000,
    initializer: "torchDefault",
    block: (options) => alexNet({ definition: "paper", classes: options.classes, dropout: options.dropout }),
  },
};
