import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { setFolder } from "../../../../backends/tensorflow/library/cache.ts";
import {
  freeSpace,
  install,
  type InstallProgress,
  uninstall,
} from "../../../../backends/tensorflow/library/install.ts";
import type { LibrarySet } from "../../../../backends/tensorflow/library/library_set.ts";
import { DownloadError } from "../../../../data/download.ts";
import { list, withFolder } from "../../../data/support.ts";
import { runDeno } from "../../../run_deno.ts";
import { CORE, downloaderFrom, FRAMEWORK, installedTree, makeSet, overwrite, tree } from "./support.ts";

const CHILD = new URL("install_child.ts", import.meta.url).pathname;

/** Runs `use` with a set whose wheels lie in `wheels`, and an empty `root` to install into. */
async function withSet(
  use: (place: { set: LibrarySet; wheels: string; root: string }) => Promise<void>,
  options: { bytes?: number } = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const [wheels, root] = [`${folder}/wheels`, `${folder}/cache/made/on/demand`];
    await Deno.mkdir(wheels);
    await use({ set: await makeSet(wheels, options), wheels, root });
  });
}

async function assertInstalled(root: string, set: LibrarySet): Promise<void> {
  const found = await tree(root);
  assertEquals(found, installedTree([set], found));
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has just ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
}

Deno.test("install() leaves libraries and licences, and nothing else", async () => {
  await withSet(async ({ set, wheels, root }) => {
    const progress: InstallProgress[] = [];
    const onProgress = (step: InstallProgress) => void progress.push(step);
    const taken = await install(set, { root, download: downloaderFrom(wheels), onProgress });
    assertEquals(taken, set.wheels);
    await assertInstalled(root, set);
    for (const { file, members } of set.wheels) {
      const total = members.reduce((sum, { bytes }) => sum + bytes, 0);
      const last = progress.findLast((step) => step.step === "extract" && step.file === file);
      assertEquals(last, { step: "extract", file, done: total, total });
    }
  });
});

Deno.test("install() takes nothing where all is in place, and only the wheel of what is not", async () => {
  await withSet(async ({ set, wheels, root }) => {
    await install(set, { root, download: downloaderFrom(wheels) });
    const taken: string[] = [];
    assertEquals(await install(set, { root, download: downloaderFrom(wheels, taken) }), []);
    assertEquals(taken, []);
    await overwrite(setFolder(root, set), FRAMEWORK, "tampered");
    await install(set, { root, download: downloaderFrom(wheels, taken) });
    assertEquals(taken, [set.wheels[0]?.file]);
    await assertInstalled(root, set);
  });
});

