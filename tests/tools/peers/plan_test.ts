import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../cli/flags.ts";
import { parsePeersOptions } from "../../../tools/peers/options.ts";
import { COLUMNS, does, NETWORKS, VARIANTS, worksOf } from "../../../tools/peers/plan.ts";

Deno.test("bench:peers measures the ten networks, and PyTorch's side has each of them", async () => {
  assertEquals(NETWORKS.map(({ model }) => model), [
    "d2l/lenet",
    "d2l/bnlenet",
    "d2l/alexnet",
    "d2l/vgg11",
    "d2l/nin",
    "d2l/googlenet",
    "d2l/resnet18",
    "d2l/densenet",
    "d2l/regnetx32",
    "torchvision/efficientnet_b0",
  ]);
  const definitions = await Deno.readTextFile(new URL("../../fixtures/d2l_models.py", import.meta.url));
  for (const { model, batch } of NETWORKS) {
    const [source, name] = model.split("/");
    if (source === "d2l") assert(definitions.includes(`'${name}': (lambda`), model);
    assert(batch.quick >= 2 && batch.quick <= batch.full, model);
  }
});

Deno.test("a column with bfloat16 needs the work in float32 too, and float32 comes first", () => {
  assertEquals(worksOf(["train-reduced"]), [
    { mode: "train", precision: "float32" },
    { mode: "train", precision: "bfloat16" },
  ]);
  assertEquals(worksOf(["forward"]), [{ mode: "forward", precision: "float32" }]);
  assertEquals(worksOf(COLUMNS).map(({ mode, precision }) => `${mode} ${precision}`), [
    "forward float32",
    "train float32",
    "forward bfloat16",
    "train bfloat16",
  ]);
});

Deno.test("stock tfjs works in float32 alone, and weights in bfloat16 are for forward passes", () => {
  const of = (mode: "forward" | "train", precision: "float32" | "bfloat16") =>
    VARIANTS.filter((variant) => does(variant, { mode, precision }));
  assertEquals(of("train", "float32"), ["convbench", "tfjs", "eager", "channels_last", "compile"]);
  assertEquals(of("forward", "bfloat16"), ["convbench", "eager", "channels_last", "bfloat16_weights", "compile"]);
  assertEquals(of("train", "bfloat16"), ["convbench", "eager", "channels_last", "compile"]);
});

Deno.test("bench:peers takes all where nothing is said, and narrows by its flags", () => {
  assertEquals(parsePeersOptions([]), {
    networks: NETWORKS,
    columns: COLUMNS,
    named: false,
    size: "full",
    json: undefined,
    python: undefined,
  });
  const narrowed = parsePeersOptions([
    "--",
    "--quick",
    "--models",
    "d2l/{lenet,bnlenet}",
    "--columns",
    "train, forward",
  ]);
  assertEquals(narrowed?.networks.map(({ model }) => model), ["d2l/lenet", "d2l/bnlenet"]);
  assertEquals([narrowed?.columns, narrowed?.named, narrowed?.size], [["forward", "train"], true, "quick"]);
  assertEquals(parsePeersOptions(["--help", "--columns", "nothing"]), undefined);
});

Deno.test("bench:peers refuses what it does not know, and a report that could not be written", () => {
  const refused = (args: string[], message: string) => assertThrows(() => parsePeersOptions(args), UsageError, message);
  refused(["--models", "timm/*"], "Expected --models to match one of d2l/lenet");
  refused(["--columns", "forward,backward"], 'but found "backward"');
  refused(["--quik"], "is it --quick");
  refused(["--json", "no/such/folder/out.json"], "Expected --json to lie in a folder that exists");
});
