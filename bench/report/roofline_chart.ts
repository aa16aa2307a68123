/**
 * The roofline as a picture and as a table: what each result reached, beneath what
 * the machine allows.
 *
 * @module
 */
import { type Roofline, roofline, type RooflinePoint } from "../roofline.ts";
import { decades, draw, INK, logAxis, namedPoints, SERIES, standalone } from "./draw.ts";
import type { HtmlSection } from "./html.tsx";
import { digits, percent } from "./numbers.ts";
import type { Cell, Table } from "./page.ts";
import type { Report } from "./schema.ts";

/** Colour is not all that tells one from the other. */
const MODES = [
  { mode: "forward", title: "forward", symbol: "circle", color: SERIES[0] },
  { mode: "train", title: "forward and backward", symbol: "triangle", color: SERIES[1] },
] as const;

const UNITS = [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e3, " k"]] as const;

/** `57.3 GFLOP/s`, `21.4 GB/s`. */
export function perSecond(value: number, unit: string): string {
  const [scale, prefix] = UNITS.find(([scale]) => value >= scale) ?? [1, " "];
  return `${digits(value / scale)}${prefix}${unit}`;
}

/** Those nearest to the roof first. */
function byShare(points: readonly RooflinePoint[]): RooflinePoint[] {
  return points.toSorted((a, b) => b.share - a.share);
}

/** A straight line with its label, as ECharts takes it. */
type RoofLine = [
  { coord: [number, number]; label: { show: true; formatter: string; position: "insideMiddleTop"; color: string } },
  { coord: [number, number] },
];

/** Both axes are logarithmic: floating point operations a byte, and FLOP/s. */
export function rooflineChart({ compute, bandwidth, ridge, points }: Roofline): string {
  const modes = MODES.filter(({ mode }) => points.some((point) => point.mode === mode));
  const frame = {
    width: 860,
    height: 440,
    grid: { left: 80, right: 40, top: modes.length > 1 ? 36 : 12, bottom: 48 },
    x: decades([...points.map(({ intensity }) => intensity), ridge / 2, ridge * 2]),
    y: decades([...points.map(({ flops }) => flops), compute, compute / 5]),
  };
  const { x, y } = frame;
  // The slope begins where it comes into the picture.
  const start = Math.max(x.min, y.min / bandwidth);
  const roof = (label: string, from: [number, number], to: [number, number]): RoofLine => [
    { coord: from, label: { show: true, formatter: label, position: "insideMiddleTop", color: INK } },
    { coord: to },
  ];
  const ordered = byShare(points);
  const named = namedPoints(
    ordered.map(({ model, intensity, flops }) => ({ name: model, value: [intensity, flops] })),
    frame,
    [[[ridge, compute], [x.max, compute]]],
  );
  const minorTick = { show: true, splitNumber: 9, lineStyle: { color: INK } };
  return draw(frame.width, frame.height, {
    legend: {
      show: modes.length > 1,
      top: 0,
      left: frame.grid.left,
      itemWidth: 10,
      itemHeight: 10,
      itemGap: 24,
      textStyle: { color: INK },
      data: modes.map(({ title }) => title),
    },
    grid: frame.grid,
    xAxis: { ...logAxis("FLOP/byte", 28, digits), ...x, minorTick },
    yAxis: { ...logAxis("FLOP/s", 56, (value) => perSecond(value, "")), ...y, minorTick },
    series: [
      ...modes.map(({ mode, title, symbol, color }) => ({
        name: title,
        type: "scatter" as const,
        symbol,
        symbolSize: 8,
        itemStyle: { color, opacity: 1 },
        data: named.filter((_, i) => ordered[i]?.mode === mode),
      })),
      {
        type: "line",
        data: [[start, start * bandwidth]],
        symbol: "none",
        markLine: {
          silent: true,
          symbol: "none",
          lineStyle: { color: INK, type: "solid", width: 2 },
          data: [
            roof(`copy: ${perSecond(bandwidth, "B/s")}`, [start, start * bandwidth], [ridge, compute]),
            roof(`fastest product or convolution: ${perSecond(compute, "FLOP/s")}`, [ridge, compute], [x.max, compute]),
          ],
        },
      },
    ],
  });
}

/** The same as numbers, those nearest to the roof first. */
function rooflineTable(points: readonly RooflinePoint[]): Table {
  const cell = (text: string): Cell => ({ text });
  return {
    caption: "Beneath the roof, the nearest first",
    columns: [
      { title: "result" },
      { title: "FLOP/byte" },
      { title: "reached" },
      { title: "roof there" },
      { title: "of the roof" },
      { title: "bound by", words: true },
    ],
    rows: byShare(points).map(({ name, intensity, flops, roof, share, bound }) => [
      { text: name, name: true },
      cell(digits(intensity)),
      cell(perSecond(flops, "FLOP/s")),
      cell(perSecond(roof, "FLOP/s")),
      cell(percent(share)),
      cell(bound),
    ]),
  };
}

/** What the picture shows, for those who do not see it. */
function describe({ compute, bandwidth, ridge, points }: Roofline): string {
  const [near] = byShare(points);
  const nearest = near === undefined ? "" : ` Nearest to the roof: ${near.name}, ${percent(near.share)}.`;
  return `Roofline of ${points.length} results: the roof rises with ${perSecond(bandwidth, "B/s")} up to ` +
    `${digits(ridge)} FLOP/byte and is flat at ${perSecond(compute, "FLOP/s")}.${nearest}`;
}

/**
 * The picture as an SVG file.
 *
 * @throws {RangeError} Where the report does not tell the machine's limit, or of no result how many operations it takes.
 */
export function rooflineSvg(report: Report): string {
  const picture = roofline(report);
  if (picture === undefined || picture.points.length === 0) {
    const missing = picture === undefined ? "the machine's limit" : "operations and bytes of its results";
    throw new RangeError(`Expected a report with ${missing}, as convbench bench writes it, but found none`);
  }
  return standalone(rooflineChart(picture), { title: "Roofline", description: describe(picture) });
}

/** The picture with its table; nothing where the report does not tell the machine's limit. */
export function rooflineSections(report: Report, title: string = "Roofline"): HtmlSection[] {
  const picture = roofline(report);
  if (picture === undefined || picture.points.length === 0) return [];
  return [{
    title,
    text: "What each result reached, beneath what this machine reached in the same run. Operations are two for each " +
      "multiply-accumulate; bytes are the least that a step moves: outputs of convolutions and linear layers once " +
      "written and once read, parameters once read, in training three times as much. Layers between them move more, " +
      "so that a network that is far below the roof may yet wait for memory.",
    figures: MODES.flatMap(({ mode, title }) => {
      const part = { ...picture, points: picture.points.filter((point) => point.mode === mode) };
      return part.points.length === 0 ? [] : [{
        title: `FLOP/s against operations a byte, ${title}`,
        caption: "Both axes are logarithmic. Names that would cover others are left out; the table has all.",
        alternative: `${describe(part)} The table has all.`,
        svg: rooflineChart(part),
      }];
    }),
    table: rooflineTable(picture.points),
  }];
}
