import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { fromTorch, sameLayout, toTorch } from "../../../models/layers/weight_layout.ts";

const upTo = (count: number) => Float32Array.from({ length: count }, (_, i) => i);

Deno.test("toTorch() turns HWIO into OIHW", () => {
  const [kh, kw, channels, filters] = [2, 3, 4, 5];
  const layout = {
    view: [kh, kw, channels, filters],
    permutation: [3, 2, 0, 1],
    torchShape: [filters, channels, kh, kw],
  };
  const values = upTo(kh * kw * channels * filters);
  const torch = toTorch(values, layout);
  for (let o = 0; o < filters; o++) {
    for (let i = 0; i < channels; i++) {
      for (let h = 0; h < kh; h++) {
        for (let w = 0; w < kw; w++) {
          assertEquals(
            torch[((o * channels + i) * kh + h) * kw + w],
            values[((h * kw + w) * channels + i) * filters + o],
          );
        }
      }
    }
  }
});

Deno.test("sameLayout() leaves values where they are", () => {
  const layout = sameLayout([1, 6, 1, 1]);
  assertEquals(layout.torchShape, [1, 6, 1, 1]);
  assertEquals(toTorch(upTo(6), layout), upTo(6));
});

Deno.test("fromTorch() is the inverse of toTorch(), whatever the axes and their order", () => {
  const layouts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }).chain((view) =>
    fc.shuffledSubarray(view.map((_, axis) => axis), { minLength: view.length }).map((permutation) => ({
      view,
      permutation,
      torchShape: [],
    }))
  );
  fc.assert(fc.property(layouts, (layout) => {
    const values = upTo(layout.view.reduce((a, b) => a * b, 1));
    const torch = toTorch(values, layout);
    assertEquals(torch.toSorted(), values);
    assertEquals(fromTorch(torch, layout), values);
  }));
});
