import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { setFolder } from "../../../../backends/tensorflow/library/cache.ts";
import {
  expectSupported,
  inPlaceFile,
  type Inspected,
  libraryFile,
  recordInPlace,
} from "../../../../backends/tensorflow/library/in_place.ts";
import { install } from "../../../../backends/tensorflow/library/install.ts";
import type { LibrarySet } from "../../../../backends/tensorflow/library/library_set.ts";
import { type LocateHere, locateHere, locateLibrary } from "../../../../backends/tensorflow/library/locate.ts";
import { evalCommand, withFolder } from "../../../data/support.ts";
import { content, CORE, CUDART, downloaderFrom, FRAMEWORK, makeSet, NOTICES, overwrite } from "./support.ts";

interface Place extends Required<LocateHere> {
  readonly wheels: string;
  readonly cpu: LibrarySet;
  readonly gpu: LibrarySet;
}

/** Runs `use` where `which` sets are installed. */
async function withInstalled(which: readonly ("cpu" | "gpu")[], use: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const [wheels, root] = [`${folder}/wheels`, `${folder}/cache`];
    await Deno.mkdir(wheels);
    const sets = { cpu: await makeSet(wheels), gpu: await makeSet(wheels, { gpu: true }) };
    for (const name of which) await install(sets[name], { root, download: downloaderFrom(wheels) });
    const inspect = (path: string) => Promise.resolve({ path, version: "2.18.1", gpu: false, preload: [] });
    await use({ root: () => root, sets: [sets.cpu, sets.gpu], env: () => undefined, inspect, wheels, ...sets });
  });
}

Deno.test("locateLibrary() names the command where nothing is installed", async () => {
  await withInstalled([], async (place) => {
    const error = await assertRejects(() => locateHere({}, place), Error);
    assertEquals(
      error.message,
      "Expected libtensorflow but found none installed: run deno task setup, or name one that is there with TF_LIB",
    );
  });
});

Deno.test("locateLibrary() says what is missing on a machine that nothing is pinned for", async () => {
  await withInstalled([], async (place) => {
    await assertRejects(
      () => locateHere({}, { ...place, sets: [] }),
      RangeError,
      `Expected a libtensorflow for ${Deno.build.os}-${Deno.build.arch}-cpu but found none pinned: `,
    );
  });
});

Deno.test("locateLibrary() gives what is installed, with CUDA where both are", async () => {
  await withInstalled(["cpu"], async (place) => {
    const { cpu, gpu, wheels } = place;
    assertEquals(await locateHere({}, place), {
      path: `${setFolder(place.root(), cpu)}/${CORE}`,
      version: "2.21.0",
      origin: "setup",
      preload: [],
      gpu: false,
    });
    await install(gpu, { root: place.root(), download: downloaderFrom(wheels) });
    const folder = setFolder(place.root(), gpu);
    assertEquals(await locateHere({}, place), {
      path: `${folder}/${CORE}`,
      version: "2.21.0",
      origin: "setup",
      preload: [`${folder}/${CUDART}`],
      gpu: true,
    });
  });
});

const damages: [what: string, damage: (folder: string) => Promise<void>][] = [
  ["of another content", (folder) => overwrite(folder, FRAMEWORK, "tampered")],
  ["with one byte changed", async (folder) => {
    const bytes = await Deno.readFile(`${folder}/${CORE}`);
    bytes[50_000] = (bytes[50_000] ?? 0) ^ 1;
    await overwrite(folder, CORE, bytes);
  }],
  ["changed under its old time", async (folder) => {
    const { mtime, size } = await Deno.stat(`${folder}/${CORE}`);
    await overwrite(folder, CORE, content(size, 99));
    await Deno.utime(`${folder}/${CORE}`, mtime ?? 0, mtime ?? 0);
  }],
  ["that another took the place of", async (folder) => {
    await overwrite(folder, "other", "another");
    await Deno.rename(`${folder}/other`, `${folder}/${CORE}`);
  }],
  ["that is cut", (folder) => Deno.truncate(`${folder}/${CORE}`, 1000)],
  ["that is missing", (folder) => Deno.remove(`${folder}/${CUDART}`)],
];

for (const [what, damage] of damages) {
  Deno.test(`locateLibrary() refuses a library ${what}, and setup mends it`, async () => {
    await withInstalled(["cpu"], async (place) => {
      // So that its record is trusted, had nothing changed.
      await locateHere({}, place);
      await damage(setFolder(place.root(), place.cpu));
      const error = await assertRejects(() => locateHere({}, place), Error);
      assertStringIncludes(error.message, "to have the sha256 ");
      assertStringIncludes(error.message, ": mend it with deno task setup");
      await install(place.cpu, { root: place.root(), download: downloaderFrom(place.wheels) });
      assertEquals((await locateHere({}, place)).origin, "setup");
    });
  });
}

Deno.test("locateLibrary() does not pass over a damaged CUDA for a sound CPU", async () => {
  await withInstalled(["cpu", "gpu"], async (place) => {
    await overwrite(setFolder(place.root(), place.gpu), CUDART, "tampered");
    await assertRejects(() => locateHere({}, place), Error, "mend it with deno task setup --gpu");
  });
});

Deno.test("locateLibrary() hashes anew where its record is damaged, and minds only what is loaded", async () => {
  await withInstalled(["cpu"], async (place) => {
    const folder = setFolder(place.root(), place.cpu);
    for (const record of ["", "{", "[]", `{"${CORE}":{"size":1}}`]) {
      await overwrite(folder, "installed.json", record);
      assertEquals((await locateHere({}, place)).path, `${folder}/${CORE}`);
    }
    await overwrite(folder, NOTICES, "changed");
    assertEquals((await locateHere({}, place)).path, `${folder}/${CORE}`);
  });
});

