/**
 * How each network's published weights want their pictures; a test holds it
 * against what torchvision and timm say themselves.
 *
 * @module
 */
import { closest } from "fastest-levenshtein";
import { show } from "../../models/errors.ts";
import type { Preprocessing } from "../images/preprocess.ts";

type Transform = Readonly<Preprocessing>;

const bilinear = (resize: number, crop: number): Transform => ({ resize, crop, interpolation: "bilinear" });
const bicubic = (resize: number, crop: number): Transform => ({ resize, crop, interpolation: "bicubic" });

/** What most weights of a tag want; the tag tells the recipe that they were trained by. */
const BY_TAG: Readonly<Record<string, Transform>> = {
  // torchvision
  IMAGENET1K_V1: bilinear(256, 224),
  IMAGENET1K_V2: bilinear(232, 224),
  IMAGENET1K_SWAG_E2E_V1: bicubic(384, 384),
  IMAGENET1K_SWAG_LINEAR_V1: bicubic(224, 224),
  // timm
  in1k: bilinear(256, 224),
  untrained: bicubic(256, 224),
  pycls_in1k: bicubic(256, 224),
  gluon_in1k: bicubic(256, 224),
  racm_in1k: bicubic(256, 224),
  ra2_in1k: bicubic(256, 224),
  tv2_in1k: bicubic(232, 224),
  swag_lc_in1k: bicubic(232, 224),
  ra_in1k: bicubic(235, 224),
  ra3_in1k: bicubic(235, 224),
  deit_in1k: bicubic(235, 224),
  sw_in12k_ft_in1k: bicubic(235, 224),
  lion_in12k_ft_in1k: bicubic(235, 224),
  a1_in1k: bicubic(235, 224),
  a2_in1k: bicubic(235, 224),
  a3_in1k: bicubic(168, 160),
  swag_ft_in1k: bicubic(384, 384),
  seer_ft_in1k: bicubic(384, 384),
};

const googLeNet: Transform = { ...bilinear(256, 224), transformInput: true };
const half = [0.5, 0.5, 0.5] as const;

/** What those weights want that are unlike others of their tag. */
const EXCEPTIONS: Readonly<Record<string, Transform>> = {
  "torchvision/googlenet.IMAGENET1K_V1": googLeNet,
  "torchvision/googlenet_aux.IMAGENET1K_V1": googLeNet,
  "torchvision/resnext101_64x4d.IMAGENET1K_V1": bilinear(232, 224),
  "torchvision/efficientnet_b0.IMAGENET1K_V1": bicubic(256, 224),
  "torchvision/efficientnet_b1.IMAGENET1K_V1": bicubic(256, 240),
  "torchvision/efficientnet_b1.IMAGENET1K_V2": bilinear(255, 240),
  "torchvision/efficientnet_b2.IMAGENET1K_V1": bicubic(288, 288),
  "torchvision/efficientnet_b3.IMAGENET1K_V1": bicubic(320, 300),
  "torchvision/efficientnet_b4.IMAGENET1K_V1": bicubic(384, 380),
  "torchvision/efficientnet_b5.IMAGENET1K_V1": bicubic(456, 456),
  "torchvision/efficientnet_b6.IMAGENET1K_V1": bicubic(528, 528),
  "torchvision/efficientnet_b7.IMAGENET1K_V1": bicubic(600, 600),
  "torchvision/efficientnet_v2_s.IMAGENET1K_V1": bilinear(384, 384),
  "torchvision/efficientnet_v2_m.IMAGENET1K_V1": bilinear(480, 480),
  "torchvision/efficientnet_v2_l.IMAGENET1K_V1": { ...bicubic(480, 480), mean: half, std: half },
  "timm/legacy_seresnet18.in1k": bicubic(256, 224),
};

/** Networks of `source` with the tags of their weights, the library's own choice first. */
const published = (source: string, tags: string, networks: string): [network: string, tags: string[]][] =>
  networks.split(" ").map((network) => [`${source}/${network}`, tags.split(" ")]);

