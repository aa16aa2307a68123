/**
 * libtensorflow, and the CUDA libraries that come with it.
 *
 * @module
 */
import { libraryRoot, setupCommand } from "../tensorflow/library/cache.ts";
import { inspect } from "../tensorflow/library/in_place.ts";
import { locateLibrary, type TensorFlowLibrary } from "../tensorflow/library/locate.ts";
import { type CudaReader, HERE, probeCudaLibraries } from "./cuda.ts";
import { type Finding, reasonOf } from "./finding.ts";

/** How libtensorflow is found and opened; tests put another machine in its place. */
export interface LibraryReader {
  readonly locate: () => Promise<TensorFlowLibrary>;
  /** Opens it and gives its version. */
  readonly open: (path: string) => Promise<string>;
}

const READER: LibraryReader = {
  locate: () => locateLibrary(),
  open: async (path) => (await inspect(path)).version,
};

/** Whether there is one that is what it should be, and opens; and its CUDA libraries. */
export async function probeLibtensorflow(
  { locate, open }: LibraryReader = READER,
  cuda: Pick<CudaReader, "libraryVersion"> = HERE,
): Promise<Finding[]> {
  const topic = "libtensorflow";
  let library: TensorFlowLibrary;
  try {
    library = await locate();
  } catch (error) {
    const text = reasonOf(error);
    const damaged = text.includes("sha256");
    return [{
      topic,
      state: damaged ? "broken" : "missing",
      text,
      facts: { root: libraryRoot() },
      mend: text.match(/mend it with (.+)$/)?.[1] ?? setupCommand(),
    }];
  }
  const { path, version, origin, gpu, preload } = library;
  const libraries = probeCudaLibraries(preload, cuda);
  const facts = { path, origin, gpu, verified: origin === "setup" };
  try {
    const told = await open(path);
    const hash = origin === "setup" ? "hash verified" : `named by ${origin}, hash not known`;
    const text = `${told} ${gpu ? "for GPUs" : "for CPUs"}, ${hash}: ${path}`;
    return [{ topic, state: "ok", text, facts: { ...facts, version: told } }, ...libraries];
  } catch (error) {
    const text = `${version} does not open: ${reasonOf(error)}`;
    return [{ topic, state: "broken", text, facts: { ...facts, version }, mend: setupCommand() }, ...libraries];
  }
}
