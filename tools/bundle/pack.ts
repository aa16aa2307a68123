/**
 * The main module as an npm package, the way JSR's npm layer hands it over:
 * TypeScript becomes JavaScript beside it, paths end in `.js`, and what comes from
 * npm stays a bare name and a dependency.
 *
 * @module
 */
import { transform } from "esbuild";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { offlineFlags, readConfig, ROOT } from "../jsr.ts";

/** A package in a folder. */
export interface Packed {
  /** Paths of its modules, relative to the package, as TypeScript. */
  readonly modules: string[];
  /** As in its package.json. */
  readonly dependencies: Record<string, string>;
  /** What of its graph is neither its own nor npm's; should be empty. */
  readonly foreign: string[];
}

interface Graph {
  readonly modules: readonly { readonly kind: string; readonly specifier: string; readonly error?: string }[];
}

async function graphOf(entry: string): Promise<Graph> {
  const args = ["info", "--json", "--no-lock", ...await offlineFlags(), entry];
  const { stdout, success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stderr: "inherit" }).output();
  if (!success) throw new Error(`Expected deno info to describe ${entry} but it failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** `code` as JavaScript whose relative imports end in `.js`. */
export async function toJavaScript(code: string): Promise<string> {
  const { code: script } = await transform(code, { loader: "ts", format: "esm", target: "es2022" });
  return script.replaceAll(/(\b(?:from|import)\s*\(?\s*")(\.{1,2}\/[^"]+)\.ts"/g, '$1$2.js"');
}

/** Writes `path`, and the folders that it needs. */
export async function writeFile(path: string, content: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, content);
}

/** The name of the npm package in `npm:/@scope/name@1.2.3/part`. */
function packageName(specifier: string): string {
  return /^npm:\/?((?:@[^/]+\/)?[^@/]+)/.exec(specifier)?.[1] ?? specifier;
}

/** Writes the package of `entry` and all that it imports into `folder`. */
export async function pack(entry: string, folder: string): Promise<Packed> {
  const { name, imports } = await readConfig();
  const { modules } = await graphOf(entry);
  const own: string[] = [];
  const foreign: string[] = [];
  const dependencies: Record<string, string> = {};
  for (const { kind, specifier, error } of modules) {
    const path = specifier.startsWith("file:") ? fileURLToPath(specifier) : undefined;
    const inside = path?.startsWith(ROOT) ? path.slice(ROOT.length).replaceAll("\\", "/") : undefined;
    if (kind === "npm") {
      const dependency = packageName(specifier);
      const target = imports[dependency] ?? specifier;
      dependencies[dependency] = target.replace(/^npm:\/?(?:@[^/]+\/)?[^@/]+@?/, "").split("/")[0] || "*";
    } else if (error !== undefined || inside === undefined || inside.startsWith("tools/")) {
      foreign.push(specifier);
    } else {
      own.push(inside);
    }
  }
  for (const path of own) {
    const script = await toJavaScript(await Deno.readTextFile(join(ROOT, path)));
    await writeFile(join(folder, path.replace(/\.ts$/, ".js")), script);
  }
  const manifest = {
    name,
    version: "0.0.0",
    type: "module",
    exports: { ".": `./${entry.replace(/\.ts$/, ".js")}` },
    dependencies,
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest, null, 2));
  return { modules: own, dependencies, foreign };
}
