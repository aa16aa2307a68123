/**
 * What all plots have in common: ECharts renders them to SVG, without script or a
 * DOM. Colours are CSS variables, so that one picture serves light and dark.
 *
 * @module
 */
import { type EChartsOption, init } from "echarts";
import { placeLabels } from "./labels.ts";
import { PALETTE } from "./style.ts";

/** Text, axes and whiskers. */
export const INK = "var(--ink)";
/** Lines behind the data. */
export const FAINT = "var(--line)";
/** Colours of the first and the second series. */
export const SERIES = ["var(--first)", "var(--second)"] as const;

/** An axis in the page's colours. */
export const axisStyle = {
  axisLine: { lineStyle: { color: INK } },
  axisTick: { lineStyle: { color: INK } },
  axisLabel: { color: INK },
  nameTextStyle: { color: INK },
  splitLine: { lineStyle: { color: FAINT } },
} as const;

const FONT = { color: INK, fontFamily: "system-ui, sans-serif", fontSize: 12 } as const;

/** Names of points; what lies behind them does not make them illegible. */
const NAME = {
  formatter: "{b}",
  color: INK,
  fontSize: 11,
  textBorderColor: "var(--paper)",
  textBorderWidth: 3,
} as const;

/** A name in a picture: as much of it as there is room for. */
export const shorten = (text: string): string => text.length <= 40 ? text : `${text.slice(0, 24)}…${text.slice(-15)}`;

/** A number at an axis: `100`, not `100.0`; `1 M`, not `1.00 M`. */
export function tick(text: string): string {
  return text.replace(/(\.\d*?)0+(?=\D*$)/, "$1").replace(/\.(?=\D*$)/, "");
}

/** A logarithmic axis. */
export function logAxis(name: string, gap: number, show: (value: number) => string) {
  return {
    ...axisStyle,
    type: "log" as const,
    name,
    nameLocation: "middle" as const,
    nameGap: gap,
    axisLabel: { color: INK, formatter: (value: number) => tick(show(value)) },
  };
}

/** A part of an axis. */
export interface Range {
  /** Where it starts. */
  readonly min: number;
  /** Where it ends. */
  readonly max: number;
}

/** The powers of ten that all values lie between. */
export function decades(values: readonly number[]): Range {
  const logs = values.map((value) => Math.log10(value));
  const low = Math.floor(Math.min(...logs));
  return { min: 10 ** low, max: 10 ** Math.max(low + 1, Math.ceil(Math.max(...logs))) };
}

/** How far into a logarithmic axis a value lies: 0 at its start, 1 at its end. */
export function along({ min, max }: Range, value: number): number {
  return Math.log(value / min) / Math.log(max / min);
}

/** A point of {@linkcode namedPoints}. */
export interface NamedPoint {
  /** What it is called. */
  readonly name: string;
  /** Where it lies, on logarithmic axes. */
  readonly value: Place;
}

/** A place on the axes. */
export type Place = readonly [number, number];

/** A picture with two logarithmic axes. */
export interface Frame {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** Pixels outside the axes. */
  readonly grid: Readonly<Record<"left" | "right" | "top" | "bottom", number>>;
  /** The axis to the right. */
  readonly x: Range;
  /** The axis upwards. */
  readonly y: Range;
}

/**
 * Points as ECharts takes them, each with its name where there is room for it; the first come first. No name crosses
 * `lines`, which are parallel to an axis.
 */
export function namedPoints(given: readonly NamedPoint[], frame: Frame, lines: readonly (readonly [Place, Place])[]) {
  const { width, height, grid, x, y } = frame;
  const points = given.map(({ name, value }) => ({ name: shorten(name), value }));
  const pixels = ([a, b]: Place) => ({
    x: grid.left + (width - grid.left - grid.right) * along(x, a),
    y: height - grid.bottom - (height - grid.top - grid.bottom) * along(y, b),
  });
  const sides = placeLabels(points.map(({ name, value }) => ({ ...pixels(value), text: name })), {
    within: { left: grid.left, top: 0, right: width, bottom: height - grid.bottom },
    taken: lines.map(([from, to]) => {
      const [a, b] = [pixels(from), pixels(to)];
      return {
        left: Math.min(a.x, b.x),
        right: Math.max(a.x, b.x),
        top: Math.min(a.y, b.y),
        bottom: Math.max(a.y, b.y),
      };
    }),
  });
  return points.map(({ name, value }, i) => ({
    name,
    value: [...value],
    label: { ...NAME, show: sides[i] !== undefined, position: sides[i] ?? "right" as const },
  }));
}

/** What ECharts writes for pointers: a style sheet each picture, and hands over what cannot be clicked. */
const FOR_POINTERS = / (class="zr\d+-cls-\d+"|pointer-events="visible")|<style ?><!\[CDATA\[.*?\]\]>\s*<\/style>\s*/gs;

/** A picture as the text of an `svg` element, for a page that has the colours. */
export function draw(width: number, height: number, option: EChartsOption): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: FONT, color: [...SERIES], ...option });
    // Where the page is narrow the picture shrinks with it.
    return chart.renderToSVGString({ useViewBox: true }).replaceAll(FOR_POINTERS, "");
  } finally {
    chart.dispose();
  }
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Text between tags. */
const escape = (text: string): string => text.replaceAll(/[&<>]/g, (mark) => ENTITIES[mark] ?? mark);

/** A picture as a file of its own: what it shows in words, and the colours that it has no page to take from. */
export function standalone(svg: string, { title, description }: { title: string; description: string }): string {
  const parts = [
    `<title id="title">${escape(title)}</title>`,
    `<desc id="description">${escape(description)}</desc>`,
    `<style>\nsvg { background: var(--paper); }\n${PALETTE}</style>`,
  ];
  return svg.replace(
    /^<svg([^>]*)>/,
    (_, attributes: string) =>
      `<svg role="img" aria-labelledby="title" aria-describedby="description"${attributes}>\n${parts.join("\n")}\n`,
  ) + "\n";
}
