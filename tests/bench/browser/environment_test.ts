import { assertEquals } from "@std/assert";
import { browserEnvironment, type BrowserFacts, browserName } from "../../../bench/browser/environment.ts";
import { parseReport } from "../../../bench/report/read.ts";

const NAMES = {
  "Chrome 142.0.0.0":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Edge 142.0.3595.53": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
    "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.3595.53",
  "Firefox 145.0": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  "Safari 26.1": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
    "Version/26.1 Safari/605.1.15",
} as const;

Deno.test("browsers are known by their own names, though each says those of others", () => {
  for (const [name, userAgent] of Object.entries(NAMES)) assertEquals(browserName({ userAgent }), name);
});

Deno.test("a browser without such a name is known by its brand that is none made up, or not at all", () => {
  const brands = [{ brand: "Not)A;Brand", version: "8" }, { brand: "Ladybird", version: "1" }];
  assertEquals(browserName({ userAgent: "", userAgentData: { brands, platform: "" } }), "Ladybird 1");
  assertEquals(browserName({ userAgent: "" }), "unknown");
});

const facts: BrowserFacts = {
  userAgent: NAMES["Firefox 145.0"],
  platform: "Linux x86_64",
  hardwareConcurrency: 8,
};
const page = { clockMs: 0.1, isolated: false, commit: "abc", started: "2026-11-24T12:00:00Z" };

Deno.test("a GPU is named as one, an adapter that is software is not; both are reports that can be read", () => {
  const webgpu = (software: boolean) =>
    browserEnvironment(facts, page, {
      name: "webgpu",
      device: software ? "cpu" : "gpu",
      features: { vendor: "amd", architecture: "rdna-3", description: "", software },
      tfjs: "4.22.0",
    });
  assertEquals([webgpu(false).gpu, webgpu(false).threads], ["amd rdna-3", null]);
  assertEquals([webgpu(true).gpu, webgpu(true).threads, webgpu(true).flags.software], [null, 1, true]);
  const text = JSON.stringify({ schema: 1, environment: webgpu(false), results: [] });
  assertEquals(parseReport(text, "report").environment, webgpu(false));
});

Deno.test("a browser that tells of no processors and no system still makes a report", () => {
  const wasm = { name: "wasm", device: "cpu", features: { simd: true, threads: 4 }, tfjs: "4.22.0" } as const;
  const nothing = { userAgent: "", platform: "", hardwareConcurrency: NaN };
  const environment = browserEnvironment(nothing, page, wasm);
  assertEquals([environment.cores, environment.os, environment.threads], [1, "unknown", 4]);
  assertEquals(environment.flags, {
    simd: true,
    browser: "unknown",
    starts: "web workers",
    clockMs: 0.1,
    isolated: false,
  });
  parseReport(JSON.stringify({ schema: 1, environment, results: [] }), "report");
});
