/**
 * What the golden files of RegNet and EfficientNet are of, for the backends that run
 * all of them.
 *
 * @module
 */
import { anyNet } from "../../../models/anynet.ts";
import type { Block } from "../../../models/block.ts";
import { efficientNet } from "../../../models/efficientnet.ts";
import { regNet } from "../../../models/regnet.ts";
import { REGNETS } from "../../../models/regnet_variants.ts";

/** torchvision's tiny nets: 16 and 32 wide, in groups of 8. */
const tiny = {
  definition: "torchvision",
  stages: [{ depth: 1, width: 16, groupWidth: 8 }, { depth: 2, width: 32, groupWidth: 8 }],
} as const;

/** Goldens have neither dropout nor stochastic depth. */
const still = { classes: 10, dropout: 0, stochasticDepth: 0, lastChannels: 64 } as const;

/** Golden files with gradients, by name. */
export const GOLDENS = {
  d2l_regnet_tiny: () =>
    anyNet({ stem: 8, stages: [{ depth: 1, width: 8, groupWidth: 4 }, { depth: 2, width: 16, groupWidth: 4 }] }),
  d2l_regnetx32: () => anyNet(),
  tv_regnet_x_tiny: () => anyNet(tiny),
  tv_regnet_y_tiny: () => anyNet({ ...tiny, seRatio: 0.25 }),
  timm_regnety_tiny: () =>
    regNet({
      definition: "timm",
      depth: 5,
      w0: 16,
      wa: 8,
      wm: 1.5,
      groupWidth: 8,
      seRatio: 0.25,
      stem: 16,
      classes: 10,
    }),
  tv_efficientnet_tiny: () =>
    efficientNet({
      ...still,
      stem: 16,
      stages: [
        { block: "mbConv", expansion: 1, kernel: 3, stride: 1, channels: 8, depth: 1 },
        { block: "mbConv", expansion: 6, kernel: 3, stride: 2, channels: 16, depth: 2 },
        { block: "mbConv", expansion: 6, kernel: 5, stride: 2, channels: 24, depth: 2 },
      ],
    }),
  tv_efficientnet_v2_tiny: () =>
    efficientNet({
      ...still,
      stem: 8,
      stages: [
        { block: "fused", expansion: 1, kernel: 3, stride: 1, channels: 8, depth: 2 },
        { block: "fused", expansion: 4, kernel: 3, stride: 2, channels: 16, depth: 2 },
        { block: "mbConv", expansion: 4, kernel: 3, stride: 2, channels: 24, depth: 2 },
      ],
      eps: 1e-3,
      momentum: 0.01,
    }),
} as const satisfies Record<string, () => Block>;

/** Golden files of ImageNet's size, which are evaluated only, by name. */
export const FULL_GOLDENS = {
  full_tv_regnet_x_400mf: () => regNet(REGNETS.regnet_x_400mf),
  full_timm_regnety_002: () => regNet(REGNETS.regnety_002),
  full_tv_efficientnet_b0: () => efficientNet(),
} as const satisfies Record<string, () => Block>;
