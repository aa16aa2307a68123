import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type FashionMnist, fashionMnist, type FashionMnistOptions } from "../../data/fashion_mnist.ts";
import type { ImageSet } from "../../data/image_set.ts";
import { evalJson, unreachable, withFolder, withServer } from "./support.ts";

/** Loads in a process of its own, without a cache and with `env`; gives where from. */
async function sourceOf(options: FashionMnistOptions, env: Record<string, string>): Promise<unknown> {
  const module = new URL("../../data/fashion_mnist.ts", import.meta.url);
  return await evalJson(
    `import { fashionMnist } from "${module}";
     const { source, note } = await fashionMnist(${JSON.stringify(options)}).catch(
       ({ name, message }) => ({ source: name, note: message }),
     );
     console.log(JSON.stringify([source, note ?? ""]));`,
    env,
  );
}

function countPerClass({ labels }: ImageSet): number[] {
  return Array.from({ length: 10 }, (_, label) => labels.filter((found) => found === label).length);
}

function meanAndDeviation({ images }: ImageSet): [number, number] {
  let [sum, squares] = [0, 0];
  for (const byte of images) {
    sum += byte / 255;
    squares += (byte / 255) ** 2;
  }
  const mean = sum / images.length;
  return [mean, Math.sqrt(squares / images.length - mean ** 2)];
}

/** What everyone who printed the data set's first images has seen; the sample begins with the same. */
function assertFirstImages({ train, test, classes }: FashionMnist): void {
  for (const set of [train, test]) assertEquals([set.height, set.width, set.channels], [28, 28, 1]);
  assertEquals(train.images.length, train.count * 28 * 28);
  assertEquals(test.images.length, test.count * 28 * 28);
  assertEquals([...train.labels.subarray(0, 10)], [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
  assertEquals([...test.labels.subarray(0, 10)], [9, 2, 1, 1, 6, 1, 4, 6, 5, 7]);
  const row = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 13, 73, 0, 0, 1, 4, 0, 0, 0, 0, 1, 1, 0];
  assertEquals([...train.images.subarray(3 * 28, 4 * 28)], row);
  assertEquals(classes.length, 10);
  assertEquals([classes[9], classes[0], classes[7]], ["Ankle boot", "T-shirt/top", "Sneaker"]);
}

Deno.test("fashionMnist() loads the sample that ships: real images, as many of each class", async () => {
  const sample = await fashionMnist({ source: "sample" });
  assertEquals(sample.source, "sample");
  assertEquals([sample.train.count, sample.test.count], [1000, 200]);
  assertEquals(countPerClass(sample.train), Array(10).fill(100));
  assertEquals(countPerClass(sample.test), Array(10).fill(20));
  assertFirstImages(sample);
});

Deno.test("fashionMnist() has a sample under 1 MB with its licence", async () => {
  const folder = new URL("../../data/sample/", import.meta.url);
  let size = 0;
  for await (const { name } of Deno.readDir(folder)) size += (await Deno.stat(new URL(name, folder))).size;
  assert(size < 1_000_000, `${size} bytes`);
  assertMatch(await Deno.readTextFile(new URL("LICENSE", folder)), /MIT[^]*2017 Zalando SE/);
});

Deno.test("fashionMnist() gives the full set where the machine has it, the sample and the reason elsewhere", async () => {
  const url = unreachable();
  const found = await fashionMnist({ source: "auto", url });
  assertFirstImages(found);
  if (found.source === "sample") {
    assertEquals([found.train.count, found.test.count], [1000, 200]);
    assert(found.note?.includes(url), found.note);
    return;
  }
  assertEquals(countPerClass(found.train), Array(10).fill(6000));
  assertEquals(countPerClass(found.test), Array(10).fill(1000));
  // The numbers that PyTorch users normalise with.
  const [mean, deviation] = meanAndDeviation(found.train);
  assert(Math.abs(mean - 0.2860) < 5e-5 && Math.abs(deviation - 0.3530) < 5e-5, `${mean}, ${deviation}`);
  assertEquals(found.note, undefined);
});

Deno.test("fashionMnist() takes the sample and says why, or throws, where the download fails", async () => {
  await withFolder(async (root) => {
    const env = { CONVBENCH_CACHE: root, XDG_DATA_DIRS: `${root}/none`, CONVBENCH_DATA_URL: unreachable() };
    const message = `Expected to download ${env.CONVBENCH_DATA_URL}train-images-idx3-ubyte.gz but found`;
    const [[auto, note], [full, error]] = await Promise.all([
      sourceOf({}, env),
      sourceOf({ source: "full" }, env),
    ]) as [[string, string], [string, string]];
    assertEquals([auto, full], ["sample", "DownloadError"]);
    assert(note.startsWith(message) && error.startsWith(message), `${note}\n${error}`);
  });
});

Deno.test("fashionMnist() refuses a server's wrong content even where the sample would do", async () => {
  await withServer(() => new Response("<html>Wi-Fi</html>"), (url) =>
    withFolder(async (root) => {
      const env = { CONVBENCH_CACHE: root, XDG_DATA_DIRS: `${root}/none` };
      const [name, message] = await sourceOf({ url }, env) as [string, string];
      assertEquals(name, "RangeError");
      assert(message.startsWith(`Expected ${url}train-images-idx3-ubyte.gz to have the sha256 c59f468a`), message);
    }));
});

Deno.test("fashionMnist() looks in CONVBENCH_DATA alone where it is set, and the option wins", async () => {
  await withFolder(async (root) => {
    const named = { CONVBENCH_DATA: `${root}/variable` };
    const found = await Promise.all([
      sourceOf({}, named),
      sourceOf({ folder: `${root}/option` }, named),
    ]) as [string, string][];
    assertEquals(found.map(([name]) => name), ["RangeError", "RangeError"]);
    assert(found[0]?.[1].startsWith(`Expected ${root}/variable to hold train-images-idx3-ubyte`), found[0]?.[1]);
    assert(found[1]?.[1].startsWith(`Expected ${root}/option to hold train-images-idx3-ubyte`), found[1]?.[1]);
  });
});

Deno.test("fashionMnist() throws on options that it does not know", async () => {
  const wrong = (options: unknown, message: string) =>
    assertRejects(() => fashionMnist(options as FashionMnistOptions), Error, message);
  await wrong({ source: "smaple" }, 'Expected source of fashionMnist() to be one of "auto", "full", "sample"');
  await wrong({ split: "train" }, '"split"');
  await wrong({ folder: 3 }, "Expected folder of fashionMnist() to be of type string but found 3");
  await wrong({ onProgress: "bar" }, "onProgress");
  await wrong({ url: "nonsense" }, "url");
});
