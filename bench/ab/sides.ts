/**
 * The two commits that are measured, each checked out in a folder of its own and run
 * by its own code. Deno only.
 *
 * @module
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { show } from "../../models/errors.ts";
import { Checkout, GitError } from "./git.ts";

/** In the place of a ref: the working tree as it is. */
export const WORKTREE = "WORKTREE";

/** The program that measures, within a checkout: what it is told and tells is all that two versions share. */
const PROGRAM = ["bench", "sampler", "child.ts"];

/** A commit, ready to be measured. */
export interface CheckedOut {
  /** What reports call it: its hash, with `-dirty` where it is the working tree and has changes. */
  readonly commit: string;
  /** The program that measures it. */
  readonly program: URL;
}

/** Which commits. */
export interface Refs {
  /** What is compared with. */
  readonly base: string;
  /** What may have got slower; {@linkcode WORKTREE} is the working tree as it is. */
  readonly head: string;
}

/** What is to be measured, as a commit and as what it is called. */
interface Resolved {
  readonly commit: string;
  readonly label: string;
}

/** Refuses to pass over changes that somebody may believe are measured. */
function checkClean(changes: readonly string[], head: string): void {
  if (changes.length === 0) return;
  const named = changes.slice(0, 3).join(", ") + (changes.length > 3 ? ` and ${changes.length - 3} more` : "");
  throw new GitError(
    `Expected a working tree without changes, since --head ${head} would leave them out, but found some in ${named}: ` +
      `commit them, or measure them with --head ${WORKTREE}`,
  );
}

async function resolve(checkout: Checkout, { base, head }: Refs, folder: string): Promise<[Resolved, Resolved]> {
  const changes = await checkout.changes();
  if (head !== WORKTREE) checkClean(changes, head);
  const commitOf = async (ref: string, name: string): Promise<Resolved> => {
    const commit = await checkout.commitOf(ref, name);
    return { commit, label: commit };
  };
  const from = await commitOf(base, "--base");
  if (head !== WORKTREE) return [from, await commitOf(head, "--head")];
  const last = await checkout.commitOf("HEAD", "--head");
  const commit = await checkout.snapshot(folder);
  return [from, { commit, label: changes.length === 0 ? last : `${last}-dirty` }];
}

async function checkOut(checkout: Checkout, path: string, { commit, label }: Resolved, ref: string) {
  await checkout.addWorktree(path, commit);
  const program = join(path, ...PROGRAM);
  try {
    await Deno.stat(program);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new GitError(
      `Expected ${show(ref)} (${commit.slice(0, 7)}) to have ${PROGRAM.join("/")}, which measures, but found none: ` +
        "it is older than convbench ab, or of another project",
      { cause },
    );
  }
  return { commit: label, program: pathToFileURL(program) };
}

/**
 * Runs `use` on both commits of the checkout that `cwd` lies in, each in a worktree in a temporary folder. Whatever
 * comes, the worktrees are removed.
 *
 * @throws {GitError} Where `cwd` is in no checkout, a ref is no commit, the working tree has changes that `head` leaves
 * out, or a commit has no program that measures.
 */
export async function withSides<T>(
  refs: Refs,
  use: (sides: { readonly base: CheckedOut; readonly head: CheckedOut }) => Promise<T>,
  { cwd = Deno.cwd(), signal }: { readonly cwd?: string; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const checkout = await Checkout.at(cwd);
  const folder = await Deno.makeTempDir({ prefix: "convbench-ab-" });
  // Names of one length: where a program lies must not be what differs.
  const [base, head] = [join(folder, "base"), join(folder, "head")];
  try {
    const [from, to] = await resolve(checkout, refs, folder);
    signal?.throwIfAborted();
    const sides = {
      base: await checkOut(checkout, base, from, refs.base),
      head: await checkOut(checkout, head, to, refs.head),
    };
    signal?.throwIfAborted();
    return await use(sides);
  } finally {
    for (const path of [base, head]) await checkout.removeWorktree(path);
    await Deno.remove(folder, { recursive: true });
  }
}
