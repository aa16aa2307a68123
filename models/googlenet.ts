/**
 * GoogLeNet (Szegedy et al. 2014; d2l 8.4): nine Inception blocks in three stages.
 * Three definitions: the book's; the paper's, which adds auxiliary classifiers to
 * the book's (without the paper's local response normalisation, as the book); and
 * torchvision's, with BatchNorm.
 *
 * @module
 */
import { z } from "zod";
import { auxiliary, type Block, inDefinitionOrder, named, sequential } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import { basicConv2d, inception, type InceptionChannels, INCEPTIONS, torchvisionInception } from "./inception.ts";
import { adaptiveAvgPool2d, avgPool2d, conv2d, dropout, flatten, linear, maxPool2d, relu } from "./nn.ts";

/** Whose GoogLeNet. */
export type GoogLeNetDefinition = "d2l" | "paper" | "torchvision";

/** Options of {@linkcode googLeNet}. */
export interface GoogLeNetConfig {
  /** Whose layers and names. @default {"d2l"} */
  definition?: GoogLeNetDefinition | undefined;
  /** Length of the output. @default {10} */
  classes?: number | undefined;
  /**
   * Whether there are two auxiliary classifiers, behind blocks 4a and 4d, whose logits
   * are the second and third output. The paper has them where nothing is said; the book never.
   */
  auxiliary?: boolean | undefined;
  /** Multiplies every number of channels, rounded down, at least 1. @default {1} */
  width?: number | undefined;
  /** Dropout rate before the classifier: the paper's 0.4, torchvision's 0.2; the book has none. */
  dropout?: number | undefined;
  /** Dropout rate in the auxiliary classifiers. @default {0.7} */
  auxiliaryDropout?: number | undefined;
}

/** {@linkcode GoogLeNetConfig}, completed; the rest is the definition's. */
export type GoogLeNetOptions = GoogLeNetConfig & {
  definition: GoogLeNetDefinition;
  classes: number;
  width: number;
  auxiliaryDropout: number;
};

const rate = z.number().min(0).lt(1);

/** The schema of {@linkcode GoogLeNetConfig}. */
export const googLeNetConfig: z.ZodType<GoogLeNetOptions, GoogLeNetConfig> = z.strictObject({
  definition: z.enum(["d2l", "paper", "torchvision"]).default("d2l"),
  classes: z.int().positive().default(10),
  auxiliary: z.boolean().optional(),
  width: z.number().positive().default(1),
  dropout: rate.optional(),
  auxiliaryDropout: rate.default(0.7),
});

type BlockName = keyof typeof INCEPTIONS;

/** What a definition builds of: numbers of channels at its width, and Inception blocks of them. */
type Parts = GoogLeNetOptions & {
  readonly c: (channels: number) => number;
  readonly block: (name: BlockName) => Block;
};

function partsOf(options: GoogLeNetOptions, block: (...channels: InceptionChannels) => Block): Parts {
  const c = (channels: number) => Math.max(1, Math.floor(channels * options.width));
  return {
    ...options,
    c,
    block: (name) => {
      const [c1, [reduction2, c2], [reduction3, c3], c4]: InceptionChannels = INCEPTIONS[name];
      return block(c(c1), [c(reduction2), c(c2)], [c(reduction3), c(c3)], c(c4));
    },
  };
}

/** `block`, then `next` at a path of its own, outside the Sequential that `block` is in. */
const followed = (block: Block, path: string, next: Block): Block => (x, at) => next(block(x, at), path);

/** What stands behind a block of the book's network without being in its Sequential. */
type Insertions = Record<"4a" | "4d" | "5", (block: Block) => Block>;

const NOTHING: Insertions = { "4a": (block) => block, "4d": (block) => block, "5": (block) => block };

/** The book's network: `b1` to `b5` and a linear layer. */
function d2l({ c, block, classes }: Parts, behind = NOTHING): Block {
  const pool = () => maxPool2d(3, { stride: 2, padding: 1 });
  const b1 = sequential(conv2d(c(64), 7, { stride: 2, padding: 3 }), relu(), pool());
  const b2 = sequential(conv2d(c(64), 1), relu(), conv2d(c(192), 3, { padding: 1 }), relu(), pool());
  const b3 = sequential(block("3a"), block("3b"), pool());
  const b4 = sequential(
    behind["4a"](block("4a")),
    block("4b"),
    block("4c"),
    behind["4d"](block("4d")),
    block("4e"),
    pool(),
  );
  const b5 = sequential(block("5a"), block("5b"), adaptiveAvgPool2d(), flatten());
  return named({ net: sequential(b1, b2, b3, b4, behind["5"](b5), linear(classes)) });
}

