import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { download, DownloadError, type DownloadProgress } from "../../data/download.ts";
import { list, unreachable, withFolder, withServer } from "./support.ts";

const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) % 251);
const accept = (bytes: Uint8Array<ArrayBuffer>) => Promise.resolve(bytes.length);

/** Half of the content, and then whatever `end` does. */
function half(end: (controller: ReadableStreamDefaultController<Uint8Array>) => void): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(content.subarray(0, content.length / 2));
    },
    pull: end,
  });
  return new Response(body, { headers: { "content-length": `${content.length}` } });
}

Deno.test("download() leaves the file, tells its progress and gives what the check gives", async () => {
  await withServer(() => new Response(content), (url) =>
    withFolder(async (root) => {
      const folder = `${root}/made/on/demand`;
      const progress: DownloadProgress[] = [];
      const onProgress = (step: DownloadProgress) => void progress.push(step);
      assertEquals(await download({ url, folder, file: "a.gz" }, accept, { onProgress }), content.length);
      assertEquals(await list(folder), ["a.gz"]);
      assertEquals(await Deno.readFile(`${folder}/a.gz`), content);
      assertEquals(progress.at(-1), { file: "a.gz", received: content.length, total: content.length });
      assert(progress.every(({ received }, i) => received > (progress[i - 1]?.received ?? 0)));
    }));
});

const failures: [what: string, handle: () => Response, message: string][] = [
  ["an error of the server", () => new Response("no", { status: 500 }), "the server answered 500"],
  ["a file that is not there", () => new Response("no", { status: 404 }), "the server answered 404"],
  [
    "a connection that breaks off",
    () => half((controller) => controller.error(new Error("cut"))),
    "error reading a body",
  ],
  ["a server that stalls", () => half(() => new Promise(() => {})), "nothing came for 0.2 s"],
];

for (const [what, handle, message] of failures) {
  Deno.test(`download() reports ${what} and leaves nothing`, async () => {
    await withServer(handle, (url) =>
      withFolder(async (folder) => {
        const error = await assertRejects(
          () => download({ url, folder, file: "a.gz" }, accept, { patience: 200 }),
          DownloadError,
          `Expected to download ${url} but found: `,
        );
        assertStringIncludes(error.message, message);
        assertEquals(await list(folder), []);
      }));
  });
}

Deno.test("download() reports a server that cannot be reached", async () => {
  const url = unreachable();
  await withFolder(async (folder) => {
    await assertRejects(() => download({ url, folder, file: "a.gz" }, accept), DownloadError, url);
    assertEquals(await list(folder), []);
  });
});

Deno.test("download() leaves nothing that the check refuses, nor the file that was there before harmed", async () => {
  await withServer(() => new Response(content), (url) =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/a.gz`, "before");
      const refuse = () => Promise.reject(new RangeError("wrong"));
      await assertRejects(() => download({ url, folder, file: "a.gz" }, refuse), RangeError, "wrong");
      assertEquals(await list(folder), ["a.gz"]);
      assertEquals(await Deno.readTextFile(`${folder}/a.gz`), "before");
    }));
});

Deno.test("download() stops at the signal, and an error of onProgress is nobody else's", async () => {
  await withServer(() => half(() => new Promise(() => {})), (url) =>
    withFolder(async (folder) => {
      const stop = new AbortController();
      const stopping = { signal: stop.signal, onProgress: () => stop.abort(new Error("stopped")) };
      await assertRejects(() => download({ url, folder, file: "a.gz" }, accept, stopping), Error, "stopped");
      const throwing = {
        onProgress: () => {
          throw new TypeError("mine");
        },
      };
      await assertRejects(() => download({ url, folder, file: "a.gz" }, accept, throwing), TypeError, "mine");
      assertEquals(await list(folder), []);
    }));
});

Deno.test("download() says so when the disk is full", async () => {
  const open = Deno.open;
  // The error of a full disk: a device that is always full needs all permissions.
  Deno.open = async (path, options) => {
    const file = await open(path, options);
    file.write = () => Promise.reject(Object.assign(new Error("No space left on device"), { code: "ENOSPC" }));
    return file;
  };
  try {
    await withServer(() => new Response(content), (url) =>
      withFolder(async (folder) => {
        const error = await assertRejects(
          () => download({ url, folder, file: "a.gz" }, accept),
          Error,
          `Expected room for ${folder}/a.gz`,
        );
        assertStringIncludes(error.message, "but found the disk full: free some, or choose another folder");
        assert(!(error instanceof DownloadError));
        assertEquals(await list(folder), []);
      }));
  } finally {
    Deno.open = open;
  }
});

Deno.test("download() reports a folder that cannot be made", async () => {
  await withFolder(async (root) => {
    await Deno.writeTextFile(`${root}/file`, "");
    const error = await assertRejects(
      () => download({ url: unreachable(), folder: `${root}/file/cache`, file: "a.gz" }, accept),
      DownloadError,
      `Expected to write to the cache folder ${root}/file/cache but found: `,
    );
    assertInstanceOf(error.cause, Error);
  });
});

Deno.test("download() sweeps up what killed downloads left, not what may still run", async () => {
  await withServer(() => new Response(content), (url) =>
    withFolder(async (folder) => {
      const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
      for (const name of ["a.gz.old.part", "a.gz.new.part", "b.gz.old.part"]) {
        await Deno.writeTextFile(`${folder}/${name}`, "");
      }
      for (const name of ["a.gz.old.part", "b.gz.old.part"]) {
        await Deno.utime(`${folder}/${name}`, yesterday, yesterday);
      }
      await download({ url, folder, file: "a.gz" }, accept);
      assertEquals(await list(folder), ["a.gz", "a.gz.new.part", "b.gz.old.part"]);
    }));
});
