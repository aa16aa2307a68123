/**
 * `deno doc --lint` without what it cannot know: it calls every type of an npm
 * package private (`createModel` "references private type" `LayersModel`), since it
 * does not read packages. All else that it finds counts.
 *
 * @module
 */
import { offlineFlags, readConfig, ROOT } from "./jsr.ts";

/** One finding of `deno doc --lint`. */
export interface Finding {
  readonly text: string;
  /** The type that is called private, where that is what was found. */
  readonly privateType?: string;
  readonly path?: string;
}

/** The findings in what `deno doc --lint` printed, colours removed. */
export function parseFindings(output: string): Finding[] {
  return output.split(/^(?=error\[)/m).filter((text) => text.startsWith("error[")).map((text) => {
    const privateType = /^error\[private-type-ref\].* references private type '([^']+)'/.exec(text)?.[1];
    const path = /-->\s*(.+?):\d+:\d+/.exec(text)?.[1];
    return {
      text: text.replace(/^error: Found[\s\S]*/m, "").trimEnd(),
      ...(privateType ? { privateType } : {}),
      ...(path ? { path } : {}),
    };
  });
}

/** Whether `source` takes the type `name` from a package: by name, or as a member of something it imports. */
export function isFromPackage(name: string, source: string): boolean {
  const imports = source.matchAll(/^import\s+(?:type\s+)?([^;]*?)\s+from\s+"(?!\.)[^"]+"/gms);
  const bound = [...imports].flatMap(([, clause = ""]) => clause.match(/\w+/g) ?? []).filter((word) =>
    word !== "type" && word !== "as"
  );
  return bound.includes(name) || bound.some((root) => new RegExp(`\\b${root}(\\.\\w+)*\\.${name}\\b`).test(source));
}

if (import.meta.main) {
  const { exports } = await readConfig();
  const { stderr, stdout, code } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...await offlineFlags(), ...Object.values(exports)],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  const findings = parseFindings(text);
  const own: Finding[] = [];
  for (const finding of findings) {
    const { privateType, path } = finding;
    const source = privateType && path ? await Deno.readTextFile(path) : "";
    if (privateType === undefined || !isFromPackage(privateType, source)) own.push(finding);
  }
  for (const { text } of own) console.error(`${text}\n`);
  if (findings.length === 0 && code !== 0) console.error(text);
  console.log(
    `${own.length} findings (and ${findings.length - own.length} types of npm packages, which deno doc does not read)`,
  );
  Deno.exit(own.length > 0 || (findings.length === 0 && code !== 0) ? 1 : 0);
}
