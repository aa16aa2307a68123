import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { DOMParser, type Element } from "@xmldom/xmldom";
import { named } from "../../../models/block.ts";
import { describe } from "../../../models/describe.ts";
import { modelDiagram } from "../../../models/diagram/diagram.ts";
import { defaultDepth, diagramGraph } from "../../../models/diagram/graph.ts";
import { DARK, LIGHT, type Palette } from "../../../models/diagram/style.ts";
import * as nn from "../../../models/nn.ts";
import { describeModel, listModels } from "../../../models/registry.ts";

/** The root of an SVG that has to be valid XML, warnings included. */
function parse(svg: string): Element {
  const parser = new DOMParser({
    onError: (level: string, message: string) => {
      throw new Error(`${level}: ${message}`);
    },
  });
  const root = parser.parseFromString(svg, "image/svg+xml").documentElement;
  assert(root !== null);
  return root;
}

/** All elements below `root`; xmldom's own list looks itself up anew at each access. */
function all(root: Element, tag: string): Element[] {
  const found: Element[] = [];
  for (let node = root.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType !== node.ELEMENT_NODE) continue;
    const element = node as Element;
    if (element.tagName === tag) found.push(element);
    found.push(...all(element, tag));
  }
  return found;
}
const ofClass = (root: Element, tag: string, name: string): Element[] =>
  all(root, tag).filter((element) => element.getAttribute("class")?.split(" ").includes(name));
const only = (root: Element, tag: string): Element => {
  const [element, ...others] = all(root, tag);
  assert(element !== undefined && others.length === 0, `expected one ${tag}`);
  return element;
};

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxOf(rect: Element): Box {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  assert(x !== undefined && y !== undefined && width !== undefined && height !== undefined);
  return { left: x, top: y, right: x + width, bottom: y + height };
}

const isWithin = (inner: Box, outer: Box): boolean =>
  inner.left >= outer.left && inner.top >= outer.top && inner.right <= outer.right && inner.bottom <= outer.bottom;
const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
/** How far a point is from a box's rim, from within or without. */
function distance({ left, top, right, bottom }: Box, [x, y]: readonly [number, number]): number {
  const [dx, dy] = [Math.max(left - x, x - right), Math.max(top - y, y - bottom)];
  return dx <= 0 && dy <= 0 ? -Math.max(dx, dy) : Math.hypot(Math.max(dx, 0), Math.max(dy, 0));
}

Deno.test("the SVG of every network of the catalog is valid XML with each box and edge once", () => {
  for (const name of listModels()) {
    const { boxes, edges, groups } = diagramGraph(describeModel(name), defaultDepth(describeModel(name)));
    const root = parse(modelDiagram(name));
    const texts = ofClass(root, "g", "box").map((box) => all(box, "tspan").map(({ textContent }) => textContent));
    assertEquals(texts, boxes.map(({ lines }) => [...lines]), name);
    assertEquals(ofClass(root, "path", "edge").length, edges.length, name);
    assertEquals(
      ofClass(root, "text", "name").map(({ textContent }) => textContent),
      groups.map(({ path }) => path),
      name,
    );
  }
});

for (const [name, depth] of [["d2l/resnet18", Infinity], ["torchvision/googlenet", 2], ["d2l/vgg11", 3]] as const) {
  Deno.test(`in the SVG of ${name} no boxes overlap, groups hold theirs, and edges go from box to box`, () => {
    const { boxes, groups, edges } = diagramGraph(describeModel(name), depth);
    const root = parse(modelDiagram(name, { depth }));
    const places = ofClass(root, "g", "box").map((box) => boxOf(only(box, "rect")));
    const groupPlaces = new Map(ofClass(root, "rect", "group").map((rect, i) => [groups[i]?.path, boxOf(rect)]));
    const [, , width = NaN, height = NaN] = root.getAttribute("viewBox")?.split(" ").map(Number) ?? [];
    for (const [i, place] of places.entries()) {
      assert(isWithin(place, { left: 0, top: 0, right: width, bottom: height }), `box ${i} is out of the picture`);
      for (const [j, other] of places.entries()) {
        assert(i === j || !overlap(place, other), `boxes ${i} and ${j} overlap`);
      }
      for (const [path, group] of groupPlaces) {
        const belongs = boxes[i]?.path.startsWith(`${path}.`) ?? false;
        assert(belongs ? isWithin(place, group) : !overlap(place, group), `box ${boxes[i]?.path} and group ${path}`);
      }
    }
    for (const [i, edge] of ofClass(root, "path", "edge").entries()) {
      const numbers = edge.getAttribute("d")?.match(/-?[\d.]+/g)?.map(Number) ?? [];
      const [from, to] = edges[i] ?? [];
      const [start, end] = [places[from ?? -1], places[to ?? -1]];
      assert(start !== undefined && end !== undefined);
      assert(distance(start, [numbers[0] ?? NaN, numbers[1] ?? NaN]) < 1, `edge ${i} begins beside its box`);
      assert(distance(end, [numbers.at(-2) ?? NaN, numbers.at(-1) ?? NaN]) < 1, `edge ${i} ends beside its box`);
    }
  });
}

