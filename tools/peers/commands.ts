/**
 * How each variant's process is started.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ROOT } from "../jsr.ts";
import { isTorch, LEARNING_RATE, SEED, type Variant } from "./plan.ts";
import { peersFolder } from "./setup.ts";
import type { WorkerCommand } from "./worker.ts";

/** What is there to start. */
export interface Sides {
  /** Why libtensorflow is not there; undefined where it is. */
  readonly tensorflow: string | undefined;
  /** A Python with PyTorch, or why there is none. */
  readonly torch: { readonly python: string } | { readonly reason: string };
  /** Threads of each side. */
  readonly threads: number;
}

/** One answer may take this long: inductor compiles a network for minutes where it does so for the first time. */
const PATIENCE = 600_000;

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function ours(variant: Variant): WorkerCommand {
  const permissions = ["--allow-read", "--allow-env", "--allow-ffi", "--allow-sys"];
  return {
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", "--no-check", ...permissions, here("./child.ts"), variant],
    patience: PATIENCE,
  };
}

function torch(variant: Variant, python: string, threads: number): WorkerCommand {
  const options = {
    variant,
    threads,
    seed: SEED,
    learningRate: LEARNING_RATE,
    // The definitions that PyTorch's numbers in the tests come from.
    definitions: join(ROOT, "tests", "fixtures"),
  };
  return {
    program: python,
    args: [here("./torch_child.py"), JSON.stringify(options)],
    // What inductor has compiled once is there in the next run.
    env: { TORCHINDUCTOR_CACHE_DIR: `${peersFolder()}/inductor`, PYTHONDONTWRITEBYTECODE: "1" },
    patience: PATIENCE,
  };
}

/** The command of each variant, or why there is none. */
export function commandsOf(sides: Sides): (variant: Variant) => WorkerCommand | string {
  return (variant) => {
    if (!isTorch(variant)) return sides.tensorflow ?? ours(variant);
    return "reason" in sides.torch ? sides.torch.reason : torch(variant, sides.torch.python, sides.threads);
  };
}
