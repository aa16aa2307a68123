import { DOMParser, type Element } from "@xmldom/xmldom";
import { assert, assertEquals } from "@std/assert";
import { frontChart, type IntervalBar, intervalChart, samplesChart } from "../../../bench/report/charts.ts";
import { tick } from "../../../bench/report/draw.ts";

const parse = (svg: string) => {
  const root = new DOMParser({
    onError: (level, message) => {
      throw new Error(`${level}: ${message}`);
    },
  }).parseFromString(svg, "image/svg+xml").documentElement;
  const all = (tag: string) => [...root?.getElementsByTagName(tag) ?? []] as Element[];
  return { all, texts: all("text").map(({ textContent }) => textContent ?? "") };
};

const bar = (name: string, value: number, series: 0 | 1 = 0): IntervalBar => ({
  name,
  value,
  interval: [0.95 * value, 1.05 * value],
  series,
});

Deno.test("numbers at an axis end with no idle zeros", () => {
  assertEquals(["100.0", "1.00 M", "0.0100", "1,000", "10", "0", "57.3 G", "100 k"].map(tick), [
    "100",
    "1 M",
    "0.01",
    "1,000",
    "10",
    "0",
    "57.3 G",
    "100 k",
  ]);
});

Deno.test("bars grow from zero; where the shortest would not be seen the axis is logarithmic", () => {
  const linear = parse(intervalChart([bar("a", 100), bar("b", 40)], { kind: "bars", unit: "images/s" }));
  assert(linear.texts.includes("images/s") && linear.texts.includes("0"), `${linear.texts}`);
  const logarithmic = parse(intervalChart([bar("a", 60_000), bar("b", 5)], { kind: "bars", unit: "images/s" }));
  assert(logarithmic.texts.includes("images/s, logarithmic"), `${logarithmic.texts}`);
  for (const power of ["1", "10", "100", "1,000", "10,000"]) assert(logarithmic.texts.includes(power), power);
});

Deno.test("changes lie around a dashed line, and what is proven is told by shape as well", () => {
  const { all } = parse(intervalChart([bar("a", 1), bar("b", 1.2, 1)], { kind: "dots", unit: "change" }));
  const paths = all("path");
  assertEquals(paths.filter((one) => one.hasAttribute("stroke-dasharray")).length, 1);
  const shapes = (colour: string) =>
    paths.filter((one) => one.getAttribute("fill") === `var(--${colour})`).map((one) =>
      one.getAttribute("d")?.replaceAll(/[^A-Za-z]/g, "")
    );
  assertEquals([shapes("first").length, shapes("second").length], [1, 1]);
  assert(shapes("first")[0] !== shapes("second")[0]);
});

Deno.test("pictures have no style sheet of their own and nothing for pointers, and names in them are text", () => {
  const name = `<script>x</script> class="zr0-cls-1" & 'y'`;
  const points = [{ name, cost: 1e6, rate: 10 }, { name: "b", cost: 1e7, rate: 5 }];
  for (const svg of [frontChart(points, "MACs"), samplesChart([[[1, 2], [3]], [[2]]])]) {
    const { all } = parse(svg);
    assertEquals([all("style").length, all("script").length], [0, 0]);
    for (const one of [...all("path"), ...all("text")]) {
      assert(!one.hasAttribute("class") && !one.hasAttribute("pointer-events"));
    }
  }
  assert(parse(frontChart(points, "MACs")).texts.some((text) => text.startsWith("<script>x</script>")));
});
