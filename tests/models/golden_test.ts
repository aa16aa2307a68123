import { alexNet } from "../../models/alexnet.ts";
import type { Block } from "../../models/block.ts";
import { batchNormLeNet, leNet } from "../../models/lenet.ts";
import { testGolden } from "./golden_case.ts";

const NETS: Record<string, { block: () => Block; backends: readonly ("wasm" | "cpu")[] }> = {
  d2l_lenet: { block: () => leNet(), backends: ["wasm", "cpu"] },
  d2l_bnlenet: { block: () => batchNormLeNet(), backends: ["wasm", "cpu"] },
  d2l_bnlenet_scratch: { block: () => batchNormLeNet({ definition: "book" }), backends: ["wasm", "cpu"] },
  d2l_alexnet_tiny: {
    block: () => alexNet({ channels: [8, 16, 24, 24, 16], features: 32, dropout: 0 }),
    backends: ["wasm", "cpu"],
  },
  // Half a minute of plain JavaScript: wasm only.
  d2l_alexnet: { block: () => alexNet({ dropout: 0 }), backends: ["wasm"] },
};

for (const [name, { block, backends }] of Object.entries(NETS)) testGolden(name, block, backends);
