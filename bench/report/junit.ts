/**
 * JUnit's XML, which GitLab, Jenkins and others show: a case for each result, failed
 * where it is a regression.
 *
 * @module
 */
import { DOMImplementation, type Element, XMLSerializer } from "@xmldom/xmldom";
import type { Comparison } from "./compare.ts";
import { change, digits, probability, range } from "./numbers.ts";
import type { Report } from "./schema.ts";
import { seedOf, summarize } from "./summary.ts";

/** A case: passed, where it says nothing else. */
interface Case {
  readonly name: string;
  readonly seconds?: number;
  readonly failure?: string;
  readonly error?: string;
  readonly skipped?: string;
  readonly output?: string;
}

function comparisonCases({ rows, unmatched, threshold }: Comparison): Case[] {
  return [
    ...rows.map((row): Case => {
      const times = `${digits(row.base.summary.median)} ms in the base, ${
        digits(row.head.summary.median)
      } ms in the head`;
      const found = `${change(row.ratio)} (${range(row.interval, change)}, p ${probability(row.p)})`;
      return {
        name: row.name,
        seconds: row.head.summary.median / 1000,
        output: `${times}: ${found}, ${row.verdict === "~" ? "no proven difference" : row.verdict}`,
        ...row.regression ? { failure: `slower by ${found}, threshold ${change(1 + threshold)}` } : {},
      };
    }),
    ...unmatched.map(({ name, reason }): Case => ({ name, skipped: reason })),
  ];
}

function reportCases({ results, failures = [] }: Report): Case[] {
  return [
    ...results.map((result): Case => {
      const { median, interval } = summarize(result, seedOf(result.name));
      const output = `${digits(median)} ms a step of ${result.batch} images (95 %: ${range(interval)})`;
      return { name: result.name, seconds: median / 1000, output };
    }),
    ...failures.map(({ name, reason }): Case => ({ name, error: reason })),
  ];
}

/** The report as JUnit's XML; with what a comparison found, where there is one. */
export function junitReport(report: Report, comparison?: Comparison): string {
  const cases = comparison === undefined ? reportCases(report) : comparisonCases(comparison);
  const document = new DOMImplementation().createDocument(null, "testsuites");
  const add = (parent: Element, tag: string, attributes: Readonly<Record<string, string>>): Element => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    parent.appendChild(element);
    return element;
  };
  const root = document.documentElement;
  if (root === null) throw new Error("Expected a document with a root element but found none");
  const count = (kind: "failure" | "error" | "skipped") =>
    String(cases.filter((one) => one[kind] !== undefined).length);
  const totals = {
    tests: String(cases.length),
    failures: count("failure"),
    errors: count("error"),
    skipped: count("skipped"),
  };
  const suite = add(root, "testsuite", { name: "convbench", ...totals });
  for (const { name, seconds, output, ...outcome } of cases) {
    const time = seconds === undefined ? {} : { time: seconds.toFixed(6) };
    const element = add(suite, "testcase", { classname: "convbench", name, ...time });
    for (const [kind, message] of Object.entries(outcome)) add(element, kind, { message });
    if (output !== undefined) add(element, "system-out", {}).appendChild(document.createTextNode(output));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(document)}\n`;
}
