/**
 * All commands of `convbench`: what `--help` lists, what completions offer, what runs.
 *
 * @module
 */
import type { Command } from "./flags.ts";

/** A command, once it is loaded. */
export interface Loaded {
  /** What its help and its completions are written from. */
  readonly spec: Command;
  /** Runs it on what follows its name; gives the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

/** A command, before it is loaded. */
export interface Entry {
  /** One line for `convbench --help`. */
  readonly summary: string;
  /** Loads it when it is asked for: each needs libraries and permissions that the others do not. */
  readonly load: () => Promise<Loaded>;
}

/** By name; two words where a command belongs to another one. In the order in which `--help` lists them. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  bench: {
    summary: "measure networks, and keep the raw samples",
    load: async () => {
      const { BENCH, benchCommand } = await import("./bench.ts");
      return { spec: BENCH, run: benchCommand };
    },
  },
  compare: {
    summary: "say which networks got slower or faster between two reports",
    load: async () => {
      const { COMPARE, compareCommand } = await import("./compare.ts");
      return { spec: COMPARE, run: compareCommand };
    },
  },
  ab: {
    summary: "measure two commits in turn, and say which networks got slower",
    load: async () => {
      const { AB, abCommand } = await import("./ab.ts");
      return { spec: AB, run: abCommand };
    },
  },
  report: {
    summary: "rank the networks of one report",
    load: async () => {
      const { REPORT, reportCommand } = await import("./report.ts");
      return { spec: REPORT, run: reportCommand };
    },
  },
  history: {
    summary: "show how a network's speed went, and where it changed",
    load: async () => {
      const { HISTORY, historyCommand } = await import("./history.ts");
      return { spec: HISTORY, run: historyCommand };
    },
  },
  "history add": {
    summary: "keep reports in a history",
    load: async () => {
      const { HISTORY_ADD, historyAddCommand } = await import("./history.ts");
      return { spec: HISTORY_ADD, run: historyAddCommand };
    },
  },
  serve: {
    summary: "show the history as a local web page",
    load: async () => {
      const { SERVE, serveCommand } = await import("./serve.ts");
      return { spec: SERVE, run: serveCommand };
    },
  },
  import: {
    summary: "read what deno bench --json printed, and say what it cannot tell",
    load: async () => {
      const { IMPORT, importCommand } = await import("./import.ts");
      return { spec: IMPORT, run: importCommand };
    },
  },
  train: {
    summary: "train a network on Fashion-MNIST",
    load: async () => {
      const { TRAIN, trainCommand } = await import("./train.ts");
      return { spec: TRAIN, run: trainCommand };
    },
  },
  classify: {
    summary: "say what is on a picture, by a network with ImageNet weights",
    load: async () => {
      const { CLASSIFY, classifyCommand } = await import("./classify.ts");
      return { spec: CLASSIFY, run: classifyCommand };
    },
  },
  diagram: {
    summary: "draw a network, as SVG or as a Mermaid flowchart",
    load: async () => {
      const { DIAGRAM, diagram } = await import("./diagram.ts");
      return { spec: DIAGRAM, run: (args) => diagram(args) };
    },
  },
  models: {
    summary: "list the networks",
    load: async () => {
      const { MODELS, modelsCommand } = await import("./models.ts");
      return { spec: MODELS, run: modelsCommand };
    },
  },
  setup: {
    summary: "install libtensorflow, which the tensorflow backend runs on",
    load: async () => {
      const { SETUP, setup } = await import("./setup.ts");
      return { spec: SETUP, run: setup };
    },
  },
  doctor: {
    summary: "what this machine has for each backend, and how to get what is missing",
    load: async () => {
      const { DOCTOR, doctor } = await import("./doctor.ts");
      return { spec: DOCTOR, run: (args) => doctor(args) };
    },
  },
  completions: {
    summary: "print a script that completes commands, flags and names in a shell",
    load: async () => {
      const { COMPLETIONS, completionsCommand } = await import("./completions.ts");
      return { spec: COMPLETIONS, run: completionsCommand };
    },
  },
};
