/**
 * Holds a network against PyTorch's numbers: outputs, activations, loss, every
 * gradient, moving statistics and the step after, within the tolerances of the
 * design (ten times PyTorch's own float32 error, and no less than 1e-5 for values,
 * 1e-4 for gradients).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type LayersModel, model as functional, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { requireCompiler } from "../../backends/compiler.ts";
import type { Block } from "../../models/block.ts";
import { buildModel } from "../../models/build.ts";
import { fromTorch, toTorch } from "../../models/layers/weight_layout.ts";
import { declaredWeights, loadStateDict, type StateDict, stateDict } from "../../models/state_dict.ts";
import { type GoldenParameter, images, parameterValues, runningMean, runningVar, v } from "./golden_fill.ts";

/** What a golden file says of a tensor: some of its values, and a projection that sees all of them. */
export interface Summary {
  readonly sum: number;
  readonly l2: number;
  readonly absmax: number;
  readonly first8: number[];
  readonly proj?: number;
}

/** A golden file of one network. */
export interface Golden {
  readonly name: string;
  readonly input_shape_nchw: number[];
  /** Null for a block: its loss is the sum of its outputs, each times v(500000, i). */
  readonly labels: number[] | null;
  readonly lr: number;
  readonly params: GoldenParameter[];
  readonly torch_f32_error: {
    readonly eval_maxabs: number;
    readonly train_maxabs: number;
    readonly loss_abs: number;
    readonly gx_rel_l2: number;
    readonly loss2_abs?: number;
  };
  /** The outputs, where they are few; the others are among the stages. */
  readonly eval_out?: number[];
  readonly train_out?: number[];
  /** What auxiliary heads give in training, in the order of running. */
  readonly train_aux?: number[][];
  readonly loss: number;
  readonly loss_after_sgd_step?: number;
  readonly eval_out_after_sgd_step?: number[];
  readonly eval_acts: readonly (Summary & { readonly stage: string; readonly shape: number[] })[];
  readonly train_acts: readonly (Summary & { readonly stage: string; readonly shape: number[] })[];
  readonly grads: readonly (Summary & { readonly k: number; readonly name: string; readonly f32_rel_l2_err: number })[];
  readonly grad_x: Summary;
  readonly bn?: readonly {
    readonly j: number;
    readonly name: string;
    readonly running_mean: Summary;
    readonly running_var: Summary;
    readonly running_mean_full?: number[];
    readonly running_var_full?: number[];
  }[];
}

/** One comparison: how far we are from PyTorch, and how far we may be. */
export interface Deviation {
  readonly what: string;
  readonly found: number;
  readonly allowed: number;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The state dict that a golden file rests on. */
export function goldenState({ params }: Pick<Golden, "params">): StateDict {
  const dict: StateDict = {};
  for (const parameter of params) {
    dict[parameter.name] = { dtype: "F32", shape: parameter.shape, data: parameterValues(parameter) };
  }
  const gammas = params.filter(({ kind }) => kind === "bn_gamma");
  for (const [j, { name: gamma, shape }] of gammas.entries()) {
    const name = gamma.slice(0, gamma.lastIndexOf("."));
    const [mean, variance] = gamma.endsWith(".gamma") ? ["moving_mean", "moving_var"] : ["running_mean", "running_var"];
    const channels = sizeOf(shape);
    dict[`${name}.${mean}`] = { dtype: "F32", shape, data: runningMean(j, channels) };
    dict[`${name}.${variance}`] = { dtype: "F32", shape, data: runningVar(j, channels) };
  }
  return dict;
}

/** NCHW values as an NHWC tensor. */
export function nhwc(values: Float32Array, [n, c, h, w]: number[]): tf.Tensor4D {
  const shape: [number, number, number, number] = [n ?? 1, h ?? 1, w ?? 1, c ?? 1];
  return tf.tensor4d(fromTorch(values, { view: shape, permutation: [0, 3, 1, 2], torchShape: [] }), shape);
}

/** The values of an NHWC tensor in PyTorch's order; `map` is the NCHW shape of what was flattened into it, if it was. */
async function nchw(tensor: tf.Tensor, map?: readonly number[]): Promise<Float32Array> {
  const values = await tensor.data() as Float32Array;
  const [n = 1, c = 1, h = 1, w = 1] = map ?? [];
  const view = tensor.rank === 4 ? tensor.shape : [n, h, w, c];
  if (tensor.rank !== 4 && map?.length !== 4) return values;
  return toTorch(values, { view, permutation: [0, 3, 1, 2], torchShape: [] });
}

/**
 * A model that gives the output of each stage, then those of the network; the book's
 * stages are children of `net`, and the last of them is the network's output as a rule.
 */
function withStages(model: LayersModel, { eval_acts: stages, params }: Golden): LayersModel {
  const layers = [...model.layers].sort((a, b) => a.id - b.id);
  const [prefix = ""] = /^(base\.)?net\./.exec(params[0]?.name ?? "") ?? [];
  const outputs = stages.map(({ stage }) => {
    const path = `${prefix}${stage}`;
    const last = layers.findLast(({ name }) => name === path || name.startsWith(`${path}.`));
    if (last === undefined) throw new RangeError(`Expected a layer under ${path} but found none`);
    return last.output as SymbolicTensor;
  });
  const own = model.outputs.filter((output) => !outputs.includes(output));
  return functional({ inputs: model.inputs, outputs: [...outputs, ...own] });
}

export function compareValues(
  what: string,
  found: ArrayLike<number>,
  expected: readonly number[],
  allowed: number,
): Deviation {
  const scale = Math.max(...expected.map(Math.abs));
  const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - (found[i] ?? NaN))), 0);
  return { what, found: worst / scale, allowed };
}

