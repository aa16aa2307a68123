/**
 * The style of HTML reports.
 *
 * @module
 */

/** Colours, light and dark, as CSS. All have a contrast of 4.5 or more with the paper. */
export const PALETTE = `:root { color-scheme: light dark; --paper: #fff; --ink: #1f2328; --line: #d1d9e0;
  --first: #0969da; --second: #bc4c00; --good: #116329; --bad: #a40e26; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #e6edf3; --line: #30363d;
    --first: #79c0ff; --second: #ffa657; --good: #7ee787; --bad: #ff9a92; }
}
`;

/** CSS. */
export const STYLE = `
${PALETTE}* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; }
h1, h2, h3, p, li { overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0 0 .25rem; }
a { color: var(--first); }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
.outcome { font-size: 1.2rem; font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; padding: 0; list-style: none; }
.scroll { overflow-x: auto; margin-block: 1rem; }
:focus-visible { outline: 3px solid var(--first); outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
/* What a row is of stays in sight where the rest scrolls sideways. */
caption span, tr > :first-child { position: sticky; left: 0; background: var(--paper); }
caption span { display: inline-block; max-width: calc(100vw - 2rem); }
caption { text-align: left; font-weight: 600; padding-block: .5rem; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th[scope="row"] { font-weight: 400; }
.number { text-align: right; }
figure { margin: 0 0 1.5rem; }
.plot svg { display: block; width: 100%; height: auto; max-width: 860px; }
.large .plot svg { min-width: 700px; }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: .5rem 1.5rem; }
.small figure { margin: 0; content-visibility: auto; contain-intrinsic-size: auto 9rem; }
@media (max-width: 40rem) {
  th, td { padding-inline: .5rem; }
  th[scope="row"] > * { display: inline-block; width: max-content; max-width: 10rem; white-space: normal;
    overflow-wrap: anywhere; }
}
@media print {
  nav { display: none; }
  .scroll { overflow: visible; }
  .large .plot svg { min-width: 0; }
  figure { break-inside: avoid; }
}
`;
