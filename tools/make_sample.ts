/**
 * Makes the sample that ships in data/sample/ from the full Fashion-MNIST: the
 * first 100 training and the first 20 test images of each class, in their order.
 *
 *     deno run -A tools/make_sample.ts
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { fashionMnist } from "../data/fashion_mnist.ts";
import { encodeIdx } from "../data/idx.ts";
import type { ImageSet } from "../data/image_set.ts";

function firstOfEachClass(set: ImageSet, count: number): ImageSet {
  const seen = new Map<number, number>();
  const chosen = [...set.labels.keys()].filter((i) => {
    const label = set.labels[i] ?? 0;
    seen.set(label, (seen.get(label) ?? 0) + 1);
    return (seen.get(label) ?? 0) <= count;
  });
  const size = set.height * set.width;
  const images = new Uint8Array(chosen.length * size);
  chosen.forEach((from, to) => images.set(set.images.subarray(from * size, (from + 1) * size), to * size));
  return { ...set, images, labels: Uint8Array.from(chosen, (i) => set.labels[i] ?? 0), count: chosen.length };
}

async function write(set: ImageSet, part: string): Promise<void> {
  const { images, labels, count, height, width } = set;
  const files = {
    [`${part}-images-idx3-ubyte.gz`]: encodeIdx({ shape: [count, height, width], values: images }),
    [`${part}-labels-idx1-ubyte.gz`]: encodeIdx({ shape: [count], values: labels }),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const url = new URL(`../data/sample/${name}`, import.meta.url);
    const beside = new URL(`${url}.part`);
    await Deno.writeFile(beside, gzipSync(bytes, { level: 9 }));
    await Deno.rename(beside, url);
    console.log(`${name}: ${(await Deno.stat(url)).size} bytes`);
  }
}

const { train, test, source } = await fashionMnist({ source: "full" });
console.log(`from ${source}`);
await Deno.mkdir(new URL("../data/sample/", import.meta.url), { recursive: true });
await write(firstOfEachClass(train, 100), "train");
await write(firstOfEachClass(test, 20), "t10k");
