import { benchModels } from "./bench_models.ts";

await benchModels(["d2l/lenet", "d2l/bnlenet", "d2l/bnlenet_scratch"]);
