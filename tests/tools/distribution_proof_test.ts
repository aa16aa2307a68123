import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { holds, lose, type Proof, prove, TOLERANCE } from "../../tools/distribution_proof.ts";
import { encodeServerDef } from "../../tools/distribution_proof/cluster.ts";
import { freePorts } from "../../tools/distribution_proof/run.ts";
import { hasTensorFlow } from "../backends_under_test.ts";

/**
 * What Python's `ServerDef` (TensorFlow 2.21) gives for worker 1 of two, with `allow_growth` and the group's leader:
 * without a coordination service and with one. Its map has the entries the other way round, which means the same.
 */
const CLUSTER = "0a320a300a06776f726b6572" +
  "12120800120e3132372e302e302e313a3232323212120801120e3132372e302e302e313a32323233" + "1206776f726b65721801";
const LEADER = "0a1c2f6a6f623a776f726b65722f7265706c6963613a302f7461736b3a30";
const PYTHON: readonly (readonly [heartbeatSeconds: number | undefined, bytes: string])[] = [
  [undefined, `${CLUSTER}2225320220018201` + `1e${LEADER}2a0467727063`],
  [
    4,
    `${CLUSTER}2267320220018201` + `60${LEADER}ba013f0a0a7374616e64616c6f6e65` +
    "121c2f6a6f623a776f726b65722f7265706c6963613a302f7461736b3a30" +
    "180120e0d40328a01f520a0a06776f726b657210022a0467727063",
  ],
];

Deno.test("encodeServerDef() writes the message that Python's ServerDef does", () => {
  for (const [heartbeatSeconds, bytes] of PYTHON) {
    const written = encodeServerDef({ addresses: ["127.0.0.1:2222", "127.0.0.1:2223"], task: 1, heartbeatSeconds });
    assertEquals(Array.from(written, (byte) => byte.toString(16).padStart(2, "0")).join(""), bytes);
  }
});

Deno.test("freePorts() gives ports that differ and can be listened on", () => {
  const ports = freePorts(3);
  assertEquals(new Set(ports).size, 3);
  for (const port of ports) Deno.listen({ hostname: "127.0.0.1", port }).close();
});

Deno.test("holds() minds losses, weights and workers that went apart, and takes no NaN", () => {
  const proof: Proof = {
    losses: [],
    lossDifference: TOLERANCE,
    weightDifference: TOLERANCE,
    firstLosses: [],
    leaked: [],
    alike: true,
    lastStep: { workers: 1, alone: 1 },
  };
  assert(holds(proof));
  const spoilt: Partial<Proof>[] = [
    { lossDifference: 2 * TOLERANCE },
    { weightDifference: 2 * TOLERANCE },
    { lossDifference: NaN },
    { weightDifference: NaN },
    { alike: false },
  ];
  for (const part of spoilt) assert(!holds({ ...proof, ...part }), JSON.stringify(part));
});

Deno.test({
  name: "two processes that all-reduce the gradients of half a batch each train as one does on the whole batch",
  // TensorFlow's server listens on all addresses, without a password: not on the machine of whoever runs the tests.
  ignore: !hasTensorFlow || Deno.env.get("CONVBENCH_TEST_TENSORFLOW") !== "required",
  async fn() {
    const proof = await prove({ compile: true });
    assert(holds(proof), JSON.stringify(proof));
    assertEquals(proof.losses.length, 3);
    const [first, last] = [proof.losses[0], proof.losses[2]];
    assertNotEquals(first?.alone, last?.alone);
    // Each had images of its own: it was the all-reduce that made them equal.
    assertNotEquals(proof.firstLosses[0], proof.firstLosses[1]);
    assertAlmostEquals(first?.workers ?? NaN, first?.alone ?? 0, 1e-5);
    assertEquals(proof.leaked, [0, 0, 0]);
  },
});

Deno.test({
  name: "a worker whose other one dies gets an error that says so, and its weights stay as they were",
  // TensorFlow's server listens on all addresses, without a password: not on the machine of whoever runs the tests.
  ignore: !hasTensorFlow || Deno.env.get("CONVBENCH_TEST_TENSORFLOW") !== "required",
  async fn() {
    const survivor = await lose({ signal: "SIGKILL", timeoutSeconds: 60 });
    assertEquals(survivor?.losses.length, 1);
    assertStringIncludes(survivor?.failure?.message ?? "", "Collective ops is aborted by");
    assertEquals([survivor?.failure?.weightsKept, survivor?.leaked], [true, 0]);
  },
});
