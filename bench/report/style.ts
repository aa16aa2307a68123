/**
 * The style of HTML reports.
 *
 * @module
 */

/** CSS. All colours have a contrast of 4.5 or more with what is behind them. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1f2328; --line: #d1d9e0; --first: #0969da; --second: #bc4c00;
  --good: #116329; --bad: #a40e26; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0d1117; --ink: #e6edf3; --line: #30363d; --first: #79c0ff; --second: #ffa657;
    --good: #7ee787; --bad: #ff9a92; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; }
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
caption { text-align: left; font-weight: 600; padding-block: .5rem; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th[scope="row"] { font-weight: 400; }
.number { text-align: right; }
figure { margin: 0 0 1.5rem; }
.plot svg { width: 100%; height: auto; max-width: 860px; }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: .5rem 1.5rem; }
.small figure { margin: 0; }
@media print { nav { display: none; } .scroll { overflow: visible; } figure { break-inside: avoid; } }
`;
