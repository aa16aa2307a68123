/**
 * What `convbench serve` answers. Deno only.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { minimatch } from "minimatch";
import { HistoryError } from "../history/database.ts";
import { History } from "../history/history.ts";
import { trends } from "../history/trend.ts";
import { frontPage, modelPage, PAGE_STYLE, troublePage } from "./page.tsx";

/**
 * Whether a request was meant for this machine. A page elsewhere can have its name
 * resolve to 127.0.0.1 once it is loaded, and would then read this history as its own
 * (DNS rebinding): its requests still carry that name.
 */
export function isLocal(host: string | null | undefined): boolean {
  return host != null && /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}

/** Nothing but this server's own style and pictures, in no other page's frame. */
const HEADERS = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  crossOriginEmbedderPolicy: true,
  referrerPolicy: "no-referrer",
  xFrameOptions: "DENY",
  // Without TLS it means nothing.
  strictTransportSecurity: false,
});

const SVG = "image/svg+xml";
/** A picture has its colours in a style of its own; nothing else may come with it. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

function narrowedBy(context: Context): { mode?: string; backend?: string } {
  const { mode, backend } = context.req.query();
  return { ...mode ? { mode } : {}, ...backend ? { backend } : {} };
}

/** The server of the history at `path`, which is opened for each request: it may be replaced or grow meanwhile. */
export function historyApp(path: string): Hono {
  const app = new Hono();
  const open = () => new History(path, { readOnly: true });
  app.use(async (context, next) => {
    if (!isLocal(context.req.header("host"))) return context.text("This server answers to localhost only\n", 421);
    if (context.req.method !== "GET" && context.req.method !== "HEAD") {
      return context.text("This server only shows\n", 405, { Allow: "GET, HEAD" });
    }
    await next();
    context.header("Cache-Control", "no-store");
    if (context.res.headers.get("Content-Type") === SVG) context.header("Content-Security-Policy", PICTURE_POLICY);
  });
  app.use(HEADERS);
  app.get("/style.css", (context) => context.body(PAGE_STYLE, 200, { "Content-Type": "text/css; charset=utf-8" }));
  app.get("/", (context) => {
    using history = open();
    const wanted = context.req.query("models") ?? "";
    const models = history.overview().filter(({ model }) =>
      wanted === "" || model.includes(wanted) || minimatch(model, wanted)
    );
    return context.html(frontPage(path, models, wanted));
  });
  app.get("/model", (context) => {
    using history = open();
    const model = context.req.query("name") ?? "";
    const narrowed = narrowedBy(context);
    const known = history.series({ model });
    const found = trends(history, { model, ...narrowed });
    if (found.length === 0) return context.html(troublePage(`This history has no such results of ${model}.`), 404);
    return context.html(modelPage(model, found, { known, narrowed }));
  });
  app.get("/plot.svg", async (context) => {
    using history = open();
    const id = Number(context.req.query("series"));
    const found = trends(history, Number.isInteger(id) ? { id } : { id: -1 });
    if (found.length === 0) return context.html(troublePage("This history has no such series."), 404);
    const { trendsChart } = await import("../history/chart.ts");
    return context.body(trendsChart(found), 200, { "Content-Type": SVG });
  });
  app.notFound((context) => context.html(troublePage("There is no such page."), 404));
  app.onError((error, context) => {
    if (!(error instanceof HistoryError)) throw error;
    return context.html(troublePage(error.message), error.trouble === "missing" ? 404 : 503);
  });
  return app;
}
