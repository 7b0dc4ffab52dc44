import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesOf, root } from "./sources.ts";

const ownFile = "test/unit/tidy/text.test.ts";
const codeFiles = filesOf(
  /^(runtime|functions|bundle|dev|cdk|localstack|cli|examples|bench|test)\/.*\.ts$/,
).filter(({ path }) => path !== ownFile);

test("no test is left out or singled out, and nothing is left to do", () => {
  const marks = /\b(?:test|it|describe|suite)\.(?:only|skip|todo|fails)\b|\b(?:TODO|FIXME|XXX)\b/;
  const offenders = codeFiles.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, at) => (marks.test(line) ? [`${path}:${at + 1}`] : [])),
  );
  expect(offenders).toEqual([]);
});

test("no test has a limit of time that a busy machine breaks: waiting has the patience of all tests", () => {
  // The time-out of a test, behind its function; and what waits for a second where it isn't told.
  const timeouts = /\}, \d+_\d{3}\);|\n *\d+_\d{3},\n *\);/g;
  const waits = /\bvi\.wait(?:For|Until)\(|\.poll\(/g;
  const tests = codeFiles.filter(({ path }) => /^test\/(?!localstack\/)/.test(path));
  const offenders = tests.flatMap(({ path, text }) => {
    const placeOf = ({ index }: RegExpExecArray): string =>
      `${path}:${text.slice(0, index + 1).split("\n").length}`;
    const unlimited = [...text.matchAll(waits)].filter(
      ({ index }) => !text.slice(index, index + 400).includes("timeout: patienceMs"),
    );
    return [...text.matchAll(timeouts), ...unlimited].map(placeOf);
  });
  expect(offenders).toEqual([]);
});

test("every rule of the protocol that code names is in docs/protocol.md", () => {
  const protocol = readFileSync(join(root, "docs/protocol.md"), "utf8");
  const rules = new Set(
    [...protocol.matchAll(/^#{2,3} (\d+(?:\.\d+)?)\b/gm)].map(([, rule]) => rule),
  );
  expect(rules.size).toBeGreaterThan(20);
  const named = /protocol(?:\.md,?)?(?: section)? (\d+(?:\.\d+)?)(?: (?:to|and) (\d+(?:\.\d+)?))?/g;
  const dangling = codeFiles.flatMap(({ path, text }) =>
    [...text.matchAll(named)].flatMap(([, ...numbers]) =>
      numbers
        .filter((rule) => rule !== undefined && !rules.has(rule))
        .map((rule) => `${path} names protocol ${rule}`),
    ),
  );
  expect(dangling).toEqual([]);
});

test("documents that code and documents point to exist", () => {
  const everywhere = [...codeFiles, ...filesOf(/^[^/]+\.md$|^docs\/.*\.md$/)];
  const known = new Set(filesOf(/\.md$/).map(({ path }) => path));
  const dangling = everywhere.flatMap(({ path, text }) =>
    [...text.matchAll(/\bdocs\/[a-z-]+\.md\b/g)]
      .filter(([name]) => !known.has(name))
      .map(([name]) => `${path} names ${name}`),
  );
  expect(dangling).toEqual([]);
});
