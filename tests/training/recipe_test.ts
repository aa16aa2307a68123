import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { LayersModel } from "@tensorflow/tfjs-layers";
import { useBackend } from "../../backends/select.ts";
import type { ImageSet } from "../../data/image_set.ts";
import { auxiliary, named, sequential } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import {
  adaptiveAvgPool2d,
  batchNorm,
  conv2d,
  dropout,
  flatten,
  linear,
  relu,
  stochasticDepth,
} from "../../models/nn.ts";
import { loadStateDict, type StateDict, stateDict } from "../../models/state_dict.ts";
import { AdamW } from "../../training/adamw.ts";
import { ModelEma } from "../../training/ema.ts";
import { evaluate } from "../../training/evaluate.ts";
import { fit, type FitOptions } from "../../training/fit.ts";
import type { StatefulOptimizer } from "../../training/optimizer.ts";
import { RMSProp } from "../../training/rmsprop.ts";
import { constantRate, cosineDecay, warmUp } from "../../training/schedule.ts";
import { SGD } from "../../training/sgd.ts";
import fixture from "../fixtures/training_parts.json" with { type: "json" };
import { hashed, leaksNothing, testOnBackends } from "../models/layers/support.ts";
import { u } from "../models/golden_fill.ts";

const { run: torchRun, kImage } = fixture;

/** The images of training_parts.json's run. */
const images: ImageSet = {
  images: Uint8Array.from({ length: torchRun.count * 64 }, (_, i) => Math.floor(256 * u(kImage + 100, i))),
  labels: Uint8Array.from({ length: torchRun.count }, (_, i) => i % 4),
  count: torchRun.count,
  height: 8,
  width: 8,
  channels: 1,
};

/** The net of training_parts.json's run, with its auxiliary classifier before the pooling. */
function twoHeads(): LayersModel {
  const head = named({ flatten: flatten(), linear: linear(4) });
  const block = named({
    conv: conv2d(3, 3),
    bn: batchNorm(),
    relu: relu(),
    aux: auxiliary(head),
    pool: adaptiveAvgPool2d(),
    flatten: flatten(),
    fc: linear(4),
  });
  const model = buildModel(block, { inputShape: [8, 8, 1], name: "twoHeads" });
  const dict: StateDict = Object.fromEntries(
    Object.entries(torchRun.shapes).map(([name, shape], j) => {
      const data = hashed(j, shape.reduce((a, b) => a * b, 1), 0.5);
      return [name.replace("aux.", "aux.linear."), { dtype: "F32", shape, data }];
    }),
  );
  loadStateDict(model, dict, { strict: false });
  return model;
}

/** A net of one head that draws random numbers, and can be resumed only where all of them are kept. */
function randomNet(): LayersModel {
  const net = sequential(conv2d(3, 3), batchNorm(), relu(), stochasticDepth(0.2), flatten(), dropout(0.25), linear(4));
  return buildModel(net, { inputShape: [8, 8, 1], name: "random", seed: 4 });
}

const isClose = (found: number | undefined, expected: number | undefined): boolean =>
  found !== undefined && expected !== undefined && Math.abs(found - expected) <= 2e-6 * Math.abs(expected);

testOnBackends("fit() with all parts of a recipe at once gives PyTorch's losses, step by step", async () => {
  const model = twoHeads();
  const optimizer = new RMSProp({
    learningRate: 9,
    momentum: 0.9,
    eps: 1e-3,
    weightDecay: 0.1,
    weightDecayExclude1d: true,
  });
  const ema = new ModelEma(model, { decay: 0.5 });
  const { history } = await fit(model, images, {
    optimizer,
    ema,
    epochs: torchRun.epochs,
    batchSize: torchRun.count,
    schedule: warmUp(cosineDecay(0.3, { steps: 3 }), { steps: 2, from: 0.15 }),
    labelSmoothing: 0.1,
    lossWeights: [1, 0.3],
    clipNorm: 0.5,
    validation: images,
  });
  for (const [i, { trainLoss, validationLoss }] of history.entries()) {
    assert(isClose(trainLoss, torchRun.losses[i]), `${trainLoss} is not ${torchRun.losses[i]} in epoch ${i + 1}`);
    assert(isClose(validationLoss, torchRun.validation[i]), `${validationLoss} is not ${torchRun.validation[i]}`);
  }
  assertEquals(history.length, torchRun.epochs);
  ema.dispose();
  optimizer.dispose();
  model.dispose();
});

