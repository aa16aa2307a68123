/**
 * All of PyTorch's numbers on TensorFlow, those of full-size networks among them;
 * not where `--models` asks for some networks only.
 *
 * @module
 */
import { testFullGolden, testGolden } from "../models/golden_case.ts";
import { FULL_GOLDENS as FULL_REGNET_GOLDENS, GOLDENS as REGNET_GOLDENS } from "../models/full/regnet.ts";
import { FULL_GOLDENS as FULL_RESNET_GOLDENS, GOLDENS as RESNET_GOLDENS } from "../models/full/resnet.ts";
import { FULL_GOLDENS as FULL_VGG_GOLDENS, GOLDENS as VGG_GOLDENS } from "../models/full/vgg.ts";
import { parseFullTestOptions } from "./options.ts";

const GOLDENS = { ...VGG_GOLDENS, ...RESNET_GOLDENS, ...REGNET_GOLDENS };
const FULL_GOLDENS = { ...FULL_VGG_GOLDENS, ...FULL_RESNET_GOLDENS, ...FULL_REGNET_GOLDENS };

if (!parseFullTestOptions(Deno.args).isNarrowed) {
  for (const [name, block] of Object.entries(GOLDENS)) testGolden(name, block, []);
  for (const [name, block] of Object.entries(FULL_GOLDENS)) testFullGolden(name, block, []);
}
