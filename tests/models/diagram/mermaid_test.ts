import { assert, assertEquals, assertRejects } from "@std/assert";
import DOMPurify from "dompurify";
import { named, sequential } from "../../../models/block.ts";
import { describe } from "../../../models/describe.ts";
import { modelDiagram } from "../../../models/diagram/diagram.ts";
import { defaultDepth, diagramGraph } from "../../../models/diagram/graph.ts";
import { mermaidText } from "../../../models/diagram/mermaid.ts";
import * as nn from "../../../models/nn.ts";
import { describeModel, listModels } from "../../../models/registry.ts";

// Mermaid cleans labels with a library that needs a browser (mermaid issue 6531); its grammar does not.
Object.assign(DOMPurify, { addHook() {}, sanitize: (text: string) => text });
const { default: mermaid } = await import("mermaid");

/** What Mermaid's own parser makes of a flowchart. */
interface Flowchart {
  getVertices(): Map<string, { text: string; type: string }>;
  getEdges(): { start: string; end: string }[];
  getSubGraphs(): { id: string; title: string; nodes: string[] }[];
}

async function parse(text: string): Promise<Flowchart> {
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  return db as unknown as Flowchart;
}

for (const depth of [1, 2, Infinity]) {
  Deno.test(`Mermaid reads boxes, edges and modules as they are, at depth ${depth}`, async () => {
    for (const name of ["d2l/resnet18", "torchvision/googlenet_aux"] as const) {
      const graph = diagramGraph(describeModel(name), depth);
      const read = await parse(modelDiagram(name, { format: "mermaid", depth }));
      const vertices = [...read.getVertices()].sort(([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)));
      assertEquals(vertices.map(([, { text }]) => text), graph.boxes.map(({ lines }) => lines.join("<br/>")));
      const edges = read.getEdges().map(({ start, end }) => [start, end].map((id) => Number(id.slice(1))));
      assertEquals(edges, graph.edges.map((edge) => [...edge]));
      const groups = new Map(
        read.getSubGraphs().map(({ title, nodes }) => [title, nodes.filter((id) => id.startsWith("n"))]),
      );
      assertEquals([...groups.keys()].sort(), graph.groups.map(({ path }) => path).sort());
      for (const [i, { group }] of graph.boxes.entries()) {
        const holders = [...groups].filter(([, nodes]) => nodes.includes(`n${i}`)).map(([title]) => title);
        assertEquals(holders, group === undefined ? [] : [group]);
      }
    }
  });
}

Deno.test("Mermaid reads every network of the catalog, within what it draws", async () => {
  for (const name of listModels()) {
    const text = modelDiagram(name, { format: "mermaid" });
    const read = await parse(text);
    const { boxes, edges } = diagramGraph(describeModel(name), defaultDepth(describeModel(name)));
    assertEquals([read.getVertices().size, read.getEdges().length], [boxes.length, edges.length], name);
    // Mermaid's defaults: no more edges, no longer texts.
    assert(edges.length <= 500 && text.length <= 50_000, `${name}: ${edges.length} edges, ${text.length} characters`);
  }
});

Deno.test("names with quotes, signs and words of Mermaid's own are but text", async () => {
  const block = named({
    'a"b': sequential(nn.relu(), nn.relu()),
    "end": nn.relu(),
    "#35;": nn.relu(),
    "x-->y;[z]": nn.relu(),
  });
  const description = describe(block, { inputShape: [2, 2, 1] });
  const text = modelDiagram(description, { format: "mermaid", title: "quotes" });
  const read = await parse(text);
  assertEquals(read.getVertices().size, 7);
  assertEquals(read.getSubGraphs().length, 1);
  assert(text.includes('"a#quot;b"') && text.includes('"#35;35; · ReLU<br/>'), text);
});

Deno.test("the parser that these tests rest on refuses what is no flowchart", async () => {
  await assertRejects(() => parse('flowchart TB\n  n0["a --> n1'));
  assertEquals(
    mermaidText({ boxes: [], groups: [], edges: [] }, "t", "d"),
    "flowchart TB\n  accTitle: t\n  accDescr: d\n",
  );
});
