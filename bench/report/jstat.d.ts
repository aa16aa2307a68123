/** The part of jStat that is used here; the package has no types of its own. */
declare const jstat: {
  readonly normal: { cdf(x: number, mean: number, standardDeviation: number): number };
  readonly studentt: { inv(p: number, degrees: number): number };
};
export default jstat;