Deno.test("locateLibrary() reads a file again only where its stamp changed", async () => {
  await withInstalled(["cpu"], async (place) => {
    const folder = setFolder(place.root(), place.cpu);
    const record = JSON.parse(await Deno.readTextFile(`${folder}/installed.json`));
    // As if it had been looked at long after the file settled; a wrong pin shows whether it is read.
    for (const stamp of Object.values<{ seen: number }>(record)) stamp.seen += 10_000;
    await overwrite(folder, "installed.json", JSON.stringify(record));
    const wheels = place.cpu.wheels.map((wheel) => ({
      ...wheel,
      members: wheel.members.map((member) => ({ ...member, sha256: "0".repeat(64) })),
    }));
    const unread = { ...place, sets: [{ ...place.cpu, wheels }] };
    assertEquals((await locateHere({}, unread)).path, `${folder}/${CORE}`);
    await Deno.utime(`${folder}/${CORE}`, 1, 1);
    await assertRejects(() => locateHere({}, unread), Error, "to have the sha256 0000");
  });
});

Deno.test("locateLibrary() takes the lib option, a file or folder, before TF_LIB, and that before what is installed", async () => {
  await withInstalled(["cpu"], async (place) => {
    await withFolder(async (folder) => {
      const file = `${folder}/${Deno.build.os === "darwin" ? "libtensorflow_cc.2.dylib" : "libtensorflow_cc.so.2"}`;
      await Deno.writeTextFile(file, "stand-in");
      const real = await Deno.realPath(file);
      const expected = { path: real, version: "2.18.1", origin: "option" as const, preload: [], gpu: false };
      assertEquals(await locateHere({ lib: file }, place), expected);
      assertEquals(await locateHere({ lib: folder }, place), expected);
      const named = { ...place, env: (name: string) => name === "TF_LIB" ? file : undefined };
      assertEquals(await locateHere({}, named), { ...expected, origin: "TF_LIB" });
      assertEquals(await locateHere({ lib: folder }, named), expected);
    });
  });
});

Deno.test("locateLibrary() reports a lib that is not there", async () => {
  await assertRejects(() => locateLibrary({ lib: "/no/such/lib.so" }), RangeError, "Expected lib to be the path of ");
  await assertRejects(() => libraryFile("/no/such/lib.so", "TF_LIB"), RangeError, "Expected TF_LIB to be the path of ");
});

Deno.test({
  name: "locateLibrary() asks for --allow-ffi where it is missing",
  permissions: { read: true, write: true, env: true, ffi: false },
  async fn() {
    await withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/lib.so`, "no library");
      await assertRejects(() => locateLibrary({ lib: `${folder}/lib.so` }), Error, "run with --allow-ffi");
    });
  },
});

/** What locateLibrary() says in a process of its own, which may open libraries. */
async function locateWith(env: Record<string, string>): Promise<string> {
  const url = new URL("../../../../backends/tensorflow/library/locate.ts", import.meta.url);
  const { stdout } = await evalCommand(
    `import { locateLibrary } from "${url}";
     console.log(await locateLibrary().then(({ path }) => path, (error) => error.name + ": " + error.message));`,
    env,
  ).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("locateLibrary() reports a TF_LIB that is no libtensorflow", async () => {
  await withFolder(async (folder) => {
    const path = `${await Deno.realPath(folder)}/lib.so`;
    await Deno.writeTextFile(path, "no library");
    const said = await locateWith({ TF_LIB: path, CONVBENCH_CACHE: folder });
    assertStringIncludes(said, `RangeError: Expected ${path} to be a libtensorflow_cc but found: `);
    assertStringIncludes(said, "; deno task setup installs one");
    assertStringIncludes(await locateWith({ TF_LIB: "", CONVBENCH_CACHE: folder }), "found none installed");
  });
});

Deno.test("expectSupported() takes 2.15 to 2.21", () => {
  for (const version of ["2.15.0", "2.15.1", "2.18.1", "2.21.0", "2.21.1-rc0"]) expectSupported(version, "lib.so");
  for (const version of ["2.9.1", "2.14.0", "2.22.0", "1.15.5", "3.0.0", "", "nonsense"]) {
    assertThrows(
      () => expectSupported(version, "lib.so"),
      RangeError,
      `Expected a libtensorflow of 2.15 to 2.21 but found ${version} at lib.so`,
    );
  }
});

Deno.test("locateLibrary() takes what setup --lib noted, and refuses it once it has changed", async () => {
  await withInstalled(["cpu"], async (place) => {
    await withFolder(async (folder) => {
      const library: Inspected = { path: `${folder}/lib.so`, version: "2.16.2", gpu: true, preload: ["/cuda.so"] };
      await Deno.writeTextFile(library.path, "stand-in");
      await recordInPlace(place.root(), library);
      assertEquals(await locateHere({}, place), { ...library, origin: "setup" });
      await Deno.writeTextFile(library.path, "tampered");
      await assertRejects(() => locateHere({}, place), Error, "deno task setup --lib PATH takes it as it is now");
      await Deno.remove(library.path);
      await assertRejects(() => locateHere({}, place), Error, "but found no such file");
      await Deno.writeTextFile(inPlaceFile(place.root()), "{");
      await assertRejects(() => locateHere({}, place), Error, "but found it damaged");
    });
  });
});
