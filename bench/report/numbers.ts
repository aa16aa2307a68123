/**
 * Numbers for people.
 *
 * @module
 */

const THREE = new Intl.NumberFormat("en-US", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `12.3`, `4,560`: three digits, and all of those before the point. */
export function digits(value: number): string {
  return value === 0 ? "0" : (Math.abs(value) >= 1000 ? WHOLE : THREE).format(value);
}

/** A ratio as a change: `+5.2 %`, `-3.0 %`, `0.0 %`. */
export function change(ratio: number): string {
  const percent = 100 * (ratio - 1);
  const text = Math.abs(percent).toFixed(Math.abs(percent) < 100 ? 1 : 0);
  return `${Number(text) === 0 ? "" : percent < 0 ? "−" : "+"}${text} %`;
}

/** `12.3 to 14.5`, `–` where nothing is known. */
export function range(interval: readonly [number, number] | null, show: (value: number) => string = digits): string {
  return interval === null ? "–" : `${show(interval[0])} to ${show(interval[1])}`;
}

/** `1.42×`. */
export function times(ratio: number): string {
  return `${THREE.format(ratio)}×`;
}

/** A probability: `0.003`, `< 0.001`. */
export function probability(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** `1.82 G`, `11.7 M`; `–` where it is not known. */
export function large(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  const [scale, unit] = value >= 1e9 ? [1e9, " G"] : value >= 1e6 ? [1e6, " M"] : value >= 1e3 ? [1e3, " k"] : [1, ""];
  return `${unit === "" ? value : digits(value / scale)}${unit}`;
}

/** A share as percent: `87 %`; `–` where it is not known. */
export function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : `${Math.round(100 * share)} %`;
}

/** Bytes: `512 MiB`; `–` where it is not known. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return value >= 2 ** 30 ? `${digits(value / 2 ** 30)} GiB` : `${digits(value / 2 ** 20)} MiB`;
}
