/**
 * The plots of a report, drawn as SVG by ECharts, without script. Colours are CSS
 * variables of the page, so that one picture serves light and dark.
 *
 * @module
 */
import { type EChartsOption, init } from "echarts";
import { change, digits, large } from "./numbers.ts";

const INK = "var(--ink)";
const FAINT = "var(--line)";
/** Colours of the first and the second series. */
const SERIES = ["var(--first)", "var(--second)"] as const;
const FONT = { color: INK, fontFamily: "system-ui, sans-serif", fontSize: 12 };

const axisStyle = {
  axisLine: { lineStyle: { color: INK } },
  axisTick: { lineStyle: { color: INK } },
  axisLabel: { color: INK },
  nameTextStyle: { color: INK },
  splitLine: { lineStyle: { color: FAINT } },
};

function draw(width: number, height: number, option: EChartsOption): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: FONT, color: [...SERIES], ...option });
    // Where the page is narrow the picture shrinks with it.
    return chart.renderToSVGString({ useViewBox: true });
  } finally {
    chart.dispose();
  }
}

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

const shorten = (text: string): string => text.length <= 40 ? text : `${text.slice(0, 24)}…${text.slice(-15)}`;

/**
 * Estimates with their intervals, one below the other. `bars` grow from zero; `dots`
 * are changes around none.
 */
export function intervalChart(
  bars: readonly IntervalBar[],
  { kind, unit }: { kind: "bars" | "dots"; unit: string },
): string {
  const names = bars.map(({ name }) => shorten(name));
  const scale = (value: number) => kind === "bars" ? value : 100 * (value - 1);
  const whiskers = bars.flatMap(({ interval }, i) =>
    interval === null ? [] : [[i, scale(interval[0]), scale(interval[1])]]
  );
  const estimates = bars.map(({ value, series = 0 }, i) => ({
    value: kind === "bars" ? value : [scale(value), i],
    itemStyle: { color: SERIES[series], opacity: 1 },
  }));
  return draw(860, 70 + 20 * bars.length, {
    // There is no font to measure the names in.
    grid: { left: 20 + 7 * Math.max(0, ...names.map(({ length }) => length)), right: 32, top: 8, bottom: 44 },
    xAxis: {
      type: "value",
      name: unit,
      nameLocation: "middle",
      nameGap: 28,
      scale: kind === "dots",
      ...axisStyle,
      axisLabel: {
        color: INK,
        formatter: (value: number) => kind === "bars" ? digits(value) : change(1 + value / 100),
      },
    },
    yAxis: {
      ...axisStyle,
      type: "category",
      data: names,
      inverse: true,
      axisTick: { show: false },
      axisLabel: { color: INK, interval: 0 },
    },
    series: [
      kind === "bars" ? { type: "bar", data: estimates, barWidth: 12 } : {
        type: "scatter",
        data: estimates,
        symbolSize: 8,
        markLine: {
          silent: true,
          symbol: "none",
          label: { show: false },
          lineStyle: { color: INK, type: "dashed" },
          data: [{ xAxis: 0 }],
        },
      },
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

/** Images a second against what a network costs, with the Pareto front. */
export function frontChart(points: readonly FrontPoint[], cost: string): string {
  const front = paretoFront(points);
  const onFront = new Set(front.map(({ name }) => name));
  const longest = Math.max(0, ...front.map(({ name }) => shorten(name).length));
  return draw(860, 420, {
    grid: { left: 70, right: 20 + 7 * longest, top: 36, bottom: 44 },
    xAxis: {
      ...axisStyle,
      type: "log",
      name: cost,
      nameLocation: "middle",
      nameGap: 30,
      axisLabel: { color: INK, formatter: (value: number) => large(value) },
    },
    yAxis: {
      ...axisStyle,
      type: "log",
      name: "images/s",
      axisLabel: { color: INK, formatter: (value: number) => digits(value) },
    },
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
        data: points.map(({ name, cost, rate }) => ({
          value: [cost, rate],
          name: shorten(name),
          itemStyle: { color: SERIES[onFront.has(name) ? 1 : 0], opacity: 1 },
          label: { show: onFront.has(name) },
        })),
        label: { position: "right", formatter: "{b}", color: INK },
        labelLayout: { hideOverlap: true },
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
