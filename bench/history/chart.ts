/**
 * Plots of a history.
 *
 * @module
 */
import type { EChartsOption } from "echarts";
import { axisStyle, draw, INK, SERIES, standalone } from "../report/draw.ts";
import { digits } from "../report/numbers.ts";
import type { Point } from "./history.ts";
import { day, describeTrend, titlesOf } from "./page.ts";
import type { Trend } from "./trend.ts";

const PANEL = { width: 860, height: 240 };
const MARGIN = { top: 48, bottom: 32 };

type Part<K extends keyof EChartsOption> = Extract<NonNullable<EChartsOption[K]>, readonly unknown[]>[number];

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
      itemStyle: { color: SERIES[0] },
      data: points.map(({ median }, i) => [i, median]),
    },
    ...levels.map(({ start, results, median }): Part<"series"> => ({
      ...axes,
      type: "line",
      symbol: "none",
      lineStyle: { color: SERIES[1], width: 2 },
      data: [[start - 0.5, median], [start + results - 0.5, median]],
    })),
  ];
}

/** Trends one below the other as an SVG file that serves light and dark: results, intervals and levels. */
export function trendsChart(trends: readonly Trend[]): string {
  const height = PANEL.height * Math.max(1, trends.length);
  const titles = titlesOf(trends);
  const svg = draw(PANEL.width, height, {
    title: titles.map((text, i) => ({
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
  return standalone(svg, {
    title: "History",
    description: trends.map((trend, i) => `${titles[i]}: ${describeTrend(trend)}`).join("\n"),
  });
}
