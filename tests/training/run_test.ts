import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runDeno } from "../run_deno.ts";

const train = (args: string[], onLine?: (line: string, child: Deno.ChildProcess) => void) =>
  runDeno(["cli.ts", "train", ...args], onLine);

Deno.test("train prints losses and the first layer's gamma and beta, and writes checkpoint, history and curves", async () => {
  const out = await Deno.makeTempDir();
  const { code, stdout, stderr } = await train([
    "--data",
    "sample",
    "--epochs",
    "2",
    "--batch",
    "250",
    "--backend",
    "wasm",
    "--out",
    out,
  ]);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "d2l/bnlenet on Fashion-MNIST (1000 images, sample)");
  for (const text of ["epoch 1: loss ", "epoch 2: loss ", "net.1 gamma: [", "net.1 beta:  ["]) {
    assertStringIncludes(stdout, text);
  }
  const { history } = JSON.parse(await Deno.readTextFile(`${out}/history.json`));
  assertEquals(history.map(({ epoch }: { epoch: number }) => epoch), [1, 2]);
  const svg = await Deno.readTextFile(`${out}/curves.svg`);
  assertStringIncludes(svg, "<svg");
  assertStringIncludes(svg, "validation accuracy");
  assertEquals(stderr, "");
  await Deno.remove(out, { recursive: true });
});

Deno.test("Ctrl-C leaves a checkpoint from which the run goes on to the numbers it would have given", async () => {
  const [whole, broken] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  const args = (out: string) => ["--data", "sample", "--epochs", "6", "--batch", "20", "--out", out];
  const losses = async (out: string) =>
    JSON.parse(await Deno.readTextFile(`${out}/history.json`)).history.map(({ trainLoss }: { trainLoss: number }) =>
      trainLoss
    );
  await train(args(whole));
  const stopped = await train(args(broken), (line, child) => {
    if (line.startsWith("epoch 2:")) child.kill("SIGINT");
  });
  assertEquals(stopped.code, 0, stopped.stderr);
  assertStringIncludes(stopped.stdout, "Stopped; go on with --resume");
  assert((await losses(broken)).length < 6);
  const resumed = await train([...args(broken), "--resume"]);
  assertEquals(resumed.code, 0, resumed.stderr);
  assertEquals(await losses(broken), await losses(whole));
  for (const out of [whole, broken]) await Deno.remove(out, { recursive: true });
});

for (
  const [what, args, message] of [
    ["an unknown flag", ["--epoch", "3"], "Expected a known flag but found --epoch: is it --epochs"],
    ["an unknown network", ["--model", "d2l/bnlenett"], 'found "d2l/bnlenett": is it d2l/bnlenet'],
    ["no epochs", ["--epochs", "0"], "Expected --epochs of train to be greater than 0"],
    ["a rate that is no number", ["--lr", "fast"], "Expected --lr of train"],
    [
      "an unknown source",
      ["--data", "mnist"],
      'Expected --data of train to be one of "auto", "full", "sample" but found "mnist"',
    ],
  ] as const
) {
  Deno.test(`train ends with code 2 for ${what}`, async () => {
    const { code, stderr } = await train([...args]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  });
}

Deno.test("train ends with code 1 where there is nothing to resume from", async () => {
  const { code, stderr } = await train(["--data", "sample", "--resume", "--out", "no-such-folder"]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "Expected a checkpoint to resume from at no-such-folder/checkpoint.safetensors");
});