/** Section 5 of the paper: the classifiers on 4a and 4d, and dropout before the last layer. */
function paper(parts: Parts): Block {
  const { c, classes, auxiliary: hasHeads = true, dropout: rate = 0.4, auxiliaryDropout } = parts;
  const head = () =>
    named({
      avgpool: avgPool2d(5, { stride: 3 }),
      conv: conv2d(c(128), 1),
      relu: relu(),
      flatten: flatten(),
      fc1: linear(c(1024)),
      relu1: relu(),
      p: dropout(auxiliaryDropout),
      fc2: linear(classes),
    });
  const withHead = (path: string) => (block: Block) => hasHeads ? followed(block, path, auxiliary(head())) : block;
  return inDefinitionOrder(
    ["base", "aux1", "aux2"],
    named({
      base: d2l(parts, {
        "4a": withHead("aux1"),
        "4d": withHead("aux2"),
        "5": (block) => followed(block, "drop", dropout(rate)),
      }),
    }),
  );
}

/** torchvision's network. Its auxiliary outputs come as (main, aux2, aux1) there, in the order of running here. */
function torchvision(parts: Parts): Block {
  const { c, block, classes, auxiliary: hasHeads = false, dropout: rate = 0.2, auxiliaryDropout } = parts;
  const pool = (kernelSize: number) => maxPool2d(kernelSize, { stride: 2, ceilMode: true });
  const head = named({
    avgpool: adaptiveAvgPool2d(4),
    conv: basicConv2d(c(128), 1),
    flatten: flatten(),
    fc1: linear(c(1024)),
    relu: relu(),
    dropout: dropout(auxiliaryDropout),
    fc2: linear(classes),
  });
  const trunk = {
    conv1: basicConv2d(c(64), 7, { stride: 2, padding: 3 }),
    maxpool1: pool(3),
    conv2: basicConv2d(c(64), 1),
    conv3: basicConv2d(c(192), 3, { padding: 1 }),
    maxpool2: pool(3),
    inception3a: block("3a"),
    inception3b: block("3b"),
    maxpool3: pool(3),
    inception4a: block("4a"),
    ...(hasHeads ? { aux1: auxiliary(head) } : {}),
    inception4b: block("4b"),
    inception4c: block("4c"),
    inception4d: block("4d"),
    ...(hasHeads ? { aux2: auxiliary(head) } : {}),
    inception4e: block("4e"),
    maxpool4: pool(2),
    inception5a: block("5a"),
    inception5b: block("5b"),
  };
  const classifier = { avgpool: adaptiveAvgPool2d(), flatten: flatten(), dropout: dropout(rate), fc: linear(classes) };
  const names = Object.keys(trunk).filter((name) => !name.startsWith("aux"));
  return inDefinitionOrder([...names, "aux1", "aux2"], named({ ...trunk, ...classifier }));
}

/**
 * GoogLeNet, the book's where nothing else is said. `[N, H, W, C]` → logits
 * `[N, classes]`, three times with auxiliary classifiers: the main ones first, then
 * those of 4a and of 4d. Trained, their losses count 0.3 each (section 5 of the
 * paper); `mainModel()` leaves them out.
 *
 * @throws {RangeError} Where an option is out of range, or the book's network is asked for auxiliary classifiers.
 * @throws {TypeError} Where an option is of the wrong type or unknown.
 *
 * @example
 * ```ts
 * import { describe, googLeNet } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describe(googLeNet(), { inputShape: [96, 96, 1] }).params, 5_977_530);
 * const withHeads = googLeNet({ definition: "paper", classes: 1000 });
 * const shape = [null, 1000];
 * assertEquals(describe(withHeads, { inputShape: [224, 224, 3] }).outputShape, [shape, shape, shape]);
 * ```
 */
export function googLeNet(config: GoogLeNetConfig = {}): Block {
  const options = parseConfig(googLeNetConfig, config, "googLeNet()");
  if (options.definition === "torchvision") return torchvision(partsOf(options, torchvisionInception));
  const parts = partsOf(options, inception);
  if (options.definition === "paper") return paper(parts);
  if (options.auxiliary === true) {
    throw new RangeError("Expected auxiliary of googLeNet() to be false for the book's definition but found true");
  }
  return d2l(parts);
}

/** The catalog's names of this family. */
export type GoogLeNetName =
  | "d2l/googlenet"
  | "paper/googlenet_aux"
  | "torchvision/googlenet"
  | "torchvision/googlenet_aux";

const imageNet = (
  initializer: CatalogEntry["initializer"],
  definition: GoogLeNetDefinition,
  auxiliary: boolean,
): CatalogEntry => ({
  inputShape: [224, 224, 3],
  classes: 1000,
  initializer,
  block: ({ classes, dropout }) => googLeNet({ definition, classes, auxiliary, dropout, auxiliaryDropout: dropout }),
});

/** The catalog's entries of this family. */
export const googLeNetEntries: Readonly<Record<GoogLeNetName, CatalogEntry>> = {
  "d2l/googlenet": {
    inputShape: [96, 96, 1],
    classes: 10,
    initializer: "xavierUniform",
    block: ({ classes }) => googLeNet({ classes }),
  },
  "paper/googlenet_aux": imageNet("xavierUniform", "paper", true),
  // What torchvision announces as its coming default, in place of a truncated normal that is slow to draw.
  "torchvision/googlenet": imageNet("torchDefault", "torchvision", false),
  "torchvision/googlenet_aux": imageNet("torchDefault", "torchvision", true),
};
