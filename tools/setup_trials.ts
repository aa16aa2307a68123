/**
 * `convbench setup` under adversity, with the real wheel: what unit tests do with
 * small ones. Needs Linux, pip and 2 GB; as root the disk is really filled (a tmpfs).
 *
 *     deno run -A tools/jsr.ts run -A tools/setup_trials.ts
 *
 * PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER takes the wheel from a folder, which saves
 * downloading it a dozen times.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { isDiskFull } from "../data/whole_file.ts";
import { setFolder } from "../backends/tensorflow/library/cache.ts";
import { isIntact } from "../backends/tensorflow/library/files.ts";
import { folderSize, freeSpace } from "../backends/tensorflow/library/install.ts";
import { librarySet } from "../backends/tensorflow/library/library_set.ts";
import { locateHere } from "../backends/tensorflow/library/locate.ts";
import { offlineFlags, ROOT } from "./jsr.ts";

const set = librarySet(false);
const flags = await offlineFlags();

function start(cache: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", ...flags, "cli.ts", "setup"],
    cwd: ROOT,
    env: { CONVBENCH_CACHE: cache, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function end(child: Deno.ChildProcess): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await child.output();
  const lines = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  // What libtensorflow says when it is opened.
  return { code, said: lines.split("\n").filter((line) => !/^(WARNING: All log|I0000)/.test(line)).join("\n").trim() };
}

const rootOf = (cache: string) => `${cache}/libtensorflow`;
const members = set.wheels.flatMap(({ members }) => members);

/** Whether all is installed and right, and nothing else lies there. */
async function isSound(cache: string): Promise<boolean> {
  const folder = setFolder(rootOf(cache), set);
  for (const member of members) if (!await isIntact(`${folder}/${member.path}`, member)) return false;
  const expected = members.reduce((sum, { bytes }) => sum + bytes, 0);
  return await folderSize(rootOf(cache)) - expected < 10_000;
}

async function mends(cache: string): Promise<void> {
  const { code, said } = await end(start(cache));
  assertEquals(code, 0, said);
  assert(await isSound(cache), said);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const lastLine = (text: string) => text.split("\n").at(-1);

/** Runs those whose names have the first argument in them, where there is one. */
async function trial(name: string, run: (cache: string) => Promise<string>): Promise<void> {
  if (!name.includes(Deno.args[0] ?? "")) return;
  const cache = await Deno.makeTempDir({ prefix: "convbench_setup_" });
  try {
    console.log(`${name}: ${await run(cache)}`);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** How long one takes; measured by the first trial. */
let whole = 15_000;
await trial("Undisturbed", async (cache) => {
  const began = performance.now();
  await mends(cache);
  whole = performance.now() - began;
  const again = performance.now();
  await mends(cache);
  return `${(whole / 1000).toFixed(1)} s, again ${((performance.now() - again) / 1000).toFixed(1)} s`;
});

await trial("Killed at ten random moments", async (cache) => {
  const moments: string[] = [];
  while (moments.length < 10) {
    const child = start(cache);
    const moment = Math.random() * whole;
    await pause(moment);
    const ended = await Promise.race([child.status.then(() => true), pause(0).then(() => false)]);
    if (!ended) child.kill("SIGKILL");
    const { code } = await end(child);
    if (ended && code === 0) await Deno.remove(cache, { recursive: true });
    else moments.push(`${(moment / 1000).toFixed(1)} s`);
    const folder = setFolder(rootOf(cache), set);
    for (const member of members) {
      const path = `${folder}/${member.path}`;
      const there = await Deno.stat(path).then(() => true, () => false);
      assert(!there || await isIntact(path, member), `${path} is half`);
    }
  }
  await mends(cache);
  return `${moments.join(", ")}; no half file at any, and the next one mends it`;
});

await trial("Two at once", async (cache) => {
  const ends = await Promise.all([end(start(cache)), end(start(cache))]);
  assertEquals(ends.map(({ code }) => code), [0, 0]);
  assert(await isSound(cache));
  return ends.map(({ said }) => lastLine(said)).join(" | ");
});

for (const [name, spoil] of [["A truncated wheel", true], ["A wrong file of the right name", false]] as const) {
  await trial(`${name} among the downloads`, async (cache) => {
    const [wheel] = set.wheels;
    assert(wheel !== undefined);
    await Deno.mkdir(`${rootOf(cache)}/downloads`, { recursive: true });
    const path = `${rootOf(cache)}/downloads/${wheel.file}`;
    await Deno.writeTextFile(path, "not a wheel");
    if (spoil) await Deno.truncate(path, wheel.bytes / 2);
    await mends(cache);
    return "mended";
  });
}

await trial("A library with one bit flipped", async (cache) => {
  await mends(cache);
  const path = `${setFolder(rootOf(cache), set)}/${set.library}`;
  const { mtime, size } = await Deno.stat(path);
  {
    using file = await Deno.open(path, { read: true, write: true });
    await file.seek(size >> 1, Deno.SeekMode.Start);
    const byte = new Uint8Array(1);
    await file.read(byte);
    await file.seek(size >> 1, Deno.SeekMode.Start);
    await file.write(byte.map((value) => value ^ 1));
  }
  await Deno.utime(path, mtime ?? 0, mtime ?? 0);
  const refused = await locateHere({}, { root: () => rootOf(cache), env: () => undefined }).then(
    () => "loaded",
    (error: Error) => error.message.replace(cache, "…"),
  );
  assert(refused.includes("mend it with"), refused);
  await mends(cache);
  return `${refused}; mended`;
});

/** Runs `use` with a file system of `megabytes` of its own. */
async function onSmallDisk(cache: string, megabytes: number, use: () => Promise<string>): Promise<string> {
  const run = async (command: string, ...args: string[]) =>
    (await new Deno.Command(command, { args, stderr: "null" }).output()).success;
  if (!await run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", cache)) {
    return "not tried: only root may mount a file system";
  }
  try {
    return await use();
  } finally {
    await run("umount", cache);
  }
}

await trial("A disk too small", (cache) =>
  onSmallDisk(cache, 500, async () => {
    const { code, said } = await end(start(cache));
    assertEquals(code, 1, said);
    return (lastLine(said) ?? "").replace(cache, "…");
  }));

/** Fills the disk that `cache` lies on, but for `left` bytes. */
async function fill(cache: string, left: number): Promise<void> {
  using file = await Deno.open(`${cache}/filler`, { write: true, create: true });
  const zeros = new Uint8Array(2 ** 20);
  try {
    while (await freeSpace(cache) > left) await file.write(zeros);
  } catch (error) {
    // The setup was quicker to take the last of it.
    if (!isDiskFull(error)) throw error;
  }
}

for (
  const [during, file, left] of [
    ["download", "", 20e6],
    ["extraction", `/${set.wheels[0]?.file}`, 200e6],
  ] as const
) {
  await trial(`A disk that fills up during the ${during}`, (cache) =>
    onSmallDisk(cache, 1300, async () => {
      const child = start(cache);
      // Past the look at the free space.
      while (!await Deno.stat(`${rootOf(cache)}/downloads${file}`).then(() => true, () => false)) await pause(5);
      await fill(cache, left);
      const { code, said } = await end(child);
      assertEquals(code, 1, said);
      await Deno.remove(`${cache}/filler`);
      await mends(cache);
      return `${(lastLine(said) ?? "").replace(cache, "…")}; mended once there is room`;
    }));
}
