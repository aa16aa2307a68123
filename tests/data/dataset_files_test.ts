import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type DatasetFile, loadDatasetFiles, type Places } from "../../data/dataset_files.ts";
import { DownloadError } from "../../data/download.ts";
import { evalCommand, gzip, list, sha256, unreachable, withFolder, withServer } from "./support.ts";

const plain = [1, 2].map((seed) => Uint8Array.from({ length: 50_000 }, (_, i) => (seed * i * i) % 253));
const [images = new Uint8Array(), labels = new Uint8Array()] = plain;
const zipped = await Promise.all(plain.map(gzip));
const [zippedImages = new Uint8Array(), zippedLabels = new Uint8Array()] = zipped;
const FILES: DatasetFile[] = [
  { name: "images-idx3-ubyte", aliases: ["images.idx3-ubyte"], sha256: await sha256(images) },
  { name: "labels-idx1-ubyte", aliases: ["labels.idx1-ubyte"], sha256: await sha256(labels) },
];
const NAMES = ["images-idx3-ubyte.gz", "labels-idx1-ubyte.gz"];

const nowhere: Places = { folder: undefined, packages: [], cache: undefined, url: unreachable() };

/** The right content. */
const serve = (file: string): Response => new Response(zipped[NAMES.indexOf(file)] ?? "not found");

async function put(folder: string, files: Record<string, Uint8Array>): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await Deno.writeFile(`${folder}/${name}`, bytes);
}

async function assertLoads(places: Places, folder: string | undefined): Promise<void> {
  const loaded = await loadDatasetFiles(FILES, places);
  assertEquals(loaded.folder, folder);
  assertEquals(loaded.files.map(({ bytes }) => bytes), [images, labels]);
}

const spellings: Record<string, Uint8Array>[] = [
  { "images-idx3-ubyte.gz": zippedImages, "labels-idx1-ubyte.gz": zippedLabels },
  { "images-idx3-ubyte": images, "labels-idx1-ubyte": labels },
  { "images.idx3-ubyte.gz": zippedImages, "labels.idx1-ubyte": labels },
  // Browsers unpack what they save and keep the name.
  { "images-idx3-ubyte.gz": images, "labels-idx1-ubyte": zippedLabels },
];

for (const files of spellings) {
  Deno.test(`loadDatasetFiles() reads ${Object.keys(files).join(" and ")}`, async () => {
    await withFolder(async (folder) => {
      await put(folder, files);
      await assertLoads({ ...nowhere, folder }, folder);
    });
  });
}

Deno.test("loadDatasetFiles() prefers the named folder to packages, these to the cache, this to the network", async () => {
  await withFolder(async (root) => {
    const [folder, empty, partial, full, cache] = ["named", "empty", "partial", "full", "cache"].map((name) =>
      `${root}/${name}`
    ) as [string, string, string, string, string];
    const right = { "images-idx3-ubyte.gz": zippedImages, "labels-idx1-ubyte.gz": zippedLabels };
    for (const place of [folder, full, cache]) await put(place, right);
    await put(partial, { "images-idx3-ubyte.gz": zippedImages });
    const packages = [empty, partial, full];
    await assertLoads({ ...nowhere, folder, packages, cache }, folder);
    await assertLoads({ ...nowhere, packages, cache }, full);
    await assertLoads({ ...nowhere, packages: [empty, partial], cache }, cache);
  });
});

Deno.test("loadDatasetFiles() names what the named folder lacks, and looks no further", async () => {
  await withFolder(async (root) => {
    await put(`${root}/named`, { "images-idx3-ubyte.gz": zippedImages });
    await put(`${root}/package`, { "images-idx3-ubyte": images, "labels-idx1-ubyte": labels });
    const places = { ...nowhere, folder: `${root}/named`, packages: [`${root}/package`] };
    await assertRejects(
      () => loadDatasetFiles(FILES, places),
      RangeError,
      `Expected ${root}/named to hold labels-idx1-ubyte (plain or .gz) but found no such file`,
    );
  });
});

Deno.test("loadDatasetFiles() names the file whose content is wrong, the hash expected and the one found", async () => {
  await withFolder(async (folder) => {
    const wrong = images.map((byte) => byte ^ 1);
    await put(folder, { "images-idx3-ubyte": wrong, "labels-idx1-ubyte": labels });
    await assertRejects(
      () => loadDatasetFiles(FILES, { ...nowhere, folder }),
      RangeError,
      `Expected ${folder}/images-idx3-ubyte to have the sha256 ${
        FILES[0]?.sha256
      }, uncompressed, but found ${await sha256(
        wrong,
      )} (50000 bytes)`,
    );
  });
});