/** √3·|Δprojection| / l2 and |Δl2| / l2. */
export function compareSummary(
  what: string,
  values: Float32Array,
  expected: Summary,
  { k, allowed, absolute }: { k: number; allowed: number; absolute: number },
): Deviation[] {
  let [projection, squares] = [0, 0];
  values.forEach((value, i) => {
    projection += value * v(k, i);
    squares += value * value;
  });
  const l2 = Math.sqrt(squares);
  if (expected.l2 < 1e-9) return [{ what: `${what} (zero)`, found: l2, allowed: absolute }];
  const deviations = [{ what: `${what} l2`, found: Math.abs(l2 - expected.l2) / expected.l2, allowed }];
  if (expected.proj !== undefined) {
    const found = Math.sqrt(3) * Math.abs(projection - expected.proj) / expected.l2;
    deviations.push({ what: `${what} projection`, found, allowed });
  }
  return deviations;
}

/** What the outputs are held against in the loss: the labels, one-hot, or the weights of a block's sum. */
function lossTarget({ labels, eval_out: logits = [], eval_acts: acts, input_shape_nchw: [batch = 1] }: Golden) {
  if (labels !== null) return tf.tidy(() => tf.oneHot(tf.tensor1d(labels, "int32"), logits.length / batch));
  const shape = acts.at(-1)?.shape ?? [];
  return nhwc(Float32Array.from({ length: sizeOf(shape) }, (_, i) => v(500_000, i)), shape);
}

/**
 * Builds `block`, fills it as `golden` says, and gives every deviation from PyTorch's
 * numbers, op by op or with each pass as one compiled function. Owns and frees all it makes.
 */
