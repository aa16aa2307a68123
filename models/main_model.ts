/**
 * A network without its auxiliary classifiers.
 *
 * @module
 */
import { LayersModel } from "@tensorflow/tfjs-layers";

/** A model over the layers of another one, which owns their weights. */
class MainModel extends LayersModel {
  /** Ends the view and nothing else: the weights are the whole model's. */
  override dispose(): ReturnType<LayersModel["dispose"]> {
    this.assertNotDisposed();
    this._refCount = 0;
    // A compiled model has its optimizer to itself, unless it was given one.
    if (this.isOptimizerOwned && this.optimizer != null) this.optimizer.dispose();
    return { refCountAfterDispose: 0, numDisposedVariables: 0 };
  }
}

/**
 * The first output of `model` as a model of its own, over the same layers: GoogLeNet
 * without its auxiliary classifiers, for evaluation and for measuring forward passes.
 * Layers that only other outputs need are not among its layers, nor in its state dict.
 * A model of one output gives a view of all of it.
 *
 * Weights are shared: what one model learns the other knows, and both save it. They
 * belong to `model`. `dispose()` of the view frees no weight, in whatever order; after
 * `model.dispose()` the view cannot be used any more.
 *
 * @example
 * ```ts
 * import { buildModel, googLeNet, mainModel, useBackend } from "@convbench/convbench";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend("cpu");
 * const block = googLeNet({ definition: "paper", width: 1 / 16 });
 * const model = buildModel(block, { inputShape: [96, 96, 1] });
 * const main = mainModel(model);
 * assertEquals([model.outputs.length, main.outputs.length], [3, 1]);
 * assertEquals(main.layers.some(({ name }) => name.startsWith("aux")), false);
 * model.dispose();
 * ```
 */
export function mainModel(model: LayersModel): LayersModel {
  const [main] = model.outputs;
  if (main === undefined) throw new RangeError(`Expected ${model.name} to have an output but found none`);
  return new MainModel({ inputs: model.inputs, outputs: main, name: model.name });
}
