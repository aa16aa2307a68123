import { assert, assertEquals, assertRejects } from "@std/assert";
import { LIBRARY_SETS } from "../../../../backends/tensorflow/library/pins.ts";
import { findPip, pipArguments, pipDownloader } from "../../../../backends/tensorflow/library/pip.ts";
import { DownloadError } from "../../../../data/download.ts";
import { list, withFolder } from "../../../data/support.ts";
import { content, makeWheel } from "./support.ts";

/** A stand-in for Python, in sh, which notes its arguments: `then` is what its pip does. */
async function fakePython(folder: string, then: string): Promise<string> {
  const path = `${folder}/python`;
  const script = `#!/bin/sh
[ "$3" = --version ] && exit 0
for argument; do echo "$argument"; done >"${folder}/arguments"
while [ "$1" != --dest ]; do shift; done
dest=$2
${then}
`;
  // Written under another name: Linux does not start a file that anybody has open for writing.
  await Deno.writeTextFile(`${path}.new`, script, { mode: 0o755 });
  await Deno.rename(`${path}.new`, path);
  return path;
}

Deno.test("pipArguments() asks for the very wheel, by the tags in its name", () => {
  const wheels = LIBRARY_SETS.flatMap(({ wheels }) => wheels);
  const wheel = (name: string) => {
    const found = wheels.find(({ file }) => file.startsWith(name));
    assert(found !== undefined);
    return found;
  };
  const cpu = wheel("tensorflow_cpu");
  assertEquals(pipArguments(cpu), {
    requirement: `tensorflow-cpu==2.21.0 --hash=sha256:${cpu.sha256}\n`,
    flags: "--platform manylinux_2_27_x86_64 --python-version 3.12 --implementation cp --abi cp312".split(" "),
  });
  const cublas = wheel("nvidia_cublas");
  assertEquals(pipArguments(cublas), {
    requirement: `nvidia-cublas-cu12==12.5.3.2 --hash=sha256:${cublas.sha256}\n`,
    flags: "--platform manylinux2014_x86_64 --python-version 3.12 --implementation cp".split(" "),
  });
});

Deno.test("findPip() takes the first Python that has pip", async () => {
  await withFolder(async (folder) => {
    const good = await fakePython(folder, "exit 0");
    assertEquals(await findPip([`${folder}/none`, good]), good);
  });
});

Deno.test("findPip() says what to do without Python, or without its pip", async () => {
  await withFolder(async (folder) => {
    const bare = `${folder}/bare`;
    await Deno.writeTextFile(`${bare}.new`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    await Deno.rename(`${bare}.new`, bare);
    const error = await assertRejects(() => findPip([`${folder}/none`, bare]), DownloadError);
    assertEquals(
      error.message,
      "Expected a Python with pip, which downloads TensorFlow's wheel, but found " +
        `no ${folder}/none, ${bare} has no pip: ` +
        "install one, name one with --python, or name a libtensorflow_cc that is there with --lib",
    );
  });
});

Deno.test("pipDownloader() leaves the wheel alone in its folder, and has pip check its hash", async () => {
  await withFolder(async (folder) => {
    const wheel = await makeWheel(folder, "a-1.0-py3-none-any.whl", { a: content(1000, 1) });
    const python = await fakePython(
      folder,
      `cp "${folder}/${wheel.file}" "$dest"; cat "$dest"/*.txt >"${folder}/asked"`,
    );
    await Deno.mkdir(`${folder}/to`);
    await pipDownloader([python])(wheel, `${folder}/to`, {});
    assertEquals(await list(`${folder}/to`), [wheel.file]);
    assertEquals(await Deno.readTextFile(`${folder}/asked`), `a==1.0 --hash=sha256:${wheel.sha256}\n`);
    const asked = (await Deno.readTextFile(`${folder}/arguments`)).split("\n");
    for (const flag of ["--require-hashes", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]) {
      assert(asked.includes(flag), flag);
    }
  });
});

const failures: [what: string, then: string, message: string][] = [
  [
    "a full disk",
    "echo 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device' >&2; exit 1",
    "Expected room for FOLDER/to/a-1.0-py3-none-any.whl but found the disk full: " +
    "free some, or choose another folder with CONVBENCH_CACHE",
  ],
  [
    "another content",
    "echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.' >&2; exit 1",
    "Expected pip to download a-1.0-py3-none-any.whl but found another content than the one pinned: " +
    "nothing of it was kept",
  ],
  [
    "no such version",
    "echo 'WARNING: Retrying' >&2; echo 'ERROR: No matching distribution found for a==1.0' >&2; exit 1",
    "Expected pip to download a-1.0-py3-none-any.whl but found: No matching distribution found for a==1.0 " +
    "(pip's own settings, PIP_INDEX_URL or PIP_FIND_LINKS among them, say where from)",
  ],
  [
    "silence",
    "exit 3",
    "Expected pip to download a-1.0-py3-none-any.whl but found: it says nothing " +
    "(pip's own settings, PIP_INDEX_URL or PIP_FIND_LINKS among them, say where from)",
  ],
];

for (const [what, then, message] of failures) {
  Deno.test(`pipDownloader() reports ${what} in one sentence`, async () => {
    await withFolder(async (folder) => {
      const wheel = await makeWheel(folder, "a-1.0-py3-none-any.whl", { a: content(1000, 1) });
      const python = await fakePython(folder, then);
      await Deno.mkdir(`${folder}/to`);
      const error = await assertRejects(() => pipDownloader([python])(wheel, `${folder}/to`, {}), Error);
      assertEquals(error.message, message.replace("FOLDER", folder));
      assertEquals(await list(`${folder}/to`), []);
    });
  });
}

Deno.test("pipDownloader() tells how far pip is, and stops it when told", async () => {
  await withFolder(async (folder) => {
    const wheel = await makeWheel(folder, "a-1.0-py3-none-any.whl", { a: content(1000, 1) });
    const python = await fakePython(folder, `head -c 500 /dev/zero >"$TMPDIR/half"; exec sleep 60`);
    await Deno.mkdir(`${folder}/to`);
    const controller = new AbortController();
    let received = 0;
    const onProgress = (bytes: number) => {
      received = bytes;
      if (bytes >= 500) controller.abort(new Error("enough"));
    };
    const options = { onProgress, signal: controller.signal };
    await assertRejects(() => pipDownloader([python])(wheel, `${folder}/to`, options), Error, "enough");
    assert(received >= 500);
    assertEquals(await list(`${folder}/to`), []);
  });
});
