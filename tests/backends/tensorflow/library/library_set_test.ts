import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { isLibrary, librarySet } from "../../../../backends/tensorflow/library/library_set.ts";
import { sizesOf } from "../../../../backends/tensorflow/library/install.ts";
import { LIBRARY_SETS, TENSORFLOW_VERSION } from "../../../../backends/tensorflow/library/pins.ts";

Deno.test("librarySet() finds the set of each machine that has one", () => {
  const names = [
    librarySet(false, { os: "linux", arch: "x86_64" }),
    librarySet(true, { os: "linux", arch: "x86_64" }),
    librarySet(false, { os: "linux", arch: "aarch64" }),
    librarySet(false, { os: "darwin", arch: "aarch64" }),
  ].map(({ name }) => name);
  assertEquals(names, LIBRARY_SETS.map(({ name }) => name));
});

const missing: [os: typeof Deno.build.os, arch: typeof Deno.build.arch, gpu: boolean, reason: string][] = [
  ["windows", "x86_64", false, "needs Python's own: use Linux, or WSL"],
  ["windows", "x86_64", true, "needs Python's own: use Linux, or WSL"],
  ["linux", "aarch64", true, "no wheel with CUDA for Linux on arm64"],
  ["darwin", "aarch64", true, "TensorFlow's wheel for macOS has no GPU"],
  ["darwin", "x86_64", false, "no wheels for Macs with Intel"],
  ["freebsd", "x86_64", false, "nobody has looked for one"],
];

for (const [os, arch, gpu, reason] of missing) {
  Deno.test(`librarySet() says what is missing for ${os} on ${arch}${gpu ? " with a GPU" : ""}`, () => {
    const error = assertThrows(() => librarySet(gpu, { os, arch }), RangeError, "but found none pinned: ");
    assert(error.message.includes(reason), error.message);
  });
}

for (const set of LIBRARY_SETS) {
  Deno.test(`the pins of ${set.name} are whole`, () => {
    const members = set.wheels.flatMap(({ members }) => members);
    const paths = members.map(({ path }) => path);
    assertEquals(new Set(paths).size, paths.length);
    for (const { sha256, bytes } of [...set.wheels, ...members]) {
      assertMatch(sha256, /^[0-9a-f]{64}$/);
      assert(bytes > 0);
    }
    for (const path of paths) assert(!path.startsWith("/") && !path.includes(".."), path);
    for (const path of [set.library, ...set.preload]) assert(paths.includes(path), path);
    // Each wheel comes with its licence, and something to load.
    for (const { file, members } of set.wheels) {
      assert(members.some((member) => !isLibrary(member)), `${file} without a licence`);
      assert(members.some(isLibrary), `${file} without a library`);
    }
    assert(set.wheels.some(({ file }) => /^tensorflow(_cpu)?-/.test(file) && file.includes(TENSORFLOW_VERSION)));
    assertEquals(set.gpu, set.preload.length > 0);
  });
}

Deno.test("sizesOf() adds up, with room for the largest wheel beside what is installed", () => {
  const wheel = (bytes: number, ...members: number[]) => ({
    file: "",
    bytes,
    sha256: "",
    licence: "",
    members: members.map((bytes) => ({ path: "", bytes, sha256: "" })),
  });
  assertEquals(sizesOf([wheel(10, 20, 1), wheel(30, 40)]), { download: 40, installed: 61, room: 91 });
  assertEquals(sizesOf([]), { download: 0, installed: 0, room: 0 });
});