Deno.test("text fits its box", () => {
  const root = parse(modelDiagram("torchvision/googlenet"));
  for (const box of ofClass(root, "g", "box")) {
    const { left, right, top, bottom } = boxOf(only(box, "rect"));
    for (const line of all(box, "tspan")) {
      // The widest of the fonts that the style names has letters of 0.602 of 12 px.
      assert((line.textContent ?? "").length * 0.602 * 12 <= right - left, `${line.textContent} in ${right - left}`);
      const y = Number(line.getAttribute("y"));
      assert(y - 10 >= top && y + 3 <= bottom, `${line.textContent} at ${y} in ${top} to ${bottom}`);
    }
  }
});

Deno.test("Inception's branches stand in the order of their definition", () => {
  const root = parse(modelDiagram("torchvision/googlenet"));
  const branches = ofClass(root, "g", "box").filter((box) =>
    /inception3b\.branch/.test(only(box, "title").textContent ?? "")
  );
  const lefts = branches.map((box) => boxOf(only(box, "rect")).left);
  assertEquals(branches.length, 4);
  assertEquals(lefts, [...lefts].sort((a, b) => a - b));
});

Deno.test("an SVG has a title and a description, which name it for screen readers", () => {
  const root = parse(modelDiagram("d2l/lenet"));
  assertEquals(root.getAttribute("role"), "img");
  const named = root.getAttribute("aria-labelledby")?.split(" ").map((id) =>
    [...all(root, "title"), ...all(root, "desc")].find((element) => element.getAttribute("id") === id)?.textContent
  );
  assertEquals(named, ["d2l/lenet", "From images of 28×28×1 through 12 layers with 61,706 parameters to one output"]);
  assert(parse(modelDiagram("torchvision/googlenet_aux")).textContent?.includes("to 3 outputs"));
});

Deno.test("two images in one page share no id", () => {
  const ids = (svg: string) => [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  const [first, second] = [ids(modelDiagram("d2l/lenet")), ids(modelDiagram("d2l/alexnet"))];
  assertEquals(new Set([...first, ...second]).size, first.length + second.length);
  assertEquals(ids(modelDiagram("d2l/lenet")), first);
});

Deno.test("names with signs of XML are but text", () => {
  const description = describe(named({ "a<b>&\"c'": nn.relu() }), { inputShape: [2, 2, 1] });
  const root = parse(modelDiagram(description, { title: "<&>" }));
  assertEquals(all(root, "title")[0]?.textContent, "<&>");
  assertEquals(ofClass(root, "g", "box").map((box) => only(box, "title").textContent), [
    "input",
    "a<b>&\"c'",
    "output",
  ]);
});

/** The contrast of two colours, as WCAG 2 defines it. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const value = parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

for (const [name, palette] of [["light", LIGHT], ["dark", DARK]] as [string, Palette][]) {
  Deno.test(`text and lines can be told from their ground in the ${name}`, () => {
    for (const ground of [palette.paper, palette.group, ...Object.values(palette.boxes)]) {
      assert(contrast(palette.ink, ground) >= 7, `text on ${ground}: ${contrast(palette.ink, ground)}`);
    }
    for (const ground of [palette.paper, palette.group]) {
      assert(contrast(palette.line, ground) >= 4.5, `lines on ${ground}: ${contrast(palette.line, ground)}`);
    }
    const svg = modelDiagram("d2l/lenet");
    assert(svg.includes(palette.paper) && svg.includes(palette.boxes.weights));
    assertNotEquals(svg.includes("prefers-color-scheme:dark"), false);
  });
}
