import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { InertObject, type PickleHost, unpickle } from "../../../models/weights/pickle.ts";
import { torchHost } from "../../../models/weights/torch_pickle.ts";

const host: PickleHost = {
  find: (name) => ({ name, call: (args) => ({ name, args }) }),
  load: (id) => ({ id }),
};
const ascii = (text: string) => new TextEncoder().encode(text);
/** A pickle by hand: texts for opcodes that are letters, numbers for all other bytes. */
const pickle = (...parts: (string | number)[]) =>
  Uint8Array.from(parts.flatMap((part) => typeof part === "number" ? [part] : [...ascii(part)]));
const read = (...parts: (string | number)[]) => unpickle(pickle(...parts), host).value;

// What Python's pickletools says of each opcode.
const VALUES: [what: string, value: unknown, ...pickle: (string | number)[]][] = [
  ["None", null, "N."],
  ["True and False", [true, false], 0x88, 0x89, 0x86, "."],
  ["a byte", 200, "K", 200, "."],
  ["two bytes", 0x1234, "M", 0x34, 0x12, "."],
  ["four bytes with a sign", -2, "J", 0xfe, 0xff, 0xff, 0xff, "."],
  ["a long without a byte", 0, 0x8a, 0, "."],
  ["a long of one byte", -128, 0x8a, 1, 0x80, "."],
  ["a long of nine bytes", 2n ** 64n, 0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, "."],
  ["a double, its bytes from the front", 1.5, "G", 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, "."],
  ["a text", "Ω", "X", 2, 0, 0, 0, 0xce, 0xa9, "."],
  ["a short text", "ab", 0x8c, 2, "ab."],
  ["a long text", "a", 0x8d, 1, 0, 0, 0, 0, 0, 0, 0, "a."],
  ["an old text", "é", "U", 1, 0xe9, "."],
  ["bytes", Uint8Array.of(7), "C", 1, 7, "."],
  ["a list", [1, 2], "](K", 1, "K", 2, "e."],
  ["a list, one by one", [1], "]K", 1, "a."],
  ["a dict", new Map([["a", 1]]), "}(", 0x8c, 1, "aK", 1, "u."],
  ["a dict, one by one", new Map([["a", 1]]), "}", 0x8c, 1, "aK", 1, "s."],
  ["a set", new Set([1]), 0x8f, "(K", 1, 0x90, "."],
  ["tuples", [[], [1], [1, 2, 3]], "(", ")", "K", 1, 0x85, "K", 1, "K", 2, "K", 3, 0x87, "t."],
  ["the memo", [1, 1], "K", 1, "q", 5, "h", 5, 0x86, "."],
  ["the memo in order", [1, 2, 2], "K", 1, 0x94, "K", 2, 0x94, "h", 1, 0x87, "."],
  ["what is dropped", 2, "K", 2, "K", 1, "0."],
  ["what is dropped down to a mark", 2, "K", 2, "(K", 1, "K", 1, "1."],
  ["a copy", [1, 1], "K", 1, "2", 0x86, "."],
  ["a call", { name: "a.b", args: [1] }, "ca\nb\nK", 1, 0x85, "R."],
  ["a call by texts", { name: "a.b", args: [] }, 0x8c, 1, "a", 0x8c, 1, "b", 0x93, ")R."],
  ["a new object", { name: "a.b", args: [] }, "ca\nb\n)", 0x81, "."],
  ["a reference", { id: 3 }, "K", 3, "Q."],
  ["protocol and frame", 1, 0x80, 4, 0x95, 2, 0, 0, 0, 0, 0, 0, 0, "K", 1, "."],
  ["attributes of a dict, which are let go", new Map(), "}}b."],
];
for (const [what, value, ...parts] of VALUES) {
  Deno.test(`unpickle() reads ${what}`, () => assertEquals(read(...parts), value));
}

Deno.test("unpickle() says how long the pickle was", () => {
  assertEquals(unpickle(pickle("K", 1, ".N."), host), { value: 1, length: 3 });
});

