/**
 * A progress bar on stderr.
 *
 * @module
 */
import { SingleBar } from "cli-progress";

/** Starts anew after a stop; quiet where stderr is not a terminal, or where nobody wants to see it. */
export class ProgressBar {
  /** Whether no bar is drawn from here on. */
  static silent = false;
  readonly #bar: SingleBar | undefined;
  /** `format` as cli-progress takes it. */
  constructor(format: string) {
    if (!ProgressBar.silent && Deno.stderr.isTerminal()) {
      this.#bar = new SingleBar({ format, hideCursor: true, etaBuffer: 50 });
    }
  }
  /** Shows `value` of `total`, with `payload` for the format's own words. */
  update(value: number, total: number, payload: Record<string, string>): void {
    if (this.#bar === undefined) return;
    if (!this.#bar.isActive) this.#bar.start(total, value, payload);
    this.#bar.setTotal(total);
    this.#bar.update(value, payload);
  }
  /** Leaves the line as it is. */
  stop(): void {
    this.#bar?.stop();
  }
}
