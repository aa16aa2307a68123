import type { ExplicitPadding } from "../../models/ops/grouped_conv2d.ts";
import fc from "fast-check";

/** Windows over NHWC images, of which at least one fits. */
export interface Windows {
  readonly batch: number;
  readonly size: [number, number];
  readonly channels: number;
  readonly kernel: [number, number];
  readonly strides: [number, number];
  readonly pad: "valid" | "same" | ExplicitPadding;
  readonly seed: number;
}

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Random ones. `overhang`: how far padding may exceed what the window reaches over. */
export function windows({ overhang = 0 }: { overhang?: number } = {}): fc.Arbitrary<Windows> {
  const padding = (size: number) => pair(0, size - 1 + overhang);
  return fc.record({ kernel: pair(1, 4), size: pair(1, 8), strides: pair(1, 3) }).chain(({ kernel, size, strides }) =>
    fc.record({
      kernel: fc.constant(kernel),
      size: fc.constant(size),
      strides: fc.constant(strides),
      batch: fc.integer({ min: 1, max: 3 }),
      channels: fc.integer({ min: 1, max: 5 }),
      seed: fc.nat(),
      pad: fc.oneof(
        fc.constant("same" as const),
        fc.constant("valid" as const),
        fc.tuple(padding(kernel[0]), padding(kernel[1])).map(([rows, columns]): ExplicitPadding => [
          [0, 0],
          rows,
          columns,
          [0, 0],
        ]),
      ),
    })
  ).filter(({ kernel, size, pad }) =>
    pad === "same" || [0, 1].every((axis) => {
      const [before, after] = pad === "valid" ? [0, 0] : pad[axis + 1] ?? [0, 0];
      return (size[axis] ?? 0) + before + after >= (kernel[axis] ?? 0);
    })
  );
}

/** The shape of the images. */
export const imageShape = ({ batch, size, channels }: Windows): number[] => [batch, ...size, channels];
