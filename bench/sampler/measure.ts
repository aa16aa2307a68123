/**
 * The loop that measures: the first step, the warm-up, the samples.
 *
 * @module
 */
import type { Message } from "./messages.ts";
import { STABILITY, type StabilityRule, warmUpState } from "./stability.ts";

/** What a measurement takes; tests put their own clock and step in. */
export interface Measurement {
  /** What is measured; gives a number that all of its work went into. */
  readonly step: () => Promise<number>;
  /** How many times, after the warm-up. */
  readonly samples: number;
  /** Takes what is to be told. */
  readonly tell: (message: Message) => void;
  /** Milliseconds, as `performance.now()`. */
  readonly now?: () => number;
  /** When the warm-up is over. */
  readonly rule?: StabilityRule;
}

/** At most so often something is told between steps: to write a line costs what a small step may not notice. */
const TELL_EVERY_MS = 250;

/**
 * Measures; gives whether each step's number was finite. Between two samples only two
 * clocks are read and a number is kept; what is told goes out in pieces.
 */
export async function measure(
  { step, samples, tell, now = () => performance.now(), rule = STABILITY }: Measurement,
): Promise<boolean> {
  let finite = true;
  let told = now();
  const timed = async () => {
    const start = now();
    const value = await step();
    const end = now();
    finite &&= Number.isFinite(value);
    return { start, end };
  };

  const first = await timed();
  tell({ type: "first", ms: first.end - first.start });

  const warmUp: number[] = [];
  let state: ReturnType<typeof warmUpState>;
  do {
    const { start, end } = await timed();
    warmUp.push(end - start);
    if (end - told >= TELL_EVERY_MS) {
      tell({ type: "alive" });
      told = end;
    }
    state = warmUpState(warmUp, rule);
  } while (state === "go on");
  tell({
    type: "warm",
    steps: warmUp.length,
    ms: warmUp.reduce((sum, ms) => sum + ms, 0),
    stable: state === "stable",
  });

  let untold: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const { start, end } = await timed();
    untold.push(end - start);
    if (end - told < TELL_EVERY_MS && sample < samples - 1) continue;
    tell({ type: "samples", ms: untold });
    untold = [];
    told = end;
  }
  return finite;
}
