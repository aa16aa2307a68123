/**
 * Plots of a history, drawn as SVG by ECharts, without script.
 *
 * @module
 */
import { type EChartsOption, init } from "echarts";
import { digits } from "../report/numbers.ts";
import type { Point } from "./history.ts";
import { day, titlesOf } from "./page.ts";
import type { Trend } from "./trend.ts";

const INK = "var(--ink)";
const PANEL = { width: 860, height: 240 };
const MARGIN = { top: 48, bottom: 32 };

/** A picture by itself has no page to take its colours from. */
const COLOURS = `<style>
svg { --ink: #1f2328; --line: #d1d9e0; --paper: #fff; --first: #0969da; --second: #bc4c00; background: var(--paper); }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e6edf3; --line: #30363d; --paper: #0d1117; --first: #79c0ff; --second: #ffa657; }
}
</style>`;

type Part<K extends keyof EChartsOption> = Extract<NonNullable<EChartsOption[K]>, readonly unknown[]>[number];

const axisStyle = {
  axisLine: { lineStyle: { color: INK } },
  axisTick: { lineStyle: { color: INK } },
  axisLabel: { color: INK },
  nameTextStyle: { color: INK },
  splitLine: { lineStyle: { color: "var(--line)" } },
};

/** The day of a result; the axis has ticks beside results, too. */
function dayAt(points: readonly Point[], at: number): string {
  const point = points[at];
  return point === undefined ? "" : day(point.started);
}

function seriesOf({ points, levels }: Trend, panel: number): Part<"series">[] {
  const axes = { xAxisIndex: panel, yAxisIndex: panel, silent: true };
  const whiskers = points.flatMap(({ interval }, i) => interval === null ? [] : [[i, interval[0], interval[1]]]);
  return [
    {
      ...axes,
      type: "custom",
      data: whiskers,
      encode: { x: 0, y: [1, 2] },
      renderItem: (_, api) => {
        const [x, low] = api.coord([api.value(0), api.value(1)]);
        const [, high] = api.coord([api.value(0), api.value(2)]);
        if (x === undefined || low === undefined || high === undefined) return null;
        return {
          type: "line",
          shape: { x1: x, y1: low, x2: x, y2: high },
          style: { stroke: INK, opacity: 0.45, lineWidth: 1.5 },
        };
      },
    },
    {
      ...axes,
      type: "scatter",
      symbolSize: 5,
      itemStyle: { color: "var(--first)" },
      data: points.map(({ median }, i) => [i, median]),
    },
    ...levels.map(({ start, results, median }): Part<"series"> => ({
      ...axes,
      type: "line",
      symbol: "none",
      lineStyle: { color: "var(--second)", width: 2 },
      data: [[start - 0.5, median], [start + results - 0.5, median]],
    })),
  ];
}

/** Trends one below the other as an SVG file that serves light and dark: results, intervals and levels. */
export function trendsChart(trends: readonly Trend[]): string {
  const height = PANEL.height * Math.max(1, trends.length);
  const chart = init(null, null, { renderer: "svg", ssr: true, width: PANEL.width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { color: INK, fontFamily: "system-ui, sans-serif", fontSize: 12 },
      title: titlesOf(trends).map((text, i) => ({
        text,
        top: PANEL.height * i + 8,
        left: 8,
        textStyle: { color: INK, fontSize: 13, fontWeight: 600 },
      })),
      grid: trends.map((_, i) => ({
        left: 64,
        right: 16,
        top: PANEL.height * i + MARGIN.top,
        height: PANEL.height - MARGIN.top - MARGIN.bottom,
      })),
      xAxis: trends.map(({ points }, i) => ({
        ...axisStyle,
        type: "value",
        gridIndex: i,
        min: -0.5,
        max: Math.max(1, points.length) - 0.5,
        splitLine: { show: false },
        axisLabel: {
          color: INK,
          formatter: (at: number) => dayAt(points, at),
          hideOverlap: true,
        },
        minInterval: 1,
      })),
      yAxis: trends.map((_, i) => ({
        ...axisStyle,
        type: "value",
        gridIndex: i,
        name: "ms a step",
        nameGap: 8,
        scale: true,
        splitNumber: 3,
        axisLabel: { color: INK, formatter: (value: number) => digits(value) },
      })),
      series: trends.flatMap(seriesOf),
    });
    return chart.renderToSVGString({ useViewBox: true }).replace(/^(<svg[^>]*>)/, `$1\n${COLOURS}\n`);
  } finally {
    chart.dispose();
  }
}
