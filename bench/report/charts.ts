/**
 * The plots of a report.
 *
 * @module
 */
import {
  axisStyle,
  decades,
  draw,
  FAINT,
  INK,
  logAxis,
  namedPoints,
  type Place,
  SERIES,
  shorten,
  tick,
} from "./draw.ts";
import { change, digits, large } from "./numbers.ts";

/** A line of {@linkcode intervalChart}. */
export interface IntervalBar {
  /** What it is of. */
  readonly name: string;
  /** The estimate. */
  readonly value: number;
  /** Its interval. */
  readonly interval: readonly [number, number] | null;
  /** Which of the series' colours. */
  readonly series?: 0 | 1 | undefined;
}

/** The dashed line between faster and slower. */
const noChange = {
  silent: true,
  symbol: "none",
  label: { show: false },
  lineStyle: { color: INK, type: "dashed" as const },
  data: [{ xAxis: 0 }],
};

/** From this ratio of the longest bar to the shortest on, the shortest would not be seen. */
const BARS_UP_TO = 50;

/**
 * Estimates with their intervals, one below the other. `bars` grow from zero, and are
 * dots on a logarithmic axis where they differ too much for that; `dots` are changes
 * around none.
 */
export function intervalChart(
  bars: readonly IntervalBar[],
  { kind, unit }: { kind: "bars" | "dots"; unit: string },
): string {
  const names = bars.map(({ name }) => shorten(name));
  const values = bars.map(({ value }) => value);
  const logarithmic = kind === "bars" && Math.max(...values) > BARS_UP_TO * Math.min(...values);
  const scale = (value: number) => kind === "bars" ? value : 100 * (value - 1);
  const show = (value: number) => kind === "bars" ? digits(value) : change(1 + value / 100);
  const whiskers = bars.flatMap(({ interval }, i) =>
    interval === null ? [] : [[i, scale(interval[0]), scale(interval[1])]]
  );
  const dotted = kind === "dots" || logarithmic;
  const estimates = bars.map(({ value, series = 0 }, i) => ({
    value: dotted ? [scale(value), i] : value,
    // Colour is not all that tells one series from the other.
    symbol: series === 0 ? "circle" : "diamond",
    itemStyle: { color: SERIES[series], opacity: 1 },
  }));
  return draw(860, 70 + 20 * bars.length, {
    // There is no font to measure the names in.
    grid: { left: 20 + 7 * Math.max(0, ...names.map(({ length }) => length)), right: 32, top: 8, bottom: 44 },
    xAxis: logarithmic ? logAxis(`${unit}, logarithmic`, 28, show) : {
      type: "value",
      name: unit,
      nameLocation: "middle",
      nameGap: 28,
      scale: kind === "dots",
      ...axisStyle,
      axisLabel: { color: INK, formatter: (value: number) => kind === "bars" ? tick(show(value)) : show(value) },
    },
    yAxis: {
      ...axisStyle,
      type: "category",
      data: names,
      inverse: true,
      // It would cover the dashed line of no change.
      axisLine: { show: kind === "bars", lineStyle: { color: INK } },
      axisTick: { show: false },
      axisLabel: { color: INK, interval: 0 },
      // A dot far to the right is hard to follow to its name without a line.
      splitLine: { show: dotted, lineStyle: { color: FAINT } },
    },
    series: [
      dotted
        ? { type: "scatter", data: estimates, symbolSize: 9, ...kind === "dots" ? { markLine: noChange } : {} }
        : { type: "bar", data: estimates, barWidth: 12 },
      {
        type: "custom",
        data: whiskers,
        encode: { x: [1, 2], y: 0 },
        renderItem: (_, api) => {
          const [x1, y] = api.coord([api.value(1), api.value(0)]);
          const [x2] = api.coord([api.value(2), api.value(0)]);
          if (x1 === undefined || x2 === undefined || y === undefined) return null;
          const d = `M${x1} ${y - 4}V${y + 4}M${x1} ${y}H${x2}M${x2} ${y - 4}V${y + 4}`;
          return { type: "path", shape: { pathData: d }, style: { stroke: INK, fill: "none", lineWidth: 1.5 } };
        },
      },
    ],
  });
}

/** A point of {@linkcode frontChart}. */
export interface FrontPoint {
  /** The network. */
  readonly name: string;
  /** What it costs. */
  readonly cost: number;
  /** Images a second. */
  readonly rate: number;
}

/**
 * The Pareto front, by rising cost: of networks with as many MACs (or parameters) or
 * more, none is as fast. What a network costs is also what it can learn.
 */
export function paretoFront<Point extends FrontPoint>(points: readonly Point[]): Point[] {
  const front: Point[] = [];
  for (const point of [...points].sort((a, b) => b.cost - a.cost || b.rate - a.rate)) {
    const last = front.at(-1);
    if (last === undefined || point.rate > last.rate) front.push(point);
  }
  return front.reverse();
}

/** Images a second against what a network costs, with the Pareto front; its names come before those of the others. */
export function frontChart(points: readonly FrontPoint[], cost: string): string {
  const front = paretoFront(points);
  const onFront = new Set(front);
  const ordered = [...front, ...points.filter((point) => !onFront.has(point))];
  const frame = {
    width: 860,
    height: 420,
    grid: { left: 80, right: 32, top: 12, bottom: 48 },
    x: decades(points.map(({ cost }) => cost)),
    y: decades(points.map(({ rate }) => rate)),
  };
  const steps = front.slice(1).flatMap(({ cost, rate }, i): [Place, Place][] => {
    const before = front[i] ?? { cost, rate };
    return [[[before.cost, before.rate], [before.cost, rate]], [[before.cost, rate], [cost, rate]]];
  });
  const named = namedPoints(
    ordered.map(({ name, cost, rate }) => ({ name, value: [cost, rate] })),
    frame,
    steps,
  );
  return draw(frame.width, frame.height, {
    grid: frame.grid,
    xAxis: { ...logAxis(cost, 30, large), ...frame.x },
    yAxis: { ...logAxis("images/s", 56, digits), ...frame.y },
    series: [
      {
        type: "line",
        step: "start",
        data: front.map(({ cost, rate }) => [cost, rate]),
        symbol: "none",
        lineStyle: { color: SERIES[1], width: 1.5 },
      },
      {
        type: "scatter",
        symbolSize: 8,
        data: named.map((point, i) => ({
          ...point,
          itemStyle: { color: SERIES[i < front.length ? 1 : 0], opacity: 1 },
        })),
      },
    ],
  });
}

/** Samples of a process after another, in the order in which they were measured. */
export function samplesChart(sides: readonly (readonly (readonly number[])[])[]): string {
  let at = 0;
  const series = sides.flatMap((processes, side) =>
    processes.map((samples) => ({
      type: "line" as const,
      data: samples.map((sample) => [at++, sample]),
      // A line of one point would not be seen.
      symbol: samples.length === 1 ? "circle" : "none",
      symbolSize: 4,
      lineStyle: { color: SERIES[side % 2] ?? INK, width: 1.5 },
      itemStyle: { color: SERIES[side % 2] ?? INK },
    }))
  );
  return draw(420, 110, {
    grid: { left: 4, right: 8, top: 8, bottom: 4, containLabel: true },
    xAxis: { type: "value", show: false, min: 0, max: Math.max(1, at - 1) },
    yAxis: {
      ...axisStyle,
      type: "value",
      scale: true,
      splitNumber: 2,
      axisLabel: { color: INK, formatter: (value: number) => digits(value) },
    },
    series,
  });
}
