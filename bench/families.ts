/**
 * The families of networks, as `bench/<family>_bench.ts` measures them.
 *
 * @module
 */
import { alexNetEntries } from "../models/alexnet.ts";
import { anyNetEntries } from "../models/anynet.ts";
import type { ModelName } from "../models/catalog.ts";
import { denseNetEntries } from "../models/densenet.ts";
import { efficientNetEntries } from "../models/efficientnet.ts";
import { googLeNetEntries } from "../models/googlenet.ts";
import { legacySeNetEntries } from "../models/legacy_senet.ts";
import { ninEntries } from "../models/nin.ts";
import { regNetEntries } from "../models/regnet.ts";
import { resNetEntries } from "../models/resnet.ts";
import { resNeXtEntries } from "../models/resnext.ts";
import { seNetEntries } from "../models/senet.ts";
import { vggEntries } from "../models/vgg.ts";

/** A family, as benchmarks know it. */
export interface FamilyBench {
  /** All of it. */
  readonly members: readonly ModelName[];
  /** What is measured where no networks are named. */
  readonly small: readonly ModelName[];
  /** Images in a batch there, on a CPU: as many as let the whole default run end within ten minutes on two cores. */
  readonly batch: number;
}

const lenets: readonly ModelName[] = ["d2l/lenet", "d2l/bnlenet", "d2l/bnlenet_scratch"];

function family(
  batch: number,
  small: readonly ModelName[],
  ...entries: readonly Readonly<Partial<Record<ModelName, unknown>>>[]
): FamilyBench {
  return { members: entries.flatMap((entries) => Object.keys(entries) as ModelName[]), small, batch };
}

/** All of them. */
export const FAMILIES = {
  lenet: { members: lenets, small: lenets, batch: 128 },
  alexnet: family(8, ["d2l/alexnet"], alexNetEntries),
  vgg: family(1, ["d2l/vgg11"], vggEntries),
  nin: family(8, ["d2l/nin"], ninEntries),
  googlenet: family(16, ["d2l/googlenet"], googLeNetEntries),
  resnet: family(16, ["d2l/resnet18"], resNetEntries),
  resnext: family(1, ["torchvision/resnext50_32x4d"], resNeXtEntries),
  densenet: family(32, ["d2l/densenet"], denseNetEntries),
  senet: family(2, ["timm/seresnet18"], seNetEntries, legacySeNetEntries),
  efficientnet: family(4, ["torchvision/efficientnet_b0"], efficientNetEntries),
  regnet: family(32, ["d2l/regnetx32"], anyNetEntries, regNetEntries),
} as const satisfies Record<string, FamilyBench>;

/** A family's name. */
export type Family = keyof typeof FAMILIES;

/** One small network of each family, and all LeNets. */
export const SMALL_MODELS: readonly ModelName[] = Object.values(FAMILIES).flatMap(({ small }) => small);