const OPTIMIZERS: Record<string, () => StatefulOptimizer> = {
  SGD: () => new SGD({ learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 1e-3 }),
  RMSProp: () => new RMSProp({ learningRate: 0.01, momentum: 0.9, eps: 1e-3, weightDecay: 1e-3 }),
  AdamW: () => new AdamW({ learningRate: 0.01 }),
};

/** Runs a whole recipe on a net of its own; gives all that it left. */
async function runRecipe(make: () => StatefulOptimizer, extra: Partial<FitOptions>) {
  const [model, optimizer] = [randomNet(), make()];
  const ema = new ModelEma(model, { decay: 0.9, warmUp: true });
  const { history } = await fit(model, images, {
    optimizer,
    ema,
    epochs: 3,
    batchSize: 5,
    seed: 2,
    schedule: warmUp(cosineDecay(0.02, { steps: 7 }), { steps: 2 }),
    labelSmoothing: 0.1,
    clipNorm: 1,
    validation: images,
    ...extra,
  });
  const left = {
    history: history.map(({ seconds: _s, imagesPerSecond: _i, ...numbers }) => numbers),
    weights: await stateDict(model),
    averages: await ema.during(() => stateDict(model)),
    iterations: optimizer.iterations,
  };
  ema.dispose();
  optimizer.dispose();
  model.dispose();
  return left;
}

for (const [name, make] of Object.entries(OPTIMIZERS)) {
  testOnBackends(`a run with ${name}, schedule and average goes on bit by bit from a checkpoint`, async () => {
    const whole = await runRecipe(make, {});
    assertEquals(whole.iterations, 9);
    for (const stopAt of ["1:3", "2:2"]) {
      const stop = new AbortController();
      const saved: Uint8Array[] = [];
      await runRecipe(make, {
        signal: stop.signal,
        saveCheckpoint: (bytes) => void saved.push(bytes),
        onStep: ({ epoch, step }) => {
          if (`${epoch}:${step}` === stopAt) stop.abort();
        },
      });
      const resume = saved.at(-1);
      assert(resume !== undefined);
      assertEquals(await runRecipe(make, { resume }), whole);
    }
  });
}

Deno.test("a checkpoint of another optimizer, or with an average more or less, changes nothing", async () => {
  await useBackend("cpu");
  await leaksNothing(async () => {
    const [model, sgd, adamw] = [
      randomNet(),
      new SGD({ learningRate: 0.1, momentum: 0.9 }),
      new AdamW({ learningRate: 0.1 }),
    ];
    const ema = new ModelEma(model);
    const saved: Uint8Array[] = [];
    const saveCheckpoint = (bytes: Uint8Array) => void saved.push(bytes);
    await fit(model, images, { optimizer: sgd, saveCheckpoint });
    await fit(model, images, { optimizer: sgd, ema, saveCheckpoint });
    const [plain, averaged] = saved;
    assert(plain !== undefined && averaged !== undefined);
    const before = [await stateDict(model), await ema.during(() => stateDict(model)), sgd.iterations];
    for (
      const [options, message] of [
        [
          { optimizer: adamw, resume: plain },
          "Expected a checkpoint of a run with ConvbenchAdamW but found one with ConvbenchSGD",
        ],
        [{ optimizer: sgd, ema, resume: plain }, "Expected a checkpoint with averaged weights but found one without"],
        [{ optimizer: sgd, resume: averaged }, "Expected a checkpoint without averaged weights but found one with"],
      ] as const
    ) {
      const error = await assertRejects(() => fit(model, images, options), RangeError);
      assertEquals((error as Error).message, message);
    }
    assertEquals([await stateDict(model), await ema.during(() => stateDict(model)), sgd.iterations], before);
    ema.dispose();
    sgd.dispose();
    adamw.dispose();
    model.dispose();
  });
});

