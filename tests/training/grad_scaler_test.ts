import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { GradScaler, type GradScalerConfig } from "../../training/grad_scaler.ts";

/** PyTorch's rule, of the documentation of `torch.amp.GradScaler` and its kernel `_amp_update_scale_`. */
function torchScales(
  finite: readonly boolean[],
  { initScale = 65536, growthFactor = 2, backoffFactor = 0.5, growthInterval = 2000 }: GradScalerConfig,
): number[] {
  let [scale, tracker] = [Math.fround(initScale), 0];
  return finite.map((wasFinite) => {
    if (!wasFinite) {
      scale = Math.fround(scale * backoffFactor);
      tracker = 0;
      return scale;
    }
    tracker += 1;
    if (tracker === growthInterval) {
      const grown = Math.fround(scale * growthFactor);
      if (grown !== Infinity) scale = grown;
      tracker = 0;
    }
    return scale;
  });
}

/** Scales of torch 2.15's GradScaler on a CPU after sixteen steps, in some of which the gradient was infinite. */
const FINITE = [0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 0, 1, 1].map(Boolean);
const TORCH: [GradScalerConfig, number[]][] = [
  [{ initScale: 3, growthFactor: 7.3, backoffFactor: 0.137, growthInterval: 2 }, [
    0.41100001335144043,
    0.056307002902030945,
    0.056307002902030945,
    0.41104111075401306,
    0.41104111075401306,
    3.0006000995635986,
    3.0006000995635986,
    0.4110822081565857,
    0.4110822081565857,
    3.0009000301361084,
    3.0009000301361084,
    21.906570434570312,
    3.0012001991271973,
    0.41116443276405334,
    0.41116443276405334,
    3.001500368118286,
  ]],
  // Doubling the largest power of two gives no number: the scale stays.
  [
    { initScale: 2 ** 126, growthInterval: 1 },
    [125.0, 124.0, 125.0, 126.0, 127.0, 127.0, 127.0, 126.0, 127.0, 127.0, 127.0, 127.0, 126.0, 125.0, 126.0, 127.0]
      .map((power) => 2 ** power),
  ],
];

Deno.test("GradScaler has the scales that PyTorch has", () => {
  for (const [config, expected] of TORCH) {
    const scaler = new GradScaler(config);
    const found = FINITE.map((wereFinite) => {
      scaler.update(wereFinite);
      return scaler.scale;
    });
    assertEquals(found, expected);
    assertEquals(torchScales(FINITE, config), expected);
  }
});

Deno.test("GradScaler moves its scale by PyTorch's rule", () => {
  const [interval, factor] = [fc.integer({ min: 1, max: 5 }), fc.double({ min: 1.25, max: 1e9, noNaN: true })];
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 60 }), interval, factor, (finite, growthInterval, by) => {
    const config = { initScale: 3, growthFactor: by, backoffFactor: 1 / by, growthInterval };
    const scaler = new GradScaler(config);
    const found = finite.map((wasFinite) => {
      scaler.update(wasFinite);
      return scaler.scale;
    });
    assertEquals(found, torchScales(finite, config));
  }));
});

Deno.test("GradScaler has PyTorch's defaults, and refuses what PyTorch refuses", () => {
  const scaler = new GradScaler();
  assertEquals(scaler.scale, 65536);
  for (let i = 0; i < 1999; i++) scaler.update(true);
  assertEquals(scaler.scale, 65536);
  scaler.update(true);
  assertEquals(scaler.state, { scale: 131072, goodSteps: 0 });
  scaler.update(false);
  assertEquals(scaler.scale, 65536);
  for (
    const [config, name] of [[{ growthFactor: 1 }, "growthFactor"], [{ backoffFactor: 1 }, "backoffFactor"], [
      { growthInterval: 0 },
      "growthInterval",
    ], [{ initScale: 0 }, "initScale"]] as const
  ) {
    const error = assertThrows(() => new GradScaler(config), RangeError) as Error;
    assertMatch(error.message, new RegExp(`^Expected ${name} of GradScaler to be`));
  }
});