/** Every network with published weights. */
const TAGS: ReadonlyMap<string, readonly string[]> = new Map([
  ...published(
    "torchvision",
    "IMAGENET1K_V1",
    "alexnet vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn googlenet googlenet_aux resnet18 resnet34 " +
      "resnext101_64x4d densenet121 densenet161 densenet169 densenet201 efficientnet_b0 efficientnet_b2 " +
      "efficientnet_b3 efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7 efficientnet_v2_s " +
      "efficientnet_v2_m efficientnet_v2_l",
  ),
  ...published(
    "torchvision",
    "IMAGENET1K_V2 IMAGENET1K_V1",
    "resnet50 resnet101 resnet152 resnext50_32x4d resnext101_32x8d wide_resnet50_2 wide_resnet101_2 " +
      "regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf regnet_x_8gf regnet_x_16gf regnet_x_32gf " +
      "regnet_y_400mf regnet_y_800mf regnet_y_1_6gf regnet_y_3_2gf regnet_y_8gf efficientnet_b1",
  ),
  ...published(
    "torchvision",
    "IMAGENET1K_V2 IMAGENET1K_V1 IMAGENET1K_SWAG_E2E_V1 IMAGENET1K_SWAG_LINEAR_V1",
    "regnet_y_16gf regnet_y_32gf",
  ),
  ...published("torchvision", "IMAGENET1K_SWAG_E2E_V1 IMAGENET1K_SWAG_LINEAR_V1", "regnet_y_128gf"),
  ...published(
    "timm",
    "pycls_in1k",
    "regnetx_002 regnetx_004 regnetx_006 regnetx_040 regnetx_064 regnetx_120 regnety_002 regnety_006 regnety_008",
  ),
  ...published(
    "timm",
    "tv2_in1k pycls_in1k",
    "regnetx_008 regnetx_016 regnetx_032 regnetx_080 regnetx_160 regnetx_320 regnety_004 regnety_016",
  ),
  ...published("timm", "ra_in1k pycls_in1k tv2_in1k", "regnety_032"),
  ...published("timm", "ra3_in1k pycls_in1k", "regnety_040 regnety_064 regnety_080"),
  ...published("timm", "sw_in12k_ft_in1k pycls_in1k", "regnety_120"),
  ...published(
    "timm",
    "sw_in12k_ft_in1k deit_in1k lion_in12k_ft_in1k pycls_in1k swag_ft_in1k swag_lc_in1k tv2_in1k",
    "regnety_160",
  ),
  ...published("timm", "tv2_in1k pycls_in1k seer_ft_in1k swag_ft_in1k swag_lc_in1k", "regnety_320"),
  ...published(
    "timm",
    "in1k",
    "legacy_seresnet18 legacy_seresnet34 legacy_seresnet50 legacy_seresnet101 legacy_seresnet152 " +
      "legacy_seresnext50_32x4d legacy_seresnext101_32x4d legacy_senet154",
  ),
  ...published("timm", "untrained", "seresnet18 seresnet34 seresnet101 seresnet152"),
  ...published("timm", "a1_in1k a2_in1k a3_in1k ra2_in1k", "seresnet50"),
  ...published("timm", "racm_in1k gluon_in1k", "seresnext50_32x4d"),
  ...published("timm", "gluon_in1k", "seresnext101_32x4d"),
]);

/**
 * The tags of the weights that are published for `network`, the one that its
 * library loads where none is named first; none where nothing is known of it.
 *
 * @example
 * ```ts
 * import { imagenetTags } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(imagenetTags("torchvision/resnet50"), ["IMAGENET1K_V2", "IMAGENET1K_V1"]);
 * assertEquals(imagenetTags("d2l/lenet"), []);
 * ```
 */
export function imagenetTags(network: string): readonly string[] {
  return TAGS.get(network) ?? [];
}

/**
 * How `network` wants a picture of ImageNet: torchvision's
 * `weights.transforms()`, or what timm's `create_transform` makes of a
 * network's `default_cfg`, at the size of training.
 *
 * @param network A name of the catalog, `torchvision/resnet50`.
 * @param tag Which of its weights: torchvision's `IMAGENET1K_V1`, timm's `ra2_in1k`. The library's own choice where
 * it is left out.
 * @throws {RangeError} Where no weights of the network, or none of this tag, are known.
 *
 * @example
 * ```ts
 * import { imagenetPreprocessing } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(imagenetPreprocessing("torchvision/resnet50").resize, 232);
 * assertEquals(imagenetPreprocessing("torchvision/resnet50", "IMAGENET1K_V1").resize, 256);
 * ```
 */
export function imagenetPreprocessing(network: string, tag?: string): Preprocessing {
  const tags = imagenetTags(network);
  const [first] = tags;
  if (first === undefined) {
    throw new RangeError(
      `Expected a network with ImageNet weights but found ${show(network)}: is it ${
        show(closest(network, [...TAGS.keys()]))
      }`,
    );
  }
  const chosen = tag ?? first;
  const transform = EXCEPTIONS[`${network}.${chosen}`] ?? BY_TAG[chosen];
  if (!tags.includes(chosen) || transform === undefined) {
    throw new RangeError(`Expected the tag of ${network} to be ${tags.join(" or ")} but found ${show(chosen)}`);
  }
  return { ...transform };
}
