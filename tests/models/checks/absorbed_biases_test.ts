import { assertEquals } from "@std/assert";
import { type Block, named, sequential } from "../../../models/block.ts";
import { describe } from "../../../models/describe.ts";
import {
  add,
  avgPool2d,
  batchNorm,
  concat,
  conv2d,
  flatten,
  linear,
  relu,
  stochasticDepth,
} from "../../../models/nn.ts";
import { absorbedByBatchNorm } from "./absorbed_biases.ts";

const absorbed = (block: Block, inAllImages = false) =>
  [...absorbedByBatchNorm(describe(block, { inputShape: [8, 8, 2] }), { inAllImages })].sort();

Deno.test("a BatchNorm takes off the bias of the layer right before it, and of no other", () => {
  const net = named({ conv: conv2d(4, 3), bn: batchNorm(), relu: relu(), flatten: flatten(), fc: linear(3) });
  assertEquals(absorbed(net), ["conv"]);
});

Deno.test("a ReLU between them keeps the bias, a pool or a 1×1 convolution does not", () => {
  assertEquals(absorbed(named({ conv: conv2d(4, 3), relu: relu(), bn: batchNorm() })), ["relu"]);
  assertEquals(absorbed(named({ conv: conv2d(4, 3), pool: avgPool2d(2), bn: batchNorm() })), ["conv", "pool"]);
  assertEquals(absorbed(named({ a: conv2d(4, 3), b: conv2d(4, 1), bn: batchNorm() })), ["a", "b"]);
  assertEquals(absorbed(named({ a: conv2d(4, 3), b: conv2d(4, 3), bn: batchNorm() })), ["b"]);
});

Deno.test("a bias that goes two ways learns if one of them ends in no BatchNorm", () => {
  const joined = (join: typeof add, ...ends: Block[]): Block => (x, path) => {
    const y = conv2d(2, 1)(x, "conv");
    return sequential(...ends)(join("join", y, batchNorm()(y, "bn")), path);
  };
  assertEquals(absorbed(joined(concat, batchNorm())), ["bn", "conv", "join"]);
  assertEquals(absorbed(joined(add, batchNorm())), ["bn", "conv", "join"]);
  assertEquals(absorbed(joined(concat, relu(), batchNorm())), ["0"], "the ReLU and no layer before it");
  assertEquals(absorbed(joined(concat)), [], "an output of the network");
});

Deno.test("stochastic depth passes a bias on if it leaves out no image", () => {
  const net = named({ conv: conv2d(4, 3), drop: stochasticDepth(0.2), bn: batchNorm() });
  assertEquals(absorbed(net), ["drop"]);
  assertEquals(absorbed(net, true), ["conv", "drop"]);
});
