/**
 * RegNet (Radosavovic et al. 2020, "Designing Network Design Spaces"; d2l 8.8.3): the
 * AnyNets whose stages a formula of few parameters gives, because populations of
 * networks that keep to it have lower errors.
 *
 * @module
 */
import { z } from "zod";
import { anyNetwork } from "./anynet.ts";
import { type AnyNetConfig, anyNetShape } from "./anynet_config.ts";
import type { Block } from "./block.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { parseConfig } from "./errors.ts";
import { type RegNetFormula, type RegNetFormulaOptions, regNetFormulaShape, stagesOf } from "./regnet_design.ts";
import { REGNETS, type TimmRegNet, type TorchvisionRegNet } from "./regnet_variants.ts";

/** Options of {@linkcode regNet}: the formula's parameters, and what an AnyNet has beside its stages. */
export interface RegNetConfig extends RegNetFormula, Omit<AnyNetConfig, "definition" | "stages"> {
  /** Whose layers, names and rounding. @default {"torchvision"} */
  definition?: "torchvision" | "timm" | undefined;
  /** Length of the output. @default {1000} */
  classes?: number | undefined;
  /** Channels of an SE block's squeeze as a share of what its block gets: 0.25 in Y nets, 0 in X nets. @default {0} */
  seRatio?: number | undefined;
}

/** {@linkcode RegNetConfig}, completed. */
export interface RegNetOptions extends RegNetFormulaOptions {
  /** Length of the output. */
  classes: number;
  /** Channels of the stem. */
  stem: number;
  /** Channels of an SE block's squeeze as a share of what its block gets. */
  seRatio: number;
  /** Dropout rate before the last layer. */
  dropout: number;
  /** Rate of stochastic depth in the last block. */
  stochasticDepth: number;
}

/** The schema of {@linkcode RegNetConfig}. */
export const regNetConfig: z.ZodType<RegNetOptions, RegNetConfig> = z.strictObject({
  ...anyNetShape,
  ...regNetFormulaShape,
  classes: z.int().positive().default(1000),
});

/**
 * RegNetX, or RegNetY where `seRatio` is above 0. `[N, H, W, C]` → logits
 * `[N, classes]`; the stem and each stage halve height and width.
 *
 * @throws {RangeError} Where an option is out of range, the formula gives a width below 8, or
 * (timm's definition) other than four stages.
 * @throws {TypeError} Where an option is of the wrong type, unknown or missing.
 *
 * @example
 * ```ts
 * import { describe, regNet, REGNETS } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * const params = (config: Parameters<typeof regNet>[0]) => describe(regNet(config), { inputShape: [224, 224, 3] }).params;
 * assertEquals(params(REGNETS.regnet_x_400mf), 5_495_976);
 * assertEquals(params(REGNETS.regnetx_004), 5_157_512);
 * ```
 */
export function regNet(config: RegNetConfig): Block {
  const options = parseConfig(regNetConfig, config, "regNet()");
  const { definition, classes, stem, seRatio, dropout, stochasticDepth } = options;
  const stages = stagesOf(options, "regNet()");
  return anyNetwork({ definition, classes, stem, stages, seRatio, dropout, stochasticDepth }, "regNet()");
}

/** The catalog's names of this family. */
export type RegNetName = `torchvision/${TorchvisionRegNet}` | `timm/${TimmRegNet}`;

/** The catalog's entries of this family. */
export const regNetEntries: Readonly<Record<RegNetName, CatalogEntry>> = Object.fromEntries(
  Object.entries(REGNETS).map(([variant, config]): [string, CatalogEntry] => [`${config.definition}/${variant}`, {
    inputShape: [224, 224, 3],
    classes: 1000,
    initializer: "kaimingNormal",
    block: ({ classes, dropout, stochasticDepth }) =>
      regNet({ ...config, classes, ...(config.definition === "timm" ? { dropout, stochasticDepth } : {}) }),
  }]),
) as Record<RegNetName, CatalogEntry>;
