/**
 * Distribution functions.
 *
 * @module
 */
// @ts-types="./jstat.d.ts"
import jstat from "jstat";

/** P(Z ≤ z), Z standard normal; right to 2e-16, so 0 below -8.3. */
export function normalCdf(z: number): number {
  return jstat.normal.cdf(z, 0, 1);
}

/** The `t` with P(T ≤ t) = p, T of Student's distribution with `degrees` of freedom. */
export function studentQuantile(p: number, degrees: number): number {
  return jstat.studentt.inv(p, degrees);
}

/** P(B ≤ k), B heads among n tosses of a fair coin. */
export function coinCdf(k: number, n: number): number {
  // 2^-n would be 0 soon; so many tosses are normal.
  if (n > 1000) return normalCdf((2 * k + 1 - n) / Math.sqrt(n));
  let [probability, sum] = [2 ** -n, 0];
  for (let heads = 0; heads <= k; heads++) {
    sum += probability;
    probability *= (n - heads) / (heads + 1);
  }
  return sum;
}