export async function deviations(
  golden: Golden,
  block: Block,
  { compiled = false }: { compiled?: boolean } = {},
): Promise<Deviation[]> {
  const result: Deviation[] = [];
  const shape = golden.input_shape_nchw;
  const [, c = 1, h = 1, w = 1] = shape;
  const model = buildModel(block, { inputShape: [h, w, c] });
  loadStateDict(model, goldenState(golden));
  const staged = withStages(model, golden);
  const x = nhwc(images(shape as [number, number, number, number]), shape);
  const target = lossTarget(golden);

  const error = golden.torch_f32_error;
  const absmax = (logits: readonly number[] | undefined, acts: readonly Summary[]) =>
    logits === undefined ? acts.at(-1)?.absmax ?? 0 : Math.max(...logits.map(Math.abs));
  const tolerance = {
    eval: Math.max(1e-5, 10 * error.eval_maxabs / absmax(golden.eval_out, golden.eval_acts)),
    train: Math.max(1e-5, 10 * error.train_maxabs / absmax(golden.train_out, golden.train_acts)),
    loss: Math.max(1e-5, 10 * error.loss_abs / Math.abs(golden.loss)),
  };

  // The network's own outputs come last: the main one, then those of auxiliary heads.
  const ownOutputs = (outputs: tf.Tensor[]) => outputs.slice(-model.outputs.length);
  const lossOf = (outputs: tf.Tensor[], target: tf.Tensor) => {
    const crossEntropy = (logits: tf.Tensor) =>
      tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1))) as tf.Scalar;
    const [main, ...auxiliary] = ownOutputs(outputs);
    if (main === undefined) throw new RangeError("Expected outputs but found none");
    if (golden.labels === null) return tf.sum(tf.mul(target, main)) as tf.Scalar;
    return auxiliary.reduce<tf.Scalar>(
      (loss, logits) => tf.add(loss, tf.mul(0.3, crossEntropy(logits))),
      crossEntropy(main),
    );
  };
  // tfjs gives one output bare, several as an array.
  const forward = (x: tf.Tensor, training: boolean) =>
    [staged.apply(x, { training }) as tf.Tensor | tf.Tensor[]].flat();
  const compareStages = async (mode: "eval" | "train", outputs: tf.Tensor[]) => {
    const acts = mode === "eval" ? golden.eval_acts : golden.train_acts;
    for (const [i, expected] of acts.entries()) {
      const output = outputs[i];
      if (output === undefined) throw new RangeError(`Expected an output of stage ${expected.stage}`);
      const previous = acts[i - 1]?.shape;
      const values = await nchw(output, previous && sizeOf(previous) === output.size ? previous : undefined);
      const what = `${mode} stage ${expected.stage}`;
      const allowed = tolerance[mode];
      const first = expected.first8.map((value, j) => Math.abs(value - (values[j] ?? NaN)));
      result.push({ what: `${what} first values`, found: Math.max(...first) / expected.absmax, allowed });
      result.push(...compareSummary(what, values, expected, { k: 400_000 + i, allowed, absolute: 1e-5 }));
    }
    // PyTorch runs auxiliary heads in training only.
    const expected = mode === "eval" ? [golden.eval_out] : [golden.train_out, ...golden.train_aux ?? []];
    for (const [i, logits] of ownOutputs(outputs).entries()) {
      const values = expected[i];
      if (values === undefined) continue;
      result.push(compareValues(`${mode} logits ${i}`, await logits.data(), values, tolerance[mode]));
    }
  };

  const weights = declaredWeights(model).filter(([, { spec }]) => spec.role === "parameter");
  const variables = weights.map(([, { variable }]) => variable.read() as tf.Variable);
  const evaluation = (x: tf.Tensor): tf.Tensor[] => tf.tidy(() => forward(x, false));
  const training = (x: tf.Tensor, target: tf.Tensor) =>
    tf.tidy(() => {
      let kept: tf.Tensor[] = [];
      const { value, grads } = tf.engine().gradients(() => {
        kept = forward(x, true).map((output) => tf.keep(output));
        return lossOf(kept, target);
      }, [x, ...variables]);
      const outputs = kept.map((output) => tf.clone(output));
      tf.dispose(kept);
      return { outputs, value, grads };
    });
  const functions = compiled
    ? { evaluation: requireCompiler().compile(evaluation), training: requireCompiler().compile(training) }
    : undefined;
  const { evaluation: evaluate, training: train } = functions ?? { evaluation, training };

  const evaluated = evaluate(x);
  await compareStages("eval", evaluated);
  tf.dispose(evaluated);

  const { outputs, value, grads } = train(x, target);
  await compareStages("train", outputs);
  tf.dispose(outputs);
  const [loss = NaN] = await value.data();
  result.push({ what: "loss", found: Math.abs((loss - golden.loss) / golden.loss), allowed: tolerance.loss });
  const scale = Math.max(...golden.grads.map(({ l2 }) => l2));
  for (const [i, expected] of golden.grads.entries()) {
    const at = weights.findIndex(([key]) => key === expected.name);
    const [gradient, weight] = [grads[at + 1], weights[at]?.[1]];
    if (gradient === undefined || weight === undefined) throw new RangeError(`Expected a gradient of ${expected.name}`);
    const values = toTorch(await gradient.data() as Float32Array, weight.spec.layout);
    const allowed = Math.max(1e-4, 10 * expected.f32_rel_l2_err);
    result.push(
      ...compareSummary(`gradient of ${expected.name}`, values, expected, {
        k: 300_000 + i,
        allowed,
        absolute: 1e-5 * scale,
      }),
    );
  }
  const [dx] = grads;
  if (dx !== undefined) {
    const allowed = Math.max(1e-4, 10 * error.gx_rel_l2);
    result.push(
      ...compareSummary("gradient of x", await nchw(dx), golden.grad_x, { k: 390_001, allowed, absolute: 1e-5 }),
    );
  }

  const dict = await stateDict(model);
  for (const { name, running_mean_full: mean, running_var_full: variance } of golden.bn ?? []) {
    for (const [kind, expected] of [["mean", mean], ["var", variance]] as const) {
      if (expected === undefined) continue;
      const found = dict[`${name}.running_${kind}`] ?? dict[`${name}.moving_${kind}`];
      result.push(compareValues(`moving ${kind} of ${name}`, found?.data ?? [], expected, 1e-5));
    }
  }

  const { loss_after_sgd_step: lossAfter, eval_out_after_sgd_step: logitsAfter } = golden;
  if (lossAfter !== undefined && logitsAfter !== undefined) {
    tf.tidy(() => {
      weights.forEach(([, { variable }], i) => {
        const gradient = grads[i + 1];
        if (gradient !== undefined) variable.write(tf.sub(variable.read(), tf.mul(gradient, golden.lr)));
      });
    });
    const after = train(x, target);
    const [loss2 = NaN] = await after.value.data();
    const allowed = Math.max(1e-5, 10 * (error.loss2_abs ?? 0) / lossAfter);
    result.push({ what: "loss after a step", found: Math.abs(loss2 - lossAfter) / lossAfter, allowed });
    const outputs2 = evaluate(x);
    const [logits2] = ownOutputs(outputs2);
    result.push(compareValues("logits after a step", await logits2?.data() ?? [], logitsAfter, 10 * tolerance.eval));
    tf.dispose([after.outputs, after.value, after.grads, outputs2]);
  }
  functions?.evaluation.dispose();
  functions?.training.dispose();
  tf.dispose([value, ...grads, x, target]);
  model.dispose();
  return result;
}
