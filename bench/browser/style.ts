/**
 * The style of the page: that of reports, and what a form needs beyond it.
 *
 * @module
 */
import { STYLE } from "../report/style.ts";

/** CSS. */
export const PAGE_STYLE = `${STYLE}
[hidden] { display: none !important; }
input, select, button { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--ink);
  border-radius: .25rem; padding: .25rem .5rem; }
input[type="checkbox"] { width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--first); flex: none; }
input[type="number"] { width: 7rem; }
select, input[type="file"] { max-width: 100%; }
button { cursor: pointer; padding: .35rem .9rem; }
button.main { background: var(--first); border-color: var(--first); color: var(--paper); font-weight: 600; }
button:disabled, input:disabled, select:disabled { opacity: .55; cursor: default; }
fieldset { border: 1px solid var(--line); border-radius: .25rem; margin: 0 0 1rem; padding: .5rem 1rem 1rem; min-width: 0; }
legend { font-weight: 600; padding-inline: .25rem; }
.row { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: end; margin-block: .5rem; }
.field { display: grid; grid-template-columns: minmax(0, 1fr); gap: .15rem; min-width: 0; max-width: 100%; }
.choice { display: flex; gap: .5rem; align-items: center; }
.choice strong { white-space: nowrap; }
.names { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); gap: .1rem 1rem; max-height: 15rem;
  overflow-y: auto; margin-block: .5rem; padding: .25rem; border: 1px solid var(--line); border-radius: .25rem; }
.backends { display: grid; gap: .4rem; margin: 0; padding: 0; list-style: none; }
.wide { flex: 1 1 16rem; }
.wide input { width: 100%; }
progress { width: 100%; height: 1rem; accent-color: var(--first); }
.log { max-height: 12rem; overflow-y: auto; margin: 0; padding-left: 1.5rem; font-variant-numeric: tabular-nums; }
#trouble { color: var(--bad); font-weight: 600; }
`;
