/**
 * Every network by name: whose definition it is, a slash, and what it is called
 * there.
 *
 * @module
 */
import { alexNetEntries, type AlexNetName } from "./alexnet.ts";
import { anyNetEntries, type AnyNetName } from "./anynet.ts";
import type { CatalogEntry } from "./catalog_entry.ts";
import { denseNetEntries, type DenseNetName } from "./densenet.ts";
import { efficientNetEntries, type EfficientNetName } from "./efficientnet.ts";
import { googLeNetEntries, type GoogLeNetName } from "./googlenet.ts";
import { legacySeNetEntries, type LegacySeNetName } from "./legacy_senet.ts";
import { batchNormLeNet, leNet } from "./lenet.ts";
import { ninEntries, type NinName } from "./nin.ts";
import { regNetEntries, type RegNetName } from "./regnet.ts";
import { resNetEntries, type ResNetName } from "./resnet.ts";
import { resNeXtEntries, type ResNeXtName } from "./resnext.ts";
import { seNetEntries, type SeNetName } from "./senet.ts";
import { vggEntries, type VggName } from "./vgg.ts";

const book = (
  inputShape: CatalogEntry["inputShape"],
  block: CatalogEntry["block"],
): CatalogEntry => ({ inputShape, classes: 10, initializer: "xavierUniform", block });

/** A name of the catalog, `d2l/bnlenet`. */
export type ModelName =
  | "d2l/lenet"
  | "d2l/bnlenet"
  | "d2l/bnlenet_scratch"
  | AlexNetName
  | VggName
  | NinName
  | GoogLeNetName
  | ResNetName
  | ResNeXtName
  | SeNetName
  | LegacySeNetName
  | DenseNetName
  | AnyNetName
  | RegNetName
  | EfficientNetName;

/** All networks by name, frozen. */
export const catalog: Readonly<Record<ModelName, CatalogEntry>> = Object.freeze({
  "d2l/lenet": book([28, 28, 1], ({ classes }) => leNet({ classes })),
  "d2l/bnlenet": book([28, 28, 1], ({ classes }) => batchNormLeNet({ classes })),
  "d2l/bnlenet_scratch": book([28, 28, 1], ({ classes }) => batchNormLeNet({ classes, definition: "book" })),
  ...alexNetEntries,
  ...vggEntries,
  ...ninEntries,
  ...googLeNetEntries,
  ...resNetEntries,
  ...resNeXtEntries,
  ...seNetEntries,
  ...legacySeNetEntries,
  ...denseNetEntries,
  ...anyNetEntries,
  ...regNetEntries,
  ...efficientNetEntries,
});
