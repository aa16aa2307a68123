/**
 * How much of the processors goes to others while it is measured. Linux tells it;
 * elsewhere nothing is known.
 *
 * @module
 */

/** Times in ticks of the system's clock, since it was started. */
export interface Ticks {
  /** Of all processors, whatever they did. */
  readonly total: number;
  /** That they computed, or that a hypervisor gave to other machines. */
  readonly busy: number;
  /** That our own processes computed. */
  readonly own: number;
}

/** `cpu  user nice system idle iowait irq softirq steal guest guest_nice` of /proc/stat; guests are counted in user. */
export function parseStat(text: string): Pick<Ticks, "total" | "busy"> {
  const line = text.split("\n").find((line) => line.startsWith("cpu ")) ?? "";
  const fields = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = fields.reduce((sum, field) => sum + field, 0);
  return { total, busy: total - (fields[3] ?? 0) - (fields[4] ?? 0) };
}

/** utime and stime of /proc/PID/stat: the fields 14 and 15, counted behind the name, which may hold anything. */
export function parseProcess(text: string): number {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** What the processors did so far, and what of it was for the processes `pids`; undefined where the system does not tell. */
export async function readTicks(
  pids: readonly number[],
  read: (path: string) => Promise<string> = Deno.readTextFile,
): Promise<Ticks | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const own = await Promise.all(pids.map(async (pid) => parseProcess(await read(`/proc/${pid}/stat`))));
    return { ...parseStat(await read("/proc/stat")), own: own.reduce((sum, ticks) => sum + ticks, 0) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** The share of all processors' time between two readings that went to others; null where it is not known. */
export function othersBetween(before: Ticks | undefined, after: Ticks | undefined): number | null {
  if (before === undefined || after === undefined || after.total <= before.total) return null;
  const others = (after.busy - before.busy) - (after.own - before.own);
  return Math.max(0, others) / (after.total - before.total);
}
