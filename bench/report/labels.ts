/**
 * Where the names of points go: ECharts hides those that cover one another, but lets
 * them cover other points, and tries one place only.
 *
 * @module
 */

/** A point in pixels, and what it is called. */
export interface Mark {
  /** From the left. */
  readonly x: number;
  /** From the top. */
  readonly y: number;
  /** Its name. */
  readonly text: string;
}

/** On which side of its point a name stands, as ECharts calls it. */
export type Side = "right" | "left" | "top" | "bottom";

/** A part of the picture, in pixels. */
export interface Box {
  /** From the left. */
  readonly left: number;
  /** From the top. */
  readonly top: number;
  /** From the left. */
  readonly right: number;
  /** From the top. */
  readonly bottom: number;
}

/** Of a character of 11 pixels, on the average: there is no font to measure. */
const CHARACTER = 6.3;
const LINE = 13;
/** From a point's middle to its name. */
const GAP = 8;
/** Half of a point. */
const DOT = 4;

function boxes({ x, y, text }: Mark): Readonly<Record<Side, Box>> {
  const width = CHARACTER * text.length;
  const beside = { top: y - LINE / 2, bottom: y + LINE / 2 };
  const across = { left: x - width / 2, right: x + width / 2 };
  return {
    right: { ...beside, left: x + GAP, right: x + GAP + width },
    left: { ...beside, left: x - GAP - width, right: x - GAP },
    top: { ...across, top: y - GAP - LINE, bottom: y - GAP },
    bottom: { ...across, top: y + GAP, bottom: y + GAP + LINE },
  };
}

const meet = (a: Box, b: Box): boolean =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

/**
 * A side for each name, the first of `marks` before the others; undefined where it would leave `within`, or cover a
 * point, another name or what is `taken`, on each of them.
 */
export function placeLabels(
  marks: readonly Mark[],
  { within, taken = [] }: { within: Box; taken?: readonly Box[] },
): (Side | undefined)[] {
  const dots = marks.map(({ x, y }) => ({ left: x - DOT, right: x + DOT, top: y - DOT, bottom: y + DOT }));
  const covered: Box[] = [...taken, ...dots];
  return marks.map((mark) => {
    const places = Object.entries(boxes(mark)) as [Side, Box][];
    const free = places.find(([, box]) =>
      box.left >= within.left && box.right <= within.right && box.top >= within.top && box.bottom <= within.bottom &&
      !covered.some((other) => meet(box, other))
    );
    if (free === undefined) return undefined;
    covered.push(free[1]);
    return free[0];
  });
}
