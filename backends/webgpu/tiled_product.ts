/**
 * Matrix products whose operands are read from images and filters as they lie: what a
 * convolution and both its gradients are. Workgroups compute tiles, from pieces of
 * the operands that they share; each thread keeps 4×4 to 8×8 values in registers.
 *
 * @module
 */
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import type * as tf from "@tensorflow/tfjs-core";
import { runShader } from "./program.ts";

/** How an operand is read. */
export interface Operand {
  /** Its name in the code. */
  readonly name: string;
  readonly tensor: tf.TensorInfo;
  /** Along which axis neighbours lie side by side: the product's inner one, or the other. */
  readonly along: "inner" | "outer";
  /** Whether four neighbours from a multiple of four on can be read at once. */
  readonly byFour: boolean;
  /**
   * Code of a function's body: gives `Value`, one value or four neighbours, at
   * (`outer`, `inner`) of matrix `matrix`; all three are i32 and inside the matrix.
   */
  readonly read: string;
}

/** A batch of products, left `[rows, inner]` times right `[inner, columns]`. */
export interface Product {
  /** The kernel's name. */
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** How many of them there are. */
  readonly matrices: number;
  /** In how many pieces the inner axis is summed; there are as many results, one after the other. @default {1} */
  readonly splits?: number;
  readonly left: Operand;
  readonly right: Operand;
  readonly outputShape: number[];
  /**
   * Code of a function's body: where in the output, in values, the first column of `row` of `matrix` is; -1
   * where that row is none of it.
   */
  readonly place: string;
  /** What the code reads as `uniforms.<name>`. */
  readonly integers: Readonly<Record<string, number>>;
}

/** Inner values that a workgroup has at a time. */
const DEPTH = 16;
const MOST_THREADS = 64;
const MOST_ROWS = 128;

/** How a tile is shared out. */
export interface Tile {
  /** Threads along columns and rows. */
  readonly threads: readonly [number, number];
  /** Columns and rows of one thread. */
  readonly each: readonly [number, number];
}

const powerOfTwo = (n: number) => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** Tiles that waste little of a product of that size: groups of few channels get narrow ones. */
export function tileFor(rows: number, columns: number): Tile {
  const eachColumns = columns > 32 ? 8 : 4;
  const x = Math.min(8, powerOfTwo(Math.ceil(columns / eachColumns)));
  const eachRows = x >= 4 && rows > 32 ? 8 : 4;
  // Two heights, and no more: each kind of tile is a shader to compile.
  const y = rows > 16 ? Math.min(MOST_THREADS / x, MOST_ROWS / eachRows) : 4;
  return { threads: [x, y], each: [eachColumns, eachRows] };
}

const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join("\n");

/** Code that brings `size` × {@linkcode DEPTH} values of an operand into the array `to`. */
function load({ name, along, byFour }: Operand, to: string, size: number, threads: number): string {
  const width = byFour ? 4 : 1;
  const units = size * DEPTH / width;
  const [outer, inner] = along === "outer"
    ? [`(unit % ${size / width}) * ${width}`, `unit / ${size / width}`]
    : [`unit / ${DEPTH / width}`, `(unit % ${DEPTH / width}) * ${width}`];
  const step = along === "outer" ? 1 : size;
  return `
    for (var unit = local; unit < ${units}; unit += ${threads}) {
      let outer = ${outer};
      let inner = ${inner};
      var value = Value${name}(0.0);
      if (outer0${name} + outer < uniforms.outer${name} && start + inner < end) {
        value = read${name}(matrix, outer0${name} + outer, start + inner);
      }
      let at = inner * ${size} + outer;
      ${byFour ? lines(4, (i) => `${to}[at + ${i * step}] = value[${i}];`) : `${to}[at] = value;`}
    }`;
}

