/**
 * Installs a stand-in set, slowly: what tests kill. Arguments: the folder of the
 * wheels (with set.json), the folder to install into and, where the disk is to be full
 * for it, a file whose part goes to a device that refuses what is written, with ENOSPC.
 *
 * @module
 */
import { dirname } from "node:path";
import { install } from "../../../../backends/tensorflow/library/install.ts";
import type { LibrarySet } from "../../../../backends/tensorflow/library/library_set.ts";

const [wheels, root, full] = Deno.args;
if (wheels === undefined || root === undefined) throw new RangeError("Expected two folders");
const set: LibrarySet = JSON.parse(await Deno.readTextFile(`${wheels}/set.json`));
console.log("starts");
await install(set, {
  root,
  onWait: (holder) => console.log(`waits for ${holder}`),
  onProgress: () => {},
  async download({ file }, folder) {
    const bytes = await Deno.readFile(`${wheels}/${file}`);
    using output = await Deno.open(`${folder}/${file}`, { write: true, create: true });
    const piece = Math.ceil(bytes.length / 10);
    for (let at = 0; at < bytes.length; at += piece) {
      await output.write(bytes.subarray(at, at + piece));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    console.log(`downloaded ${file}`);
    if (full !== undefined) {
      await Deno.mkdir(dirname(full), { recursive: true });
      await Deno.symlink("/dev/full", `${full}.part`);
    }
  },
});
console.log("done");
