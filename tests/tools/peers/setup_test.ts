import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../../cli/flags.ts";
import { ensureTorch, inspectPython, namedTorch, peersFolder, PINS, pipArguments } from "../../../tools/peers/setup.ts";

const VERSIONS = { python: "3.12.1", ...PINS };

/**
 * A stand-in for Python: `-m venv` copies itself to where a virtual environment has its
 * interpreter, `-m pip` notes what it is asked for, `-c` tells versions.
 */
const PYTHON = (pip: string, versions = VERSIONS) =>
  `#!/bin/sh
case "$2" in
  venv) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
  pip) ${pip} ;;
  *) echo '${JSON.stringify(versions)}' ;;
esac
`;

/** Runs `use` with a folder that has a `python3` of `script` in it. */
async function withPython(script: string, use: (folder: string, python: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "convbench-peers-" });
  try {
    const python = `${folder}/python3`;
    await Deno.writeTextFile(python, script, { mode: 0o755 });
    await use(folder, python);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

// A stand-in is a script of a shell.
const ignore = Deno.build.os === "windows";

Deno.test({
  name: "the environment is made once, by venv and pip, and then it is there",
  ignore,
  async fn() {
    await withPython(PYTHON('echo "$@" >> "$0.asked"'), async (folder, base) => {
      const notices: string[] = [];
      const options = { folder: `${folder}/peers`, base, notice: (text: string) => void notices.push(text) };
      const made = await ensureTorch(options);
      const home = `${folder}/peers/torch-${PINS.torch}`;
      assertEquals(made.value, { python: `${home}/bin/python`, versions: VERSIONS });
      assert(made.seconds !== null && made.seconds >= 0);
      const asked = (await Deno.readTextFile(`${home}/bin/python.asked`)).trim();
      assertEquals(asked, pipArguments().join(" "));
      assertEquals(await ensureTorch(options), { value: made.value, seconds: null });
      assertEquals([(await Deno.readTextFile(`${home}/bin/python.asked`)).trim(), notices.length], [asked, 1]);
    });
  },
});

Deno.test({
  name:
    "an environment whose installation failed is no environment: the error says why, and the next run makes it anew",
  ignore,
  async fn() {
    await withPython(PYTHON("echo 'ERROR: No matching distribution' >&2; exit 1"), async (folder, base) => {
      const options = { folder: `${folder}/peers`, base, notice: () => {} };
      await assertRejects(() => ensureTorch(options), Error, "ERROR: No matching distribution");
      await Deno.writeTextFile(base, PYTHON("true"));
      assertEquals((await ensureTorch(options)).value.versions, VERSIONS);
    });
    const nowhere = { folder: `${await Deno.makeTempDir()}/peers`, base: "no-such-python", notice: () => {} };
    await assertRejects(() => ensureTorch(nowhere), Error, "Expected a Python 3 but found no no-such-python");
    await Deno.remove(`${nowhere.folder}/..`, { recursive: true });
  },
});

Deno.test({
  name: "two runs at once make one environment",
  ignore,
  async fn() {
    await withPython(PYTHON('echo once >> "$0.asked"; sleep 0.2'), async (folder, base) => {
      const options = { folder: `${folder}/peers`, base, notice: () => {} };
      await Promise.all([ensureTorch(options), ensureTorch(options)]);
      assertEquals(await Deno.readTextFile(`${folder}/peers/torch-${PINS.torch}/bin/python.asked`), "once\n");
    });
  },
});

Deno.test({
  name: "a Python that is named has to have PyTorch",
  ignore,
  async fn() {
    await withPython(PYTHON("true"), async (_, python) => {
      assertEquals(await namedTorch(python), { python, versions: VERSIONS });
    });
    await withPython("#!/bin/sh\nexit 1\n", async (_, python) => {
      assertEquals(await inspectPython(python), undefined);
      await assertRejects(() => namedTorch(python), UsageError, "Expected --python to be a Python with torch");
    });
    await assertRejects(() => namedTorch("/no/such/python"), UsageError);
  },
});

Deno.test("pip takes wheels alone, of the releases that are pinned, from where it is configured to", () => {
  const args = pipArguments();
  for (const [name, version] of Object.entries(PINS)) assert(args.includes(`${name}==${version}`));
  assert(args.includes("--only-binary=:all:"));
  assertEquals(args.filter((arg) => /index|http/.test(arg)), []);
  assertEquals(peersFolder("/cache"), "/cache/peers");
});
