/**
 * Why the figures of a run may mean less than they seem to.
 *
 * @module
 */
import { fewestSamples } from "../../bench/report/median.ts";
import { LOAD_BOUND, OTHERS_BOUND } from "./plan.ts";
import type { Measured } from "./run.ts";

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** A sentence where the machine is not quiet when a run starts; undefined where it is, or where that is not known. */
export function loadWarning(load: number | null, cores: number): string | undefined {
  if (load === null || load <= LOAD_BOUND * cores) return undefined;
  return `the load was ${load.toFixed(2)} at the start, above ${(LOAD_BOUND * cores).toFixed(2)}: ` +
    "something else runs on this machine, and ratios are worth little";
}

/** What a reader of the figures has to know. */
export function warningsOf(
  { cells, others, withoutBfloat16, interrupted }: Measured,
  { load, cores }: { load: number | null; cores: number },
): string[] {
  const quiet = loadWarning(load, cores);
  const disturbed = others.filter(({ share }) => share > OTHERS_BOUND);
  const most = Math.max(...disturbed.map(({ share }) => share));
  const least = fewestSamples(0.95);
  const few = cells.filter(({ samplesMs }) => samplesMs.length < least);
  return [
    ...(quiet === undefined ? [] : [quiet]),
    ...(disturbed.length === 0 ? [] : [
      `others took up to ${percent(most)} of the processors in ${disturbed.length} of ${others.length} measurements`,
    ]),
    ...(withoutBfloat16 === undefined ? [] : [withoutBfloat16]),
    ...(few.length === 0 ? [] : [`${few.length} results have fewer than ${least} samples`]),
    ...cells.filter(({ finite }) => !finite).map(({ model, mode, precision, variant }) =>
      `${model} ${mode} ${precision}, ${variant}: a step gave a number that is not finite`
    ),
    ...(interrupted ? ["interrupted: what follows is what was measured until then"] : []),
  ];
}
