/**
 * How PyTorch's networks round sizes that come out of a formula.
 *
 * @module
 */

/** To the nearest whole number, from the middle to the even one: what Python's and PyTorch's `round` do. */
export function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * TensorFlow's `make_divisible`, as torchvision has it: the nearest multiple of
 * `divisor`, at least one, and the next one up where that is more than a tenth below.
 */
export function makeDivisible(value: number, divisor: number): number {
  const nearest = Math.max(divisor, Math.floor((value + divisor / 2) / divisor) * divisor);
  return nearest < 0.9 * value ? nearest + divisor : nearest;
}