Deno.test("loadDatasetFiles() downloads into the cache once", async () => {
  const asked: string[] = [];
  const handle = (file: string) => {
    asked.push(file);
    return serve(file);
  };
  await withServer(handle, (url) =>
    withFolder(async (root) => {
      const cache = `${root}/convbench/set`;
      await assertLoads({ ...nowhere, cache, url }, cache);
      assertEquals(await list(cache), NAMES);
      await assertLoads({ ...nowhere, cache, url }, cache);
      assertEquals(asked, NAMES);
    }));
});

Deno.test("loadDatasetFiles() mends what is damaged in the cache, and only that", async () => {
  const asked: string[] = [];
  const handle = (file: string) => {
    asked.push(file);
    return serve(file);
  };
  await withServer(handle, (url) =>
    withFolder(async (cache) => {
      for (const bytes of [zippedLabels.slice(0, 100), new Uint8Array(), zippedImages]) {
        await put(cache, { "images-idx3-ubyte.gz": zippedImages, "labels-idx1-ubyte.gz": bytes });
        await assertLoads({ ...nowhere, cache, url }, cache);
        assertEquals(await Deno.readFile(`${cache}/labels-idx1-ubyte.gz`), zippedLabels);
      }
      assertEquals(asked, Array(3).fill("labels-idx1-ubyte.gz"));
    }));
});

const wrongAnswers: [what: string, answer: Uint8Array<ArrayBuffer> | string, message: string][] = [
  ["another file", zippedLabels, `to have the sha256 ${FILES[0]?.sha256}, uncompressed, but found ${FILES[1]?.sha256}`],
  ["a login page", "<html>Wi-Fi</html>", "(18 bytes)"],
  ["half a file", zippedImages.slice(0, zippedImages.length / 2), "to be a whole gzip file but found"],
];

for (const [what, answer, message] of wrongAnswers) {
  Deno.test(`loadDatasetFiles() keeps nothing of a server that answers ${what}; the next run mends it`, async () => {
    let broken = true;
    await withServer((file) => broken ? new Response(answer) : serve(file), (url) =>
      withFolder(async (cache) => {
        const places = { ...nowhere, cache, url };
        const error = await assertRejects(
          () => loadDatasetFiles(FILES, places),
          RangeError,
          `Expected ${url}${NAMES[0]}`,
        );
        assertStringIncludes(error.message, message);
        assertEquals(await list(cache), []);
        broken = false;
        await assertLoads(places, cache);
      }));
  });
}

Deno.test("loadDatasetFiles() goes on with what it has after a download that failed halfway", async () => {
  const asked: string[] = [];
  const handle = (file: string) => {
    asked.push(file);
    return asked.length === 2 ? new Response(null, { status: 503 }) : serve(file);
  };
  await withServer(handle, (url) =>
    withFolder(async (cache) => {
      await assertRejects(() => loadDatasetFiles(FILES, { ...nowhere, cache, url }), DownloadError, "answered 503");
      await assertLoads({ ...nowhere, cache, url }, cache);
      assertEquals(asked, [...NAMES, "labels-idx1-ubyte.gz"]);
    }));
});

Deno.test("loadDatasetFiles() in a process that is killed leaves nothing that the next one trusts", async () => {
  const sent = Promise.withResolvers<void>();
  let killed = false;
  const handle = (file: string) => {
    if (killed) return serve(file);
    return new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(zippedImages.subarray(0, 1000)),
        pull: () => new Promise(() => sent.resolve()),
      }),
    );
  };
  await withServer(handle, (url) =>
    withFolder(async (cache) => {
      const places = { ...nowhere, cache, url };
      const module = new URL("../../data/dataset_files.ts", import.meta.url);
      const process = evalCommand(
        `import { loadDatasetFiles } from "${module}";
         await loadDatasetFiles(${JSON.stringify(FILES)}, ${JSON.stringify(places)});`,
      ).spawn();
      await Promise.race([sent.promise, process.status]);
      process.kill("SIGKILL");
      const { success } = await process.output();
      assert(!success);
      const [left, ...others] = await list(cache);
      assert(left?.startsWith("images-idx3-ubyte.gz.") && left.endsWith(".part") && others.length === 0, left);
      killed = true;
      await assertLoads(places, cache);
    }));
});

Deno.test("loadDatasetFiles() says which variables name a cache where none is known", async () => {
  await assertRejects(() => loadDatasetFiles(FILES, nowhere), DownloadError, "Expected CONVBENCH_CACHE");
});
