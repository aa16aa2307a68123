/**
 * What git is asked for: commits, changes, worktrees. Nothing of it touches the
 * checkout's files, its index or its branches. Deno only.
 *
 * @module
 */
import { join } from "node:path";
import { show } from "../../models/errors.ts";

/** A checkout, a ref or a tree that cannot be measured. */
export class GitError extends Error {
  /** `GitError`. */
  override readonly name = "GitError";
}

/** What `git ARGS` printed and how it ended. */
interface Answer {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Hooks of the checkout's owner have no business in worktrees that only measure. */
const PLAIN: readonly string[] = ["-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"];

/** Who commits a snapshot: a machine in CI has no name set. */
const NOBODY = {
  GIT_AUTHOR_NAME: "convbench",
  GIT_AUTHOR_EMAIL: "convbench@localhost",
  GIT_COMMITTER_NAME: "convbench",
  GIT_COMMITTER_EMAIL: "convbench@localhost",
};

async function git(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Answer> {
  try {
    const { success, stdout, stderr } = await new Deno.Command("git", { args: [...PLAIN, ...args], cwd, env }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd();
    return { success, stdout: text(stdout), stderr: text(stderr) };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new GitError("Expected git to be installed but found no such program", { cause });
  }
}

/** A checkout. */
export class Checkout {
  /** Its top folder. */
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /**
   * The checkout that `folder` lies in.
   *
   * @throws {GitError} Where there is none.
   */
  static async at(folder: string): Promise<Checkout> {
    const { success, stdout } = await git(folder, ["rev-parse", "--show-toplevel"]);
    if (!success) throw new GitError(`Expected ${folder} to be in a git checkout but found none`);
    return new Checkout(stdout);
  }

  async #git(args: readonly string[], env?: Record<string, string>): Promise<string> {
    const { success, stdout, stderr } = await git(this.root, args, env);
    if (success) return stdout;
    throw new GitError(`Expected git ${args[0]} to work but found: ${stderr.split("\n").at(-1)}`);
  }

  /**
   * The commit that `ref` means.
   *
   * @throws {GitError} Where there is none; `name` is what the error calls it.
   */
  async commitOf(ref: string, name: string): Promise<string> {
    const { success, stdout } = await git(this.root, [
      "rev-parse",
      "--verify",
      "--quiet",
      "--end-of-options",
      `${ref}^{commit}`,
    ]);
    if (success) return stdout;
    const shallow = (await git(this.root, ["rev-parse", "--is-shallow-repository"])).stdout === "true";
    const hint = shallow ? ": the clone is shallow, fetch more of it (actions/checkout: fetch-depth: 0)" : "";
    throw new GitError(`Expected ${name} to be a commit, branch or tag but found ${show(ref)}${hint}`);
  }

  /** Files that differ from the last commit. A run may write deno.lock anew: that alone is no change. */
  async changes(): Promise<string[]> {
    const lines = await this.#git([
      "status",
      "--porcelain",
      "--untracked-files=no",
      "--",
      ":/",
      ":(exclude,glob)**/deno.lock",
    ]);
    return lines.split("\n").filter((line) => line !== "").map((line) => line.slice(3));
  }

  /**
   * A commit of the working tree as it is, with files that git does not know yet and
   * without ignored ones; of no branch, with an index of its own.
   */
  async snapshot(folder: string): Promise<string> {
    const index = { GIT_INDEX_FILE: join(folder, "index") };
    await this.#git(["read-tree", "HEAD"], index);
    await this.#git(["add", "--all", "--", ":/"], index);
    const tree = await this.#git(["write-tree"], index);
    return await this.#git(["commit-tree", tree, "-p", "HEAD", "-m", "The working tree as it is"], NOBODY);
  }

  /** Checks `commit` out at `path`. */
  async addWorktree(path: string, commit: string): Promise<void> {
    await this.#git(["worktree", "add", "--quiet", "--detach", path, commit]);
  }

  /** Removes what {@linkcode Checkout.addWorktree} made, as far as it is there. */
  async removeWorktree(path: string): Promise<void> {
    await git(this.root, ["worktree", "remove", "--force", path]);
  }
}
