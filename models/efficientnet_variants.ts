/**
 * The EfficientNets that have names.
 *
 * @module
 */
import type { EfficientNetConfig, EfficientNetStage } from "./efficientnet_config.ts";

type Row = [expansion: number, kernel: number, stride: number, channels: number, depth: number];

const stagesOf = (block: EfficientNetStage["block"], rows: readonly Row[]): EfficientNetStage[] =>
  rows.map(([expansion, kernel, stride, channels, depth]) => ({ block, expansion, kernel, stride, channels, depth }));
const mbConvs = (...rows: Row[]) => stagesOf("mbConv", rows);
const fused = (...rows: Row[]) => stagesOf("fused", rows);

/** EfficientNet-B0 (table 1 of the paper): expansion, kernel, stride, channels, blocks. */
export const EFFICIENTNET_B0_STAGES: readonly EfficientNetStage[] = mbConvs(
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
);

/** EfficientNetV2-S (table 4 of the second paper), M and L: fused blocks first, where maps are large. */
const V2_S = [
  ...fused([1, 3, 1, 24, 2], [4, 3, 2, 48, 4], [4, 3, 2, 64, 4]),
  ...mbConvs([4, 3, 2, 128, 6], [6, 3, 1, 160, 9], [6, 3, 2, 256, 15]),
];
const V2_M = [
  ...fused([1, 3, 1, 24, 3], [4, 3, 2, 48, 5], [4, 3, 2, 80, 5]),
  ...mbConvs([4, 3, 2, 160, 7], [6, 3, 1, 176, 14], [6, 3, 2, 304, 18], [6, 3, 1, 512, 5]),
];
const V2_L = [
  ...fused([1, 3, 1, 32, 4], [4, 3, 2, 64, 7], [4, 3, 2, 96, 7]),
  ...mbConvs([4, 3, 2, 192, 10], [6, 3, 1, 224, 19], [6, 3, 2, 384, 25], [6, 3, 1, 640, 7]),
];

/** What torchvision's three largest B nets and all V2 nets took over from TensorFlow. */
const tensorFlow = { eps: 1e-3, momentum: 0.01 };
const v2 = { eps: 1e-3, lastChannels: 1280 };

/** torchvision's EfficientNets. */
export type EfficientNetVariant = `efficientnet_${`b${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}` | `v2_${"s" | "m" | "l"}`}`;

/** The options of each network, for `efficientNet()`: B1 to B7 are B0 with other multipliers. */
export const EFFICIENTNETS: Readonly<Record<EfficientNetVariant, EfficientNetConfig>> = {
  efficientnet_b0: { width: 1.0, depth: 1.0, dropout: 0.2 },
  efficientnet_b1: { width: 1.0, depth: 1.1, dropout: 0.2 },
  efficientnet_b2: { width: 1.1, depth: 1.2, dropout: 0.3 },
  efficientnet_b3: { width: 1.2, depth: 1.4, dropout: 0.3 },
  efficientnet_b4: { width: 1.4, depth: 1.8, dropout: 0.4 },
  efficientnet_b5: { width: 1.6, depth: 2.2, dropout: 0.4, ...tensorFlow },
  efficientnet_b6: { width: 1.8, depth: 2.6, dropout: 0.5, ...tensorFlow },
  efficientnet_b7: { width: 2.0, depth: 3.1, dropout: 0.5, ...tensorFlow },
  efficientnet_v2_s: { stem: 24, stages: V2_S, dropout: 0.2, ...v2 },
  efficientnet_v2_m: { stem: 24, stages: V2_M, dropout: 0.3, ...v2 },
  efficientnet_v2_l: { stem: 32, stages: V2_L, dropout: 0.4, ...v2 },
};

/** Height and width of the images that each network was scaled to. */
export const EFFICIENTNET_RESOLUTIONS: Readonly<Record<EfficientNetVariant, number>> = {
  efficientnet_b0: 224,
  efficientnet_b1: 240,
  efficientnet_b2: 260,
  efficientnet_b3: 300,
  efficientnet_b4: 380,
  efficientnet_b5: 456,
  efficientnet_b6: 528,
  efficientnet_b7: 600,
  efficientnet_v2_s: 384,
  efficientnet_v2_m: 480,
  efficientnet_v2_l: 480,
};