Deno.test("install() goes on wheel by wheel after being killed at ten random moments", async () => {
  await withSet(async ({ set, wheels, root }) => {
    await Deno.writeTextFile(`${wheels}/set.json`, JSON.stringify(set));
    const known = new Map(set.wheels.flatMap(({ members }) => members).map(({ path, sha256 }) => [path, sha256]));
    const delays: number[] = [];
    let kills = 0;
    while (kills < 10) {
      const delay = Math.random() * 350;
      delays.push(Math.round(delay));
      let timer: ReturnType<typeof setTimeout> | undefined;
      const { code } = await runDeno([CHILD, wheels, root], (line, child) => {
        if (line === "starts") timer = setTimeout(() => kill(child), delay);
      });
      clearTimeout(timer);
      if (code === 0) await Deno.remove(root, { recursive: true });
      else kills++;
      for (const [path, hash] of Object.entries(await tree(root).catch(() => ({})))) {
        const member = path.replace(/^[^/]+\//, "");
        const expected = known.get(member);
        if (expected !== undefined) assertEquals(hash, expected, `${path} is half, killed after ${delays} ms`);
      }
    }
    // Whole wheels are kept: none is taken again by what ends well.
    const before = await tree(root);
    const kept = set.wheels.filter(({ file, sha256, members }) =>
      before[`downloads/${file}`] === sha256 ||
      members.every(({ path, sha256 }) => before[`${set.version}-${set.name}/${path}`] === sha256)
    );
    const taken: string[] = [];
    await install(set, { root, download: downloaderFrom(wheels, taken) });
    assertEquals(taken, set.wheels.filter((wheel) => !kept.includes(wheel)).map(({ file }) => file));
    await assertInstalled(root, set);
  }, { bytes: 2_000_000 });
});

Deno.test("install() waits for another setup, and finds its work done", async () => {
  await withSet(async ({ set, wheels, root }) => {
    await Deno.writeTextFile(`${wheels}/set.json`, JSON.stringify(set));
    const ends = await Promise.all([runDeno([CHILD, wheels, root]), runDeno([CHILD, wheels, root])]);
    assertEquals(ends.map(({ code }) => code), [0, 0]);
    const output = ends.map(({ stdout }) => stdout).join("");
    for (const { file } of set.wheels) assertEquals(output.split(`downloaded ${file}`).length, 2, output);
    assertEquals(output.match(/waits for \d*/g)?.length, 1, output);
    await assertInstalled(root, set);
  });
});

const wrong: [what: string, spoil: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>][] = [
  ["a truncated wheel", (bytes) => bytes.subarray(0, bytes.length / 2)],
  ["another file of the right name and size", (bytes) => bytes.map((byte) => byte ^ 1)],
  ["an empty file", () => new Uint8Array()],
];

for (const [what, spoil] of wrong) {
  Deno.test(`install() refuses ${what}, keeps nothing of it and installs at the next try`, async () => {
    await withSet(async ({ set, wheels, root }) => {
      const spoilt = async (wheel: { file: string }, folder: string) =>
        await Deno.writeFile(`${folder}/${wheel.file}`, spoil(await Deno.readFile(`${wheels}/${wheel.file}`)));
      const error = await assertRejects(() => install(set, { root, download: spoilt }), Error, "Expected fake0-1.0");
      assertStringIncludes(error.message, "but found another content: nothing of it was kept");
      assertEquals(await tree(root), {});
      await install(set, { root, download: downloaderFrom(wheels) });
      await assertInstalled(root, set);
    });
  });

  Deno.test(`install() replaces ${what} in its folder of downloads`, async () => {
    await withSet(async ({ set, wheels, root }) => {
      for (const { file } of set.wheels) {
        await overwrite(root, `downloads/${file}`, spoil(await Deno.readFile(`${wheels}/${file}`)));
      }
      await overwrite(root, "downloads/part.orphan/half.whl", "half");
      await overwrite(setFolder(root, set), `${CORE}.part`, "half");
      await install(set, { root, download: downloaderFrom(wheels) });
      await assertInstalled(root, set);
    });
  });
}

Deno.test("install() refuses a wheel whose members are not those pinned", async () => {
  await withSet(async ({ set, wheels, root }) => {
    const [first, ...rest] = set.wheels;
    assert(first !== undefined);
    const members = first.members.map((member) => ({ ...member, sha256: "0".repeat(64) }));
    const other = { ...set, wheels: [{ ...first, members }, ...rest] };
    await assertRejects(
      () => install(other, { root, download: downloaderFrom(wheels) }),
      RangeError,
      `Expected ${CORE} of `,
    );
    const folder = setFolder(root, set);
    assertEquals((await list(`${folder}/tensorflow`)).filter((name) => name !== "setup.lock"), []);
    await install(set, { root, download: downloaderFrom(wheels) });
    await assertInstalled(root, set);
  });
});

Deno.test("install() says in one sentence that the disk is full, and goes on when it is not", async () => {
  await withSet(async ({ set, wheels, root }) => {
    await Deno.writeTextFile(`${wheels}/set.json`, JSON.stringify(set));
    const file = `${setFolder(root, set)}/${CORE}`;
    const { code, stderr } = await runDeno([CHILD, wheels, root, file]);
    assertEquals(code, 1);
    assertStringIncludes(
      stderr,
      `Error: Expected room for ${file} but found the disk full: ` +
        "free some, or choose another folder with CONVBENCH_CACHE",
    );
    const taken: string[] = [];
    await install(set, { root, download: downloaderFrom(wheels, taken) });
    // The first wheel had come whole.
    assertEquals(taken, [set.wheels[1]?.file]);
    await assertInstalled(root, set);
  });
});

Deno.test("install() asks for room before it downloads", async () => {
  await withSet(async ({ set, wheels, root }) => {
    const [first] = set.wheels;
    assert(first !== undefined);
    const huge = { ...set, wheels: [{ ...first, bytes: 2 ** 60 }] };
    const taken: string[] = [];
    const error = await assertRejects(() => install(huge, { root, download: downloaderFrom(wheels, taken) }), Error);
    assertStringIncludes(error.message, `free in ${root} but found `);
    assertEquals(taken, []);
  });
});

Deno.test("install() passes on why a download failed, and stops when told", async () => {
  await withSet(async ({ set, wheels, root }) => {
    const failing = () => Promise.reject(new DownloadError("no network"));
    await assertRejects(() => install(set, { root, download: failing }), DownloadError, "no network");
    const signal = AbortSignal.abort(new Error("told to stop"));
    await assertRejects(() => install(set, { root, download: downloaderFrom(wheels), signal }), Error, "told to stop");
    await install(set, { root, download: downloaderFrom(wheels) });
    await assertInstalled(root, set);
  });
});

Deno.test("uninstall() removes all, and says how much that was", async () => {
  await withSet(async ({ set, wheels, root }) => {
    assertEquals(await uninstall(root), 0);
    await install(set, { root, download: downloaderFrom(wheels) });
    assert(await uninstall(root) > 200_000);
    assertEquals(await list(root), []);
    await install(set, { root, download: downloaderFrom(wheels) });
    await assertInstalled(root, set);
  });
});

Deno.test("freeSpace() is that of the nearest folder there is", async () => {
  await withFolder(async (folder) => {
    const free = await freeSpace(folder);
    assert(free > 0);
    assert(Math.abs(await freeSpace(`${folder}/a/b/c`) - free) < 0.5 * free);
  });
});
