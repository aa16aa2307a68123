import { benchFamily } from "./bench_models.ts";

await benchFamily("resnext");