function shaderCode({ left, right, place }: Product, { threads: [x, y], each: [columns, rows] }: Tile, fours: boolean) {
  const [width, height] = [x * columns, y * rows];
  const quads = columns / 4;
  const store = (row: number, quad: number) =>
    fours
      ? `if (column + ${quad * 4} < uniforms.outer${right.name}) {
           result[(at + column + ${quad * 4}) / 4] = sum${row}_${quad};
         }`
      : lines(4, (i) =>
        `if (column + ${quad * 4 + i} < uniforms.outer${right.name}) {
           result[at + column + ${quad * 4 + i}] = sum${row}_${quad}[${i}];
         }`);
  return `
    alias Value${left.name} = ${left.byFour ? "vec4<f32>" : "f32"};
    alias Value${right.name} = ${right.byFour ? "vec4<f32>" : "f32"};
    var<workgroup> lefts : array<f32, ${height * DEPTH}>;
    var<workgroup> rights : array<f32, ${width * DEPTH}>;
    fn read${left.name}(matrix : i32, outer : i32, inner : i32) -> Value${left.name} { ${left.read} }
    fn read${right.name}(matrix : i32, outer : i32, inner : i32) -> Value${right.name} { ${right.read} }
    fn placeOf(matrix : i32, row : i32) -> i32 { ${place} }

    fn main() {
      let local = i32(localIndex);
      let tile = i32(workgroupId.y * numWorkgroups.x + workgroupId.x);
      let tileColumn = tile % uniforms.tileColumns;
      let tileRow = (tile / uniforms.tileColumns) % uniforms.tileRows;
      let slice = tile / (uniforms.tileColumns * uniforms.tileRows);
      let matrix = slice % uniforms.matrices;
      let split = slice / uniforms.matrices;
      let outer0${left.name} = tileRow * ${height};
      let outer0${right.name} = tileColumn * ${width};
      let first = split * uniforms.splitSize;
      // Workgroups beyond the last tile have nothing to add; a barrier must not be branched around.
      let end = select(0, min(uniforms.inner, first + uniforms.splitSize), split < uniforms.splits);
      let leftAt = (local / ${x}) * ${rows};
      let rightAt = (local % ${x}) * ${columns};
      ${lines(rows * quads, (i) => `var sum${Math.floor(i / quads)}_${i % quads} = vec4<f32>(0.0);`)}
      for (var offset = 0; offset < uniforms.splitSize; offset += ${DEPTH}) {
        let start = first + offset;
        ${load(left, "lefts", height, x * y)}
        ${load(right, "rights", width, x * y)}
        workgroupBarrier();
        for (var k = 0; k < ${DEPTH}; k++) {
          let l = k * ${height} + leftAt;
          let r = k * ${width} + rightAt;
          ${
    lines(
      quads,
      (q) => `let r${q} = vec4<f32>(${[0, 1, 2, 3].map((i) => `rights[r + ${q * 4 + i}]`).join(", ")});`,
    )
  }
          ${
    lines(rows, (i) => `let l${i} = lefts[l + ${i}];\n${lines(quads, (q) => `sum${i}_${q} += l${i} * r${q};`)}`)
  }
        }
        workgroupBarrier();
      }
      if (split >= uniforms.splits) { return; }
      let column = outer0${right.name} + rightAt;
      ${
    lines(rows, (i) =>
      `{
        let row = outer0${left.name} + leftAt + ${i};
        if (row < uniforms.outer${left.name}) {
          let first = placeOf(matrix, row);
          if (first >= 0) {
            let at = split * uniforms.resultSize + first;
            ${lines(quads, (q) => store(i, q))}
          }
        }
      }`)
  }
    }`;
}

/** Computes `product`; gives its output. */
export function tiledProduct(backend: WebGPUBackend, product: Product): tf.TensorInfo {
  const { name, rows, columns, inner, matrices, splits = 1, left, right, outputShape } = product;
  const tile = tileFor(rows, columns);
  const { threads: [x, y], each } = tile;
  const tileColumns = Math.ceil(columns / (x * each[0]));
  const tileRows = Math.ceil(rows / (y * each[1]));
  const total = tileColumns * tileRows * matrices * splits;
  const width = Math.min(total, backend.device.limits.maxComputeWorkgroupsPerDimension);
  const resultSize = outputShape.reduce((a, b) => a * b, 1) / splits;
  const fours = columns % 4 === 0 && outputShape.at(-1) !== undefined && (outputShape.at(-1) ?? 1) % 4 === 0;
  return runShader(backend, {
    name,
    variant: [x, y, ...each, left.byFour, right.byFour, fours].join(),
    outputShape,
    inputs: [left.name, right.name],
    workgroupSize: [x, y, 1],
    workgroups: [width, Math.ceil(total / width), 1],
    components: { output: fours ? 4 : 1, inputs: [left.byFour ? 4 : 1, right.byFour ? 4 : 1] },
    integers: {
      [`outer${left.name}`]: rows,
      [`outer${right.name}`]: columns,
      inner,
      tileColumns,
      tileRows,
      matrices,
      splits,
      splitSize: Math.ceil(inner / splits),
      resultSize,
      ...product.integers,
    },
    code: shaderCode(product, tile, fours),
  }, [left.tensor, right.tensor]);
}
