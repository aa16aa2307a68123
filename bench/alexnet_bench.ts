import { benchModels } from "./bench_models.ts";

await benchModels(["d2l/alexnet"]);
