import { assert, assertEquals } from "@std/assert";
import { ALPHA, decide, isClear, LEVEL, LOOKS, type Sides, type Source } from "../../../bench/ab/decide.ts";
import type { ComparisonRow } from "../../../bench/report/compare.ts";
import { makeReport, makeResult } from "../report/support.ts";

/** How a result goes: the head's time as a share of the base's, at first and when it is measured anew. */
interface Course {
  readonly first: number;
  readonly again?: number;
  /** Standard deviation between processes. */
  readonly between?: number;
}

/** Rounds of made up noise; what was asked for is kept. */
class Made implements Source {
  readonly asked: string[] = [];
  readonly #courses: Readonly<Record<string, Course>>;
  readonly #rounds = new Map<string, number>();
  readonly #forgotten = new Set<string>();
  failed = new Set<string>();
  late = false;

  constructor(courses: Readonly<Record<string, Course>>) {
    this.#courses = courses;
  }

  names() {
    return Object.keys(this.#courses).filter((name) => !this.failed.has(name));
  }

  measure(names: ReadonlySet<string>, rounds: number) {
    this.asked.push(`${[...names].join("+")} ${rounds}`);
    for (const name of names) this.#rounds.set(name, rounds);
    return Promise.resolve();
  }

  sides(): Sides {
    const side = (head: boolean) =>
      makeReport(
        this.names().map((name, i) => {
          const { first, again = first, between = 0.005 } = this.#courses[name] ?? { first: 1 };
          const ratio = this.#forgotten.has(name) ? again : first;
          const processes = this.#rounds.get(name) ?? 0;
          const seed = 100 * i + (head ? 1 : 2) + (this.#forgotten.has(name) ? 10 : 0);
          return makeResult({ processes, between, seed, milliseconds: head ? 20 * ratio : 20 }, { name });
        }),
      );
    return { base: side(false), head: side(true) };
  }

  forget(names: ReadonlySet<string>) {
    for (const name of names) this.#forgotten.add(name);
    for (const name of names) this.#rounds.delete(name);
  }

  spent() {
    return this.late;
  }
}

const lastRounds = (source: Made) => source.asked.at(-1)?.split(" ").at(-1);

Deno.test("the looks share α evenly (Bonferroni), and each has what six processes a side can prove", () => {
  assertEquals(LEVEL * LOOKS.length, ALPHA);
  // Of the C(12, 6) = 924 ways to deal twelve processes, two separate the sides.
  assert(2 / 924 < LEVEL);
  assertEquals(LOOKS[0], 6);
  // Five would not do: 2 / C(10, 5) is above it.
  assert(2 / 252 > LEVEL);
});

Deno.test("nothing is looked at before six rounds, and quiet noise is clear then", async () => {
  const source = new Made({ a: { first: 1 } });
  const looks: number[] = [];
  const decision = await decide(source, { looked: (_comparison, rounds) => looks.push(rounds) });
  assertEquals(looks, [6]);
  assertEquals(source.asked, ["a 1", "a 2", "a 3", "a 4", "a 5", "a 6"]);
  assertEquals(decision?.comparison.rows.map(({ verdict, regression }) => [verdict, regression]), [["~", false]]);
  assertEquals(decision?.comparison.alpha, LEVEL);
});

Deno.test("what is not clear is measured further, what is clear is not", async () => {
  const source = new Made({ a: { first: 1 }, noisy: { first: 1, between: 0.2 } });
  const decision = await decide(source);
  assertEquals(source.asked[5], "a+noisy 6");
  assertEquals(source.asked[6], "noisy 7");
  assertEquals(lastRounds(source), String(LOOKS.at(-1)));
  assertEquals(decision?.comparison.rows.map(({ base }) => base.summary.processes), [6, LOOKS.at(-1) ?? 0]);
});

Deno.test("a slowdown is measured anew, and is a regression where it shows again", async () => {
  const source = new Made({ a: { first: 1 }, slow: { first: 1.1 } });
  const suspected: string[] = [];
  const decision = await decide(source, { suspected: (rows) => suspected.push(...rows.map(({ name }) => name)) });
  assertEquals(suspected, ["slow"]);
  assertEquals(source.asked.slice(6), [1, 2, 3, 4, 5, 6].map((round) => `slow ${round}`));
  assertEquals(decision?.comparison.rows.map(({ name, regression }) => [name, regression]), [["a", false], [
    "slow",
    true,
  ]]);
  assertEquals(decision?.suspected.map(({ name }) => name), ["slow"]);
});

Deno.test("a slowdown that does not show again is none, and the second run is what stands", async () => {
  const decision = await decide(new Made({ slow: { first: 1.1, again: 1 } }));
  const [row] = decision?.comparison.rows ?? [];
  assertEquals([row?.verdict, row?.regression], ["~", false]);
  assert(Math.abs((row?.ratio ?? 0) - 1) < 0.02);
  assert((decision?.suspected[0]?.ratio ?? 0) > 1.08);
});

Deno.test("what first comes to a regression when another result is measured anew is none", async () => {
  // Slower by just less than the threshold at first, and by more when something else was forgotten.
  const source = new Made({ slow: { first: 1.2 }, other: { first: 1 } });
  const { sides } = source;
  source.sides = () => {
    const { base, head } = sides.call(source);
    const changed = source.asked.length > 6 ? 1.2 : 1;
    const results = head.results.map((result) =>
      result.name === "other" ? { ...result, samplesMs: result.samplesMs.map((ms) => changed * ms) } : result
    );
    return { base, head: { ...head, results } };
  };
  const decision = await decide(source);
  assertEquals(decision?.comparison.rows.map(({ name, verdict, regression }) => [name, verdict, regression]), [
    ["slow", "slower", true],
    ["other", "slower", false],
  ]);
});

Deno.test("a speedup is clear at the first look, and confirmed by nothing", async () => {
  const source = new Made({ fast: { first: 0.8 } });
  const decision = await decide(source);
  assertEquals(source.asked.length, 6);
  assertEquals(decision?.comparison.rows[0]?.verdict, "faster");
});

Deno.test("with no time left it ends at the first look, not before", async () => {
  const source = new Made({ noisy: { first: 1, between: 0.2 } });
  source.late = true;
  const decision = await decide(source);
  assertEquals(lastRounds(source), "6");
  assertEquals(decision?.comparison.rows.length, 1);
});

Deno.test("where time ends between two looks, one more look is taken: never more than planned", async () => {
  const source = new Made({ noisy: { first: 1, between: 0.2 } });
  const { measure } = source;
  source.measure = (names, rounds) => {
    source.late = rounds === 8;
    return measure.call(source, names, rounds);
  };
  let looks = 0;
  await decide(source, { looked: () => looks++ });
  assertEquals([lastRounds(source), looks], ["8", 2]);
});

Deno.test("what fails is measured no further, the others are compared", async () => {
  const source = new Made({ a: { first: 1 }, dies: { first: 1, between: 0.3 } });
  const { measure } = source;
  source.measure = (names, rounds) => {
    if (rounds === 3) source.failed.add("dies");
    return measure.call(source, names, rounds);
  };
  const decision = await decide(source);
  assertEquals(decision?.comparison.rows.map(({ name }) => name), ["a"]);
});

Deno.test("where everything fails nothing is decided", async () => {
  const source = new Made({ dies: { first: 1 } });
  source.failed.add("dies");
  assertEquals(await decide(source), undefined);
});

Deno.test("a row is clear where it is a regression, faster, or below the threshold as a whole", () => {
  const row = (
    verdict: ComparisonRow["verdict"],
    interval: [number, number] | null,
    regression = false,
  ) => ({ verdict, interval, regression }) as ComparisonRow;
  assert(isClear(row("slower", [1.06, 1.2], true), 0.05));
  assert(isClear(row("faster", [0.8, 0.9]), 0.05));
  assert(isClear(row("~", [0.97, 1.04]), 0.05));
  assert(isClear(row("slower", [1.01, 1.04]), 0.05));
  assert(!isClear(row("~", [0.97, 1.06]), 0.05));
  assert(!isClear(row("slower", [1.01, 1.06]), 0.05));
  assert(!isClear(row("~", null), 0.05));
});
