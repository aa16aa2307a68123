/**
 * Words for people, on stderr: stdout is for what was asked for. Deno only.
 *
 * @module
 */
let quiet = false;

/** From here on words are not said and bars are not drawn: `--quiet`. Errors are, and `console.error` is for them. */
export async function beQuiet(): Promise<void> {
  quiet = true;
  (await import("../data/progress_bar.ts")).ProgressBar.silent = true;
}

/** Says what happens, unless nobody wants to know. */
export function say(text: string): void {
  if (!quiet) console.error(text);
}
