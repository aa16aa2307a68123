/**
 * The program of this project's processes, and of stock tfjs': answers one line for
 * each that it is asked, as torch_child.py does on PyTorch's side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { useBackend } from "../../backends/select.ts";
import { readEnv } from "../../data/folders.ts";
import { listModels } from "../../models/registry.ts";
import { linesOf } from "./lines.ts";
import { type Answer, encodeAnswer, parseRequest, type Request, variantSchema } from "./messages.ts";
import { prepareOurs, prepareStock, type Step, useStock } from "./ours.ts";

const encoder = new TextEncoder();

function tell(answer: Answer): void {
  const line = encoder.encode(`${encodeAnswer(answer)}\n`);
  for (let written = 0; written < line.length;) written += Deno.stdout.writeSync(line.subarray(written));
}

/** Answers requests, one after the other; tests put their own steps and clock in. */
export class Responder {
  readonly #prepare: (options: Parameters<typeof prepareOurs>[0]) => Step;
  readonly #now: () => number;
  #step: Step | undefined;
  #last = Infinity;

  /** One that steps what `prepare` gives. */
  constructor(prepare: (options: Parameters<typeof prepareOurs>[0]) => Step, now = () => performance.now()) {
    this.#prepare = prepare;
    this.#now = now;
  }

  /** The answer to `request`; what cannot be done is an answer too. */
  async answer(request: Exclude<Request, { do: "end" }>): Promise<Answer> {
    try {
      switch (request.do) {
        case "prepare":
          return await this.#prepared(request);
        case "measure":
          return await this.#measured(request);
        case "release":
          return this.#released();
      }
    } catch (error) {
      return { type: "failed", reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
  }

  async #prepared({ model, mode, precision, batch }: Request & { do: "prepare" }): Promise<Answer> {
    this.#released();
    const start = this.#now();
    this.#step = this.#prepare({ model: z.enum(listModels()).parse(model), mode, precision, batch });
    const value = await this.#step.run();
    return { type: "prepared", ms: this.#now() - start, params: this.#step.params, value };
  }

  async #measured({ ms, least }: Request & { do: "measure" }): Promise<Answer> {
    if (this.#step === undefined) throw new Error("Expected to be prepared before measuring but found nothing");
    // Others ran meanwhile: the first step of many brings back what caches lost.
    if (this.#last < ms) await this.#step.run();
    const samples: number[] = [];
    let [finite, sum] = [true, 0];
    while (samples.length < least || sum < ms) {
      const start = this.#now();
      const value = await this.#step.run();
      const took = this.#now() - start;
      samples.push(took);
      sum += took;
      finite &&= Number.isFinite(value);
    }
    this.#last = samples.at(-1) ?? Infinity;
    return { type: "samples", ms: samples, finite };
  }

  #released(): Answer {
    this.#step?.dispose();
    this.#step = undefined;
    this.#last = Infinity;
    return { type: "released" };
  }
}

async function main(): Promise<void> {
  const variant = variantSchema.parse(Deno.args[0]);
  const { version, features } = await useBackend("tensorflow", { device: "cpu" });
  if (variant === "tfjs") await useStock();
  tell({
    type: "ready",
    versions: { deno: Deno.version.deno, v8: Deno.version.v8, tfjs: tf.version_core, libtensorflow: version },
    // TensorFlow takes all cores where it is not told otherwise.
    threads: Number(readEnv("TF_NUM_INTRAOP_THREADS")) || navigator.hardwareConcurrency,
    features,
  });
  const responder = new Responder(variant === "tfjs" ? prepareStock : prepareOurs);
  for await (const line of linesOf(Deno.stdin.readable)) {
    const request = parseRequest(line);
    if (request.do === "end") break;
    tell(await responder.answer(request));
  }
}

if (import.meta.main) {
  // Ctrl-C in a terminal goes to all its processes: the parent decides what ends.
  Deno.addSignalListener("SIGINT", () => {});
  try {
    await main();
  } catch (error) {
    tell({ type: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
  // A backend's threads, or a listener, must not keep a process that is done.
  Deno.exit(0);
}
