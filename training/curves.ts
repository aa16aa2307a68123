/**
 * The curves of a training run, drawn as SVG by ECharts.
 *
 * @module
 */
import { init } from "echarts";
import type { EpochRecord } from "./checkpoint.ts";

/** Loss (left) and accuracy (right) by epoch, as the text of an SVG file. */
export function curvesSvg(history: readonly EpochRecord[], title: string): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 720, height: 400 });
  const line = (name: string, yAxisIndex: number, value: (record: EpochRecord) => number | undefined) => ({
    name,
    type: "line" as const,
    yAxisIndex,
    showSymbol: true,
    data: history.map(value).map((y) => y ?? null),
  });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: "#fff",
      title: { text: title, left: "center" },
      legend: { bottom: 0 },
      grid: { left: 60, right: 60, top: 60, bottom: 70 },
      xAxis: {
        type: "category",
        name: "epoch",
        nameLocation: "middle",
        nameGap: 28,
        data: history.map(({ epoch }) => epoch),
      },
      yAxis: [
        { type: "value", name: "loss", min: 0 },
        { type: "value", name: "accuracy", min: 0, max: 1, splitLine: { show: false } },
      ],
      series: [
        line("training loss", 0, ({ trainLoss }) => trainLoss),
        line("training accuracy", 1, ({ trainAccuracy }) => trainAccuracy),
        line("validation accuracy", 1, ({ validationAccuracy }) => validationAccuracy),
      ],
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}
