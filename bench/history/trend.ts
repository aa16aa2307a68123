/**
 * How a series went: the levels that it was at, and where they changed.
 *
 * @module
 */
import { median } from "../report/median.ts";
import { changePoints } from "./change_points.ts";
import type { History, Point, Series, SeriesFilter } from "./history.ts";

/** Results that belong together. */
export interface Level {
  /** Its first result. */
  readonly first: Point;
  /** Place of the first result in the trend's points. */
  readonly start: number;
  /** How many there are. */
  readonly results: number;
  /** Median of their medians, in milliseconds a step. */
  readonly median: number;
  /** Against the level before: 1.05 is 5 % slower; null for the first. */
  readonly ratio: number | null;
}

/** A series and what is to be said of it. */
export interface Trend {
  /** What was measured. */
  readonly series: Series;
  /** Its last results, the oldest first. */
  readonly points: readonly Point[];
  /** Its levels, the oldest first; one where nothing changed. */
  readonly levels: readonly Level[];
}

/** The levels of a series. */
export function levelsOf(points: readonly Point[]): Level[] {
  const starts = [0, ...changePoints(points.map(({ median }) => median))];
  const levels: Level[] = [];
  starts.forEach((start, i) => {
    const part = points.slice(start, starts[i + 1]);
    const [first] = part;
    if (first === undefined) return;
    const level = median(part.map(({ median }) => median));
    const before = levels.at(-1)?.median;
    levels.push({
      first,
      start,
      results: part.length,
      median: level,
      ratio: before === undefined ? null : level / before,
    });
  });
  return levels;
}

/** How many results a trend looks at where nothing else is said: enough for years, and quick. */
export const LAST = 500;

/** The trends of all series that match, each over its `last` results. */
export function trends(history: History, filter: SeriesFilter, last: number = LAST): Trend[] {
  return history.series(filter).map((series) => {
    const points = history.points(series, last);
    return { series, points, levels: levelsOf(points) };
  });
}
