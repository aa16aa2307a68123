import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { GitError } from "../../../bench/ab/git.ts";
import { withSides, WORKTREE } from "../../../bench/ab/sides.ts";
import { commit, git, PROGRAM, program, withRepository } from "./repository.ts";

/** What a checkout's program says. */
const textOf = (url: URL) => Deno.readTextFile(fileURLToPath(url));

/** Both programs of `base` and `head`, and what the commits are called. */
async function sides(cwd: string, base: string, head: string): Promise<[string, string, string, string]> {
  return await withSides(
    { base, head },
    async (found) => [
      await textOf(found.base.program),
      await textOf(found.head.program),
      found.base.commit,
      found.head.commit,
    ],
    { cwd },
  );
}

/** What git knows of a repository, to see that it is left as it was. */
async function stateOf(folder: string): Promise<string> {
  const lines = await Promise.all([
    git(folder, "status", "--porcelain"),
    git(folder, "for-each-ref"),
    git(folder, "worktree", "list"),
    git(folder, "diff", "--cached"),
    git(folder, "rev-parse", "HEAD"),
    git(folder, "stash", "list"),
  ]);
  return lines.join("\n--\n");
}

Deno.test("each side is its own commit, and nothing is left of it", async () => {
  await withRepository(async (folder) => {
    const first = await commit(folder, { [PROGRAM]: "first" });
    await git(folder, "tag", "v1");
    const second = await commit(folder, { [PROGRAM]: "second" });
    const before = await stateOf(folder);
    let program: URL | undefined;
    await withSides({ base: "v1", head: "main" }, async (found) => {
      program = found.base.program;
      assertEquals([await textOf(found.base.program), await textOf(found.head.program)], ["first", "second"]);
      assertEquals([found.base.commit, found.head.commit], [first, second]);
      // Where a program lies must not be what differs.
      assertEquals(found.base.program.href.length, found.head.program.href.length);
    }, { cwd: join(folder, "bench") });
    assertEquals(await stateOf(folder), before);
    await assertRejects(() => textOf(program ?? new URL("file:///")), Deno.errors.NotFound);
  });
});

Deno.test("one commit may be both sides", async () => {
  await withRepository(async (folder) => {
    const only = await commit(folder, { [PROGRAM]: "only" });
    assertEquals(await sides(folder, "HEAD", "main"), ["only", "only", only, only]);
  });
});

Deno.test("WORKTREE is the working tree as it is, new files included and ignored ones not, and it stays as it is", async () => {
  await withRepository(async (folder) => {
    const last = await commit(folder, { [PROGRAM]: "last", ".gitignore": "ignored\n", "gone.txt": "" });
    const clean = await sides(folder, "HEAD", WORKTREE);
    assertEquals(clean, ["last", "last", last, last]);
    await Deno.writeTextFile(join(folder, PROGRAM), "changed");
    await Deno.writeTextFile(join(folder, "new.ts"), "new");
    await Deno.writeTextFile(join(folder, "ignored"), "");
    await Deno.remove(join(folder, "gone.txt"));
    const before = await stateOf(folder);
    await withSides({ base: "HEAD", head: WORKTREE }, async ({ base, head }) => {
      assertEquals([await textOf(base.program), await textOf(head.program)], ["last", "changed"]);
      assertEquals([base.commit, head.commit], [last, `${last}-dirty`]);
      const root = fileURLToPath(new URL("../../", head.program));
      assertEquals([...Deno.readDirSync(root)].map(({ name }) => name).sort(), [
        ".git",
        ".gitignore",
        "bench",
        "new.ts",
      ]);
    }, { cwd: folder });
    assertEquals(await stateOf(folder), before);
  });
});

Deno.test("changes that the head leaves out are refused, and named", async () => {
  await withRepository(async (folder) => {
    await commit(folder, { [PROGRAM]: "last", "a.ts": "", "b.ts": "", "c.ts": "", "d.ts": "" });
    for (const name of ["a", "b", "c", "d"]) await Deno.writeTextFile(join(folder, `${name}.ts`), "changed");
    const error = await assertRejects(() => sides(folder, "HEAD", "HEAD"), GitError);
    assertStringIncludes(error.message, "found some in a.ts, b.ts, c.ts and 1 more: commit them, or measure them with");
    assertStringIncludes(error.message, "--head WORKTREE");
  });
});

