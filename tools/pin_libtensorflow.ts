/**
 * Writes the pins of wheels that lie in a folder, for backends/tensorflow/library/pins.ts.
 *
 *     deno run -A tools/jsr.ts run --allow-read tools/pin_libtensorflow.ts -- FOLDER
 *
 * The hash of a wheel is computed; those of its members stand in its RECORD (PEP 376),
 * which the wheel's own hash covers.
 *
 * @module
 */
import { text } from "node:stream/consumers";
import yauzl from "yauzl";
import { sha256File } from "../backends/tensorflow/library/files.ts";

/** Libraries that TensorFlow opens, and licences. */
const WANTED = [
  /^tensorflow\/libtensorflow_(cc|framework)\.(so\.2|2\.dylib)$/,
  /^tensorflow\/(THIRD_PARTY_NOTICES\.txt|include\/LICENSE)$/,
  /^nvidia\/.+\.so\.[\d.]+$/,
  /\.dist-info\/License\.txt$/,
];
/** In the wheels, and not asked for by TensorFlow. */
const UNWANTED = /lib(nvblas|cufftw|cusolverMg)\./;

const number = (value: number) => value.toLocaleString("en").replaceAll(",", "_");

async function readRecord(path: string): Promise<string> {
  const zip = await yauzl.openPromise(path, { autoClose: false, lazyEntries: true });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith(".dist-info/RECORD")) return await text(await zip.openReadStreamPromise(entry));
    }
  } finally {
    zip.close();
  }
  throw new RangeError(`Expected ${path} to hold a RECORD but found none`);
}

async function pin(folder: string, file: string): Promise<string> {
  const path = `${folder}/${file}`;
  const members = (await readRecord(path)).split("\n").flatMap((line) => {
    const [name = "", hash = "", bytes = ""] = line.trim().split(",");
    if (!WANTED.some((wanted) => wanted.test(name)) || UNWANTED.test(name)) return [];
    const sha256 = Uint8Array.fromBase64(hash.replace("sha256=", ""), { alphabet: "base64url" }).toHex();
    return [`    member("${name}", ${number(Number(bytes))}, "${sha256}"),`];
  });
  const licence = file.startsWith("tensorflow") ? "APACHE" : "NVIDIA";
  return `{
  file: "${file}",
  bytes: ${number((await Deno.stat(path)).size)},
  sha256: "${await sha256File(path)}",
  licence: ${licence},
  members: [
${members.join("\n")}
  ],
},`;
}

const [folder] = Deno.args;
if (folder === undefined) throw new RangeError("Expected a folder of wheels but found none named");
const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
for (const name of names.filter((name) => name.endsWith(".whl")).sort()) console.log(await pin(folder, name));
