/**
 * tfjs-core's and tfjs-node's own specs as one module, made at run time from the npm
 * packages in Deno's cache.
 *
 * Specs of tfjs-core reach into its inner modules, which its package has as separate
 * files only: they get a copy of tfjs-core of their own. It meets the copy that the
 * backend uses where all copies of tfjs-core meet, in the engine and the registries
 * that tfjs keeps on the global object. All else stays outside of the bundle and is
 * asked of `require`: specs of tfjs-node test the very modules that the backend is
 * made of.
 *
 * @module
 */
import { build, type OnResolveArgs, type Plugin, stop } from "esbuild";
import { createRequire, isBuiltin } from "node:module";
import { join, relative } from "node:path";
import { ADDON, CORE, NODE, packageFolder } from "./packages.ts";

/** The name on the global object that the bundle finds its `require` by. */
export const REQUIRE = "__conformanceRequire";

/** What the bundled module exports. */
export interface SpecBundle {
  /** The engine of the bundle's own copy of tfjs-core. */
  readonly engine: () => unknown;
  /** Parts of names of specs that tfjs-node's own run leaves out. */
  readonly IGNORE_LIST: readonly string[];
}

const ENVIRONMENT = "convbench:environment";
const STUB = "convbench:stub";

/** The files of a package that hold specs, relative to it, in order. */
export async function specFiles(folder: string, below = "dist"): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
    const path = `${below}/${name}`;
    if (isDirectory) found.push(...await specFiles(folder, path));
    else if (name.endsWith("_test.js")) found.push(path);
  }
  return found.sort();
}

/** The statement that makes tfjs-node's list of specs to leave out, cut out of the script that runs them. */
export function ignoreList(script: string): string {
  const [, list] = /\bvar (IGNORE_LIST = \[[\s\S]*?\n\];)/.exec(script) ?? [];
  if (list === undefined) throw new Error(`Expected ${NODE}/dist/run_tests.js to declare IGNORE_LIST but it does not`);
  return `export const ${list}`;
}

function entry(nodeSpecs: readonly string[]): string {
  return [
    `import "${CORE}/dist/public/chained_ops/register_all_chained_ops";`,
    `import "${CORE}/dist/register_all_gradients";`,
    `import "${ENVIRONMENT}";`,
    `import "${CORE}/dist/tests";`,
    ...nodeSpecs.map((path) => `import "${NODE}/${path}";`),
    `export { engine } from "${CORE}/dist/globals";`,
    `export { IGNORE_LIST } from "${NODE}/dist/run_tests.js";`,
  ].join("\n");
}

/** Specs name the backend that they are for in their own names. */
const environment = (backend: string): string =>
  `import { setTestEnvs } from "${CORE}/dist/jasmine_util";
   setTestEnvs([{ name: "test-${backend}", backendName: "${backend}", flags: {}, isDataSync: true }]);`;

/** jasmine_util makes a jasmine that nobody uses, to set its timeout. */
const UNUSED_JASMINE = "exports.core = () => ({});";
/** The way of tfjs-node's specs to the file of its addon: where it is looked for, and what is found. */
const PRE_GYP = `exports.find = () => ${JSON.stringify(ADDON)};`;
const BANNER = `const require = globalThis.${REQUIRE}, __dirname = "";`;

function specs(backend: string): Plugin {
  const core = packageFolder(CORE);
  const node = packageFolder(NODE);
  const external = (path: string) => ({ path, external: true });
  const resolveHere = ({ path, kind, importer }: OnResolveArgs) => {
    if (kind === "entry-point") return undefined;
    if (path === ENVIRONMENT) return { path, namespace: STUB };
    if (path.startsWith("jasmine-core/")) return { path: UNUSED_JASMINE, namespace: STUB };
    if (path === "@mapbox/node-pre-gyp") return { path: PRE_GYP, namespace: STUB };
    if (path.startsWith(`${CORE}/dist/`)) {
      return { path: join(core, path.slice(CORE.length)).replace(/(\.js)?$/, ".js") };
    }
    if (/^@tensorflow\/tfjs-node-gpu\/dist\/(.*_test|run_tests)\.js$/.test(path)) {
      return { path: join(node, path.slice(NODE.length)) };
    }
    if (!path.startsWith(".")) {
      // A package that is imported and not required has no name where the bundle will lie.
      return kind === "import-statement" && importer.startsWith(core) && !isBuiltin(path)
        ? { path: createRequire(importer).resolve(path) }
        : external(path);
    }
    if (!importer.startsWith(node)) return undefined;
    return external(`${NODE}/${relative(node, join(importer, "..", path)).replaceAll("\\", "/")}`);
  };
  return {
    name: "specs",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /.*/ }, resolveHere);
      onLoad({ filter: /.*/, namespace: STUB }, ({ path }) => ({
        contents: path === ENVIRONMENT ? environment(backend) : path,
        resolveDir: core,
      }));
      onLoad({ filter: /[\\/]run_tests\.js$/ }, async ({ path }) => ({
        contents: ignoreList(await Deno.readTextFile(path)),
      }));
    },
  };
}

/**
 * Writes the specs for `backend` to `path` as one module, whose exports are
 * {@linkcode SpecBundle}'s.
 */
export async function bundleSpecs(backend: string, path: string): Promise<void> {
  try {
    await build({
      stdin: { contents: entry(await specFiles(packageFolder(NODE))), resolveDir: packageFolder(CORE) },
      bundle: true,
      format: "esm",
      platform: "node",
      // tfjs-core claims that most of its modules have no side effects; its specs are nothing else.
      ignoreAnnotations: true,
      banner: { js: BANNER },
      plugins: [specs(backend)],
      logLevel: "error",
      outfile: path,
    });
  } finally {
    await stop();
  }
}