Deno.test("a deno.lock that was written anew is no change, nor is a file that git does not know", async () => {
  await withRepository(async (folder) => {
    const last = await commit(folder, { [PROGRAM]: "last", "deno.lock": "{}", "sub/deno.lock": "{}" });
    for (const path of ["deno.lock", "sub/deno.lock", "out.json"]) await Deno.writeTextFile(join(folder, path), "[]");
    assertEquals((await sides(folder, "HEAD", "HEAD"))[3], last);
    // It is what is measured all the same, where the working tree is.
    assertEquals((await sides(folder, "HEAD", WORKTREE))[3], last);
  });
});

for (const [base, head, name] of [["nothing", "HEAD", "--base"], ["HEAD", "nothing", "--head"]] as const) {
  Deno.test(`${name} that is no commit is refused`, async () => {
    await withRepository(async (folder) => {
      await commit(folder, { [PROGRAM]: "last" });
      await assertRejects(
        () => sides(folder, base, head),
        GitError,
        `Expected ${name} to be a commit, branch or tag but found "nothing"`,
      );
    });
  });
}

for (const ref of ["--all", "-h", "", "HEAD:bench", "HEAD^{tree}"]) {
  Deno.test(`${JSON.stringify(ref)} is no commit`, async () => {
    await withRepository(async (folder) => {
      await commit(folder, { [PROGRAM]: "last" });
      await assertRejects(() => sides(folder, ref, "HEAD"), GitError, "Expected --base to be a commit");
    });
  });
}

Deno.test("in a shallow clone it is said where the commit may be", async () => {
  await withRepository(async (folder) => {
    await commit(folder, { [PROGRAM]: "first" });
    await commit(folder, { [PROGRAM]: "second" });
    await git(folder, "clone", "--quiet", "--depth=1", `file://${folder}`, "shallow");
    const error = await assertRejects(() => sides(join(folder, "shallow"), "HEAD~1", "HEAD"), GitError);
    assertStringIncludes(error.message, 'found "HEAD~1": the clone is shallow, fetch more of it');
  });
});

Deno.test("a commit without the program that measures is refused, and no worktree stays", async () => {
  await withRepository(async (folder) => {
    const old = await commit(folder, { "README.md": "before there was a sampler" });
    await git(folder, "tag", "v0");
    await commit(folder, { [PROGRAM]: program(50) });
    const before = await stateOf(folder);
    const error = await assertRejects(() => sides(folder, "v0", "HEAD"), GitError);
    assertStringIncludes(error.message, `Expected "v0" (${old.slice(0, 7)}) to have ${PROGRAM}, which measures`);
    assertEquals(await stateOf(folder), before);
  });
});

Deno.test("a folder in no checkout is refused", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assertRejects(() => sides(folder, "HEAD", "HEAD"), GitError, "to be in a git checkout but found none");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("whatever stops what runs on both sides, the worktrees are removed", async () => {
  await withRepository(async (folder) => {
    await commit(folder, { [PROGRAM]: "last" });
    const before = await stateOf(folder);
    let program: URL | undefined;
    await assertRejects(
      () =>
        withSides({ base: "HEAD", head: "HEAD" }, ({ head }) => {
          program = head.program;
          throw new TypeError("stopped");
        }, { cwd: folder }),
      TypeError,
      "stopped",
    );
    assert(program !== undefined);
    await assertRejects(() => textOf(program as URL), Deno.errors.NotFound);
    assertEquals(await stateOf(folder), before);
  });
});

Deno.test("hooks of the repository do not run", async () => {
  await withRepository(async (folder) => {
    await commit(folder, { [PROGRAM]: "last" });
    const hook = join(folder, ".git", "hooks", "post-checkout");
    await Deno.mkdir(join(hook, ".."), { recursive: true });
    await Deno.writeTextFile(hook, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    assertEquals((await sides(folder, "HEAD", "HEAD"))[0], "last");
  });
});
