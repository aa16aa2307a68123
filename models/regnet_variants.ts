/**
 * The RegNets that have names. torchvision and timm build the paper's networks from
 * the same parameters and round them differently.
 *
 * @module
 */
import type { RegNetConfig } from "./regnet.ts";
import type { RegNetFormula } from "./regnet_design.ts";

type Parameters = Readonly<Pick<RegNetFormula, "depth" | "w0" | "wa" | "wm" | "groupWidth">>;

/** RegNetX by compute (figure 15 of the paper): 200 million to 32 billion multiply-accumulates. */
const X = {
  "200MF": { depth: 13, w0: 24, wa: 36.44, wm: 2.49, groupWidth: 8 },
  "400MF": { depth: 22, w0: 24, wa: 24.48, wm: 2.54, groupWidth: 16 },
  "600MF": { depth: 16, w0: 48, wa: 36.97, wm: 2.24, groupWidth: 24 },
  "800MF": { depth: 16, w0: 56, wa: 35.73, wm: 2.28, groupWidth: 16 },
  "1.6GF": { depth: 18, w0: 80, wa: 34.01, wm: 2.25, groupWidth: 24 },
  "3.2GF": { depth: 25, w0: 88, wa: 26.31, wm: 2.25, groupWidth: 48 },
  "4.0GF": { depth: 23, w0: 96, wa: 38.65, wm: 2.43, groupWidth: 40 },
  "6.4GF": { depth: 17, w0: 184, wa: 60.83, wm: 2.07, groupWidth: 56 },
  "8.0GF": { depth: 23, w0: 80, wa: 49.56, wm: 2.88, groupWidth: 120 },
  "12GF": { depth: 19, w0: 168, wa: 73.36, wm: 2.37, groupWidth: 112 },
  "16GF": { depth: 22, w0: 216, wa: 55.59, wm: 2.1, groupWidth: 128 },
  "32GF": { depth: 23, w0: 320, wa: 69.86, wm: 2.0, groupWidth: 168 },
} as const satisfies Record<string, Parameters>;

/** RegNetY, X with SE blocks (figure 16 of the paper); the largest is from Goyal et al. 2021 ("SEER"). */
const Y = {
  "200MF": { depth: 13, w0: 24, wa: 36.44, wm: 2.49, groupWidth: 8 },
  "400MF": { depth: 16, w0: 48, wa: 27.89, wm: 2.09, groupWidth: 8 },
  "600MF": { depth: 15, w0: 48, wa: 32.54, wm: 2.32, groupWidth: 16 },
  "800MF": { depth: 14, w0: 56, wa: 38.84, wm: 2.4, groupWidth: 16 },
  "1.6GF": { depth: 27, w0: 48, wa: 20.71, wm: 2.65, groupWidth: 24 },
  "3.2GF": { depth: 21, w0: 80, wa: 42.63, wm: 2.66, groupWidth: 24 },
  "4.0GF": { depth: 22, w0: 96, wa: 31.41, wm: 2.24, groupWidth: 64 },
  "6.4GF": { depth: 25, w0: 112, wa: 33.22, wm: 2.27, groupWidth: 72 },
  "8.0GF": { depth: 17, w0: 192, wa: 76.82, wm: 2.19, groupWidth: 56 },
  "12GF": { depth: 19, w0: 168, wa: 73.36, wm: 2.37, groupWidth: 112 },
  "16GF": { depth: 18, w0: 200, wa: 106.23, wm: 2.48, groupWidth: 112 },
  "32GF": { depth: 20, w0: 232, wa: 115.89, wm: 2.53, groupWidth: 232 },
  "128GF": { depth: 27, w0: 456, wa: 160.83, wm: 2.52, groupWidth: 264 },
} as const satisfies Record<string, Parameters>;

/** torchvision's RegNets. */
export type TorchvisionRegNet =
  | `regnet_${"x" | "y"}_${"400mf" | "800mf" | "1_6gf" | "3_2gf" | "8gf" | "16gf" | "32gf"}`
  | "regnet_y_128gf";

/** timm's RegNets, by their compute in hundreds of millions of multiply-accumulates, times ten. */
export type TimmRegNet = `regnet${"x" | "y"}_${
  | "002"
  | "004"
  | "006"
  | "008"
  | "016"
  | "032"
  | "040"
  | "064"
  | "080"
  | "120"
  | "160"
  | "320"}`;

const source = (definition: "torchvision" | "timm") => ({
  x: (parameters: Parameters): RegNetConfig => ({ definition, ...parameters }),
  y: (parameters: Parameters): RegNetConfig => ({ definition, ...parameters, seRatio: 0.25 }),
});
const [torchvision, timm] = [source("torchvision"), source("timm")];

/** The options of each network, for `regNet()`. */
export const REGNETS: Readonly<Record<TorchvisionRegNet | TimmRegNet, RegNetConfig>> = {
  regnet_x_400mf: torchvision.x(X["400MF"]),
  regnet_x_800mf: torchvision.x(X["800MF"]),
  regnet_x_1_6gf: torchvision.x(X["1.6GF"]),
  regnet_x_3_2gf: torchvision.x(X["3.2GF"]),
  regnet_x_8gf: torchvision.x(X["8.0GF"]),
  regnet_x_16gf: torchvision.x(X["16GF"]),
  regnet_x_32gf: torchvision.x(X["32GF"]),
  regnet_y_400mf: torchvision.y(Y["400MF"]),
  regnet_y_800mf: torchvision.y(Y["800MF"]),
  regnet_y_1_6gf: torchvision.y(Y["1.6GF"]),
  regnet_y_3_2gf: torchvision.y(Y["3.2GF"]),
  regnet_y_8gf: torchvision.y(Y["8.0GF"]),
  regnet_y_16gf: torchvision.y(Y["16GF"]),
  regnet_y_32gf: torchvision.y(Y["32GF"]),
  regnet_y_128gf: torchvision.y(Y["128GF"]),
  regnetx_002: timm.x(X["200MF"]),
  regnetx_004: timm.x(X["400MF"]),
  regnetx_006: timm.x(X["600MF"]),
  regnetx_008: timm.x(X["800MF"]),
  regnetx_016: timm.x(X["1.6GF"]),
  regnetx_032: timm.x(X["3.2GF"]),
  regnetx_040: timm.x(X["4.0GF"]),
  regnetx_064: timm.x(X["6.4GF"]),
  regnetx_080: timm.x(X["8.0GF"]),
  regnetx_120: timm.x(X["12GF"]),
  regnetx_160: timm.x(X["16GF"]),
  regnetx_320: timm.x(X["32GF"]),
  regnety_002: timm.y(Y["200MF"]),
  regnety_004: timm.y(Y["400MF"]),
  regnety_006: timm.y(Y["600MF"]),
  regnety_008: timm.y(Y["800MF"]),
  regnety_016: timm.y(Y["1.6GF"]),
  regnety_032: timm.y(Y["3.2GF"]),
  regnety_040: timm.y(Y["4.0GF"]),
  regnety_064: timm.y(Y["6.4GF"]),
  regnety_080: timm.y(Y["8.0GF"]),
  regnety_120: timm.y(Y["12GF"]),
  regnety_160: timm.y(Y["16GF"]),
  regnety_320: timm.y(Y["32GF"]),
};
