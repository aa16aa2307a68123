import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { DOMParser } from "@xmldom/xmldom";
import { addReport } from "../../../bench/history/add.ts";
import { historyApp, isLocal } from "../../../bench/serve/app.ts";
import { withFolder } from "../../data/support.ts";
import { makeReport, makeResult } from "../report/support.ts";

const EVIL = `lab/<script>alert(1)</script>"&'`;

/** Runs `use` with a server of a history: 24 runs of d2l/lenet, slower from the 13th on, and one of a hostile name. */
async function withApp(
  use: (get: (path: string, init?: RequestInit) => Promise<Response>, path: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = `${folder}/h.sqlite`;
    for (let i = 0; i < 24; i++) {
      const noise = { seed: i, milliseconds: i < 12 ? 20 : 22 };
      const result = makeResult(noise, { model: "d2l/lenet", name: "d2l/lenet forward" });
      await addReport(path, makeReport([result], { started: new Date(Date.UTC(2026, 9, 1 + i)).toISOString() }));
    }
    await addReport(path, makeReport([makeResult({}, { model: EVIL, name: EVIL })], { cpu: EVIL }));
    const app = historyApp(path);
    await use(async (address, init) =>
      await app.request(`http://127.0.0.1:8640${address}`, {
        ...init,
        headers: { host: "127.0.0.1:8640", ...init?.headers },
      }), path);
  });
}

Deno.test("the front page lists networks, and is narrowed by a glob or a part of the name, without script", async () => {
  await withApp(async (get) => {
    const response = await get("/");
    const text = await response.text();
    assertEquals(response.status, 200);
    assertStringIncludes(text, '<a href="/model?name=d2l%2Flenet">d2l/lenet</a>');
    assertStringIncludes(text, "2026-10-24");
    assert(!text.includes("<script"), text);
    for (const wanted of ["d2l/*", "lenet"]) {
      const found = await (await get(`/?${new URLSearchParams({ models: wanted })}`)).text();
      assertStringIncludes(found, "1 network<");
    }
    assertStringIncludes(await (await get("/?models=nothing")).text(), "No network of this history matches");
  });
});

Deno.test("a model's page has its plot and its levels, and can be narrowed", async () => {
  await withApp(async (get) => {
    const text = await (await get("/model?name=d2l%2Flenet")).text();
    assertStringIncludes(text, "1 change of level in 24 results of 1 series");
    assertStringIncludes(text, "2026-10-13");
    assertStringIncludes(text, "% slower");
    const [, plot = ""] = /<img src="([^"]+)"/.exec(text) ?? [];
    assert(/alt="Plot of 24 medians\. Changes of level: 2026-10-13 ×1\.\d+/.test(text), text);
    const svg = await get(plot);
    assertEquals(svg.headers.get("content-type"), "image/svg+xml");
    const picture = await svg.text();
    assert(picture.includes("2026-10-01") && !picture.includes("1970"), picture);
    const document = new DOMParser().parseFromString(picture, "image/svg+xml");
    assertEquals(document.documentElement?.nodeName, "svg");
    assertEquals((await get("/model?name=d2l%2Flenet&mode=forward&backend=tensorflow")).status, 200);
    for (
      const path of [
        "/model?name=d2l%2Flenet&mode=train",
        "/model?name=x",
        "/model",
        "/plot.svg?series=99",
        "/plot.svg",
        "/x",
      ]
    ) {
      assertEquals((await get(path)).status, 404, path);
    }
  });
});

Deno.test("names with markup in them stay text", async () => {
  await withApp(async (get) => {
    for (
      const path of ["/", `/model?${new URLSearchParams({ name: EVIL })}`, `/?${new URLSearchParams({ models: EVIL })}`]
    ) {
      const text = await (await get(path)).text();
      assertStringIncludes(text, "&lt;script&gt;alert(1)");
      assert(!text.includes("<script"), path);
    }
  });
});

Deno.test("every answer forbids scripts, frames and other origins", async () => {
  await withApp(async (get) => {
    for (const path of ["/", "/model?name=d2l%2Flenet", "/style.css", "/nothing"]) {
      const { headers, body } = await get(path);
      await body?.cancel();
      assertEquals(
        headers.get("content-security-policy"),
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; " +
          "frame-ancestors 'none'",
        path,
      );
      assertEquals(headers.get("x-content-type-options"), "nosniff");
      assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
      assertEquals(headers.get("cache-control"), "no-store");
      assertEquals(headers.get("access-control-allow-origin"), null);
    }
    const svg = await get("/plot.svg?series=1");
    await svg.body?.cancel();
    assertEquals(
      svg.headers.get("content-security-policy"),
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    );
  });
});

Deno.test("a request under another name is refused: DNS rebinding", async () => {
  await withApp(async (get) => {
    for (
      const host of [
        "evil.example",
        "evil.example:8640",
        "127.0.0.1.evil.example",
        "localhost.evil.example:8640",
        "10.0.0.7:8640",
        "",
      ]
    ) {
      const response = await get("/", { headers: { host } });
      assertEquals(response.status, 421, host);
      assert(!(await response.text()).includes("lenet"));
    }
    for (const host of ["localhost:8640", "127.0.0.1", "[::1]:8640", "LOCALHOST:1"]) assert(isLocal(host), host);
    for (const host of [undefined, null, "localhost:8640@evil", "localhost:x", "xlocalhost"]) {
      assert(!isLocal(host), `${host}`);
    }
  });
});

Deno.test("nothing but reading is answered", async () => {
  await withApp(async (get) => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const { status, headers } = await get("/", { method });
      assertEquals([status, headers.get("allow")], [405, "GET, HEAD"], method);
    }
    const head = await get("/", { method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""]);
  });
});

Deno.test("a history that disappears or breaks is said on the page", async () => {
  await withApp(async (get, path) => {
    await Deno.writeTextFile(path, "no database at all, but long enough to have a header");
    const broken = await get("/");
    assertEquals(broken.status, 503);
    assertStringIncludes(await broken.text(), "is damaged");
    await Deno.remove(path);
    assertEquals((await get("/")).status, 404);
  });
});