Deno.test("fit() takes the schedule's rates, counted over all epochs, and tells them", async () => {
  await useBackend("cpu");
  await leaksNothing(async () => {
    const model = randomNet();
    const optimizer = new SGD({ learningRate: 5 });
    const rates: number[] = [];
    await fit(model, images, {
      optimizer,
      epochs: 2,
      batchSize: 5,
      schedule: (step) => step / 100,
      onStep: ({ learningRate }) => void rates.push(learningRate),
    });
    assertEquals(rates, [0, 0.01, 0.02, 0.03, 0.04, 0.05]);
    optimizer.dispose();
    model.dispose();
  });
});

Deno.test("a model of several outputs is trained on all of them, and judged by the main one", async () => {
  await useBackend("cpu");
  await leaksNothing(async () => {
    const trained: StateDict[] = [];
    for (const lossWeights of [undefined, [1, 1], [1, 0], [0, 1]]) {
      const model = twoHeads();
      const optimizer = new SGD({ learningRate: 0.1 });
      await fit(model, images, { optimizer, ...(lossWeights ? { lossWeights } : {}) });
      trained.push(await stateDict(model));
      optimizer.dispose();
      model.dispose();
    }
    const [plain, both, main, aux] = trained;
    assertEquals(plain, both);
    const model = twoHeads();
    const start = await stateDict(model);
    assertEquals(main?.["aux.linear.weight"], start["aux.linear.weight"]);
    assertNotEquals(main?.["fc.weight"], start["fc.weight"]);
    assertEquals(aux?.["fc.weight"], start["fc.weight"]);
    assertNotEquals(aux?.["conv.weight"], start["conv.weight"]);
    const first = await evaluate(model, images);
    // Another auxiliary classifier, another loss to train on, and the same evaluation.
    loadStateDict(model, {
      ...start,
      "aux.linear.weight": both?.["aux.linear.weight"] ?? { dtype: "F32", shape: [], data: hashed(0, 1) },
    });
    assertEquals(await evaluate(model, images), first);
    model.dispose();
  });
});

for (
  const [title, options, message] of [
    [
      "fewer loss weights than outputs",
      { lossWeights: [1] },
      "Expected lossWeights of fit() to have 2 entries, one an output of twoHeads, but found [1]",
    ],
    [
      "a negative loss weight",
      { lossWeights: [1, -1] },
      "Expected lossWeights[1] of fit() to be at least 0 but found -1",
    ],
    ["a label smoothing over 1", { labelSmoothing: 2 }, "Expected labelSmoothing of fit() to be at most 1 but found 2"],
    ["a norm of 0", { clipNorm: 0 }, "Expected clipNorm of fit() to be greater than 0 but found 0"],
    [
      "a schedule that gives no number",
      { schedule: () => NaN },
      "Expected schedule of fit() to give a rate of at least 0 but found NaN at step 0",
    ],
  ] as const
) {
  Deno.test(`fit() refuses ${title} and leaves the weights`, async () => {
    await useBackend("cpu");
    await leaksNothing(async () => {
      const model = twoHeads();
      const optimizer = new SGD({ learningRate: 0.1 });
      const before = await stateDict(model);
      const error = await assertRejects(() => fit(model, images, { optimizer, ...options }), RangeError);
      assertEquals((error as Error).message, message);
      assertEquals(await stateDict(model), before);
      optimizer.dispose();
      model.dispose();
    });
  });
}

Deno.test("fit() refuses the average of another model", async () => {
  await useBackend("cpu");
  await leaksNothing(async () => {
    const [model, other, optimizer] = [twoHeads(), randomNet(), new SGD({ learningRate: 0.1 })];
    const ema = new ModelEma(other);
    await assertRejects(
      () => fit(model, images, { optimizer, ema, schedule: constantRate(0.1) }),
      RangeError,
      "Expected ema to average the weights of twoHeads but found those of random",
    );
    for (const each of [ema, optimizer, model, other]) each.dispose();
  });
});
