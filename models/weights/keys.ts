/**
 * Names of weights as files have them, turned into those of the model: what
 * torchvision and timm do when they load.
 *
 * @module
 */

/** What wraps a model in training, in the order in which timm takes the names off: compiled, distributed, compiled. */
const WRAPPERS = ["_orig_mod.", "module.", "_orig_mod."] as const;

/** torchvision's first DenseNets had `norm.1` where there is `norm1` now; its files still have it. */
const OLD_DENSENET = /^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.(?:weight|bias|running_mean|running_var))$/;

/** The heads of GoogLeNet, which its files always have and torchvision lets go where the model has none. */
const AUXILIARY_HEAD = /^aux[12]\./;

/** The key that `model` may have for `key` of a file. */
function renamed(key: string, modelKeys: ReadonlySet<string>): string {
  if (modelKeys.has(key)) return key;
  const bare = WRAPPERS.reduce((name, wrapper) => name.startsWith(wrapper) ? name.slice(wrapper.length) : name, key);
  return bare.replace(OLD_DENSENET, "$1$2");
}

/**
 * `tensors` under the names of a model that has `modelKeys`; those that such models
 * never have are left out.
 *
 * @throws {RangeError} Where two tensors come to have the same name.
 */
export function adaptKeys<T>(tensors: ReadonlyMap<string, T>, modelKeys: ReadonlySet<string>): Map<string, T> {
  const hasHeads = [...modelKeys].some((key) => AUXILIARY_HEAD.test(key));
  const adapted = new Map<string, T>();
  for (const [key, tensor] of tensors) {
    const name = renamed(key, modelKeys);
    if (name.endsWith("num_batches_tracked") || (!hasHeads && AUXILIARY_HEAD.test(name))) continue;
    if (adapted.has(name)) throw new RangeError(`Expected the file to hold ${name} once but found it twice, as ${key}`);
    adapted.set(name, tensor);
  }
  return adapted;
}
