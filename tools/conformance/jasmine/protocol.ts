/**
 * What the process that runs specs tells the one that judges them: JSON, a line each.
 *
 * @module
 */

/** How a spec ended; `crashed` with its process. */
export type Status = "passed" | "failed" | "pending" | "crashed";

/** A spec and how it ended. */
export interface SpecResult {
  /** Jasmine's id of it, the same in every run of a bundle. */
  readonly id: string;
  /** The names of its suites and its own, without the backend's. */
  readonly name: string;
  readonly status: Status;
  /** The first thing that failed; what the process died of; empty where it passed. */
  readonly message: string;
  /** Whether tfjs-node's own run leaves it out. */
  readonly ignored: boolean;
}

/** A line of the process that runs specs. */
export type Line =
  | { readonly kind: "started"; readonly id: string; readonly name: string; readonly ignored: boolean }
  | { readonly kind: "done"; readonly result: SpecResult }
  /** Something failed outside of any spec: in a suite's `afterAll`, or on loading. */
  | { readonly kind: "stray"; readonly name: string; readonly message: string }
  | { readonly kind: "ends" };

/** What that process is asked to do. */
export interface Job {
  readonly backend: "tensorflow";
  /** The bundle. */
  readonly bundle: string;
  /** A folder for the specs' own files. */
  readonly scratch: string;
  /** Part of the name of each spec to run; all where it is empty. */
  readonly grep: string;
  /** Ids of specs not to run: they ran before, or ended the process. */
  readonly skip: readonly string[];
}