const WRONG: [what: string, message: string, ...pickle: (string | number)[]][] = [
  ["nothing", "Expected the pickle to hold 1 more bytes at 0 but found 0"],
  ["an end that does not come", "Expected the pickle to hold 1 more bytes at 1 but found 0", "N"],
  ["an opcode that runs Python's find_class by number", "Expected an opcode of a pickle of tensors at 0", 0x82, 1, "."],
  ["INST, an older way to call", "found 0x69", "(ios\nsystem\n."],
  ["OBJ, another", "found 0x6f", "(o."],
  ["a protocol to come", "Expected the protocol of the pickle to be 2 to 5 but found 6", 0x80, 6, "N."],
  ["an empty stack", "Expected the pickle's stack to hold a value but found it empty", "."],
  ["too few values for a tuple", "Expected the pickle's stack to hold 2 values but found 1", "K", 1, 0x86, "."],
  ["a mark that is missing", "Expected the pickle's stack to hold a mark", "K", 1, "t."],
  ["a mark between a value and its user", "Expected the pickle's stack to hold a value", "](K", 1, "0b."],
  ["a memo that is empty", "Expected the pickle's memo to hold 7", "h", 7, "."],
  ["a text longer than the file", "Expected the pickle to hold 4294967295 more bytes", "X", 255, 255, 255, 255, "a."],
  ["a text beyond every file", "more bytes", 0x8d, 255, 255, 255, 255, 255, 255, 255, 255, "a."],
  ["a text that is no UTF-8", "Expected texts of the pickle to be UTF-8", 0x8c, 1, 0xff, "."],
  ["items in odd number", "Expected items of the pickle to be pairs", "}(K", 1, "u."],
];
for (const [what, message, ...parts] of WRONG) {
  Deno.test(`unpickle() refuses ${what}`, () => void assertThrows(() => read(...parts), RangeError, message));
}

const UNFIT: [what: string, message: string, ...pickle: (string | number)[]][] = [
  ["a call of a number", "Expected what the pickle calls to be a function but found the number 1", "K", 1, ")R."],
  ["arguments that are no list", "Expected arguments of the pickle to be a list", "ca\nb\nK", 1, "R."],
  ["items for a list", "Expected what the pickle fills to be a dict", "](K", 1, "K", 1, "u."],
  ["an item for a dict", "Expected what is appended to of the pickle to be a list", "}K", 1, "a."],
  ["attributes for a list", "Expected objects with attributes in the pickle to be dicts", "]}b."],
  ["a name that is a number", "Expected names in the pickle to be texts", "K", 1, "K", 2, 0x93, "."],
];
for (const [what, message, ...parts] of UNFIT) {
  Deno.test(`unpickle() refuses ${what}`, () => void assertThrows(() => read(...parts), TypeError, message));
}

Deno.test("a million opcodes are the end, whatever they ask for", () => {
  const bytes = new Uint8Array(3_000_000).fill(ascii("}")[0] ?? 0);
  assertThrows(() => unpickle(bytes, host), RangeError, "Expected the pickle to end within 1000000 opcodes");
});

Deno.test("a list that holds itself is read, and shown in an error without end or depth", () => {
  // x = []; x.append(x)
  const list = read("]q", 0, "h", 0, "a.") as unknown[];
  assert(list[0] === list);
  assertThrows(() => read("]q", 0, "h", 0, "a)R."), TypeError, "found a list of 1");
});

Deno.test("PyTorch's host knows the names of tensors and nothing that runs", () => {
  const { find } = torchHost(() => {});
  assertEquals(find("torch._utils._rebuild_tensor_v2").name, "torch._utils._rebuild_tensor_v2");
  assert(find("argparse.Namespace").call?.([]) instanceof InertObject);
  const names = ["os.system", "posix.system", "nt.system", "builtins.eval", "builtins.getattr", "__builtin__.exec"];
  const deeper = [
    "torch.load",
    "torch.hub.load",
    "torch._utils._import_dotted_name",
    "torch.__class__",
    "subprocess.Popen",
  ];
  for (const name of [...names, ...deeper, "constructor", "__proto__", "torch.FloatStorage.__init__", "."]) {
    assertThrows(() => find(name), TypeError, `but found ${name}: save the state_dict() of a model`);
  }
});

Deno.test("a dict is not filled by its constructor: that could be asked for without end", () => {
  assertThrows(
    () => unpickle(pickle("ccollections\nOrderedDict\n]", 0x85, "R."), torchHost(() => {})),
    TypeError,
    "Expected OrderedDict in the pickle to start empty",
  );
});

Deno.test("whatever the bytes, the answer is a value or an error of this project", () => {
  const opcodes = [..."(012NJKMXGU]})taesuqrhjcRb.Q"].map((letter) => ascii(letter)[0] ?? 0);
  const special = [0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x8a, 0x8c, 0x8e, 0x8f, 0x90, 0x93, 0x94, 0x95];
  const byte = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...opcodes, ...special) },
    { weight: 3, arbitrary: fc.nat({ max: 6 }) },
    { weight: 1, arbitrary: fc.nat({ max: 255 }) },
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 60 }), (bytes) => {
      for (const either of [host, torchHost(() => {})]) {
        try {
          unpickle(Uint8Array.from(bytes), either);
        } catch (error) {
          if (!(error instanceof RangeError || error instanceof TypeError) || !error.message.startsWith("Expected")) {
            throw error;
          }
        }
      }
    }),
    { numRuns: 3000 },
  );
});
