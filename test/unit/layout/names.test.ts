import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  objectNames,
  objectPrefixes,
  otherRows,
  parseObjectName,
  placeOfManifest,
  rowKeys,
  slotRows,
} from "../../../runtime/layout/names.ts";
import { filesOf, root } from "../tidy/sources.ts";

const place = { job: "<job>", generation: 7, slot: "<slot>", version: 9, id: "<id>" };
const protocol = readFileSync(join(root, "docs/protocol.md"), "utf8");

test("docs/protocol.md shows every row", () => {
  const keys = Object.values(rowKeys).map((keyOf) => keyOf(place.job, place.generation));
  const { putBeside, ...ofJob } = otherRows;
  const partitions = [...Object.values(slotRows), ...Object.values(ofJob)].map((of) =>
    of(place.job, place.generation),
  );
  partitions.push(putBeside("<stream>"));
  const shown = (text: string) => `\`${text.replaceAll("7", "<generation>")}\``;
  for (const { partition, sort } of keys)
    expect(protocol).toContain(`| ${shown(partition)} | ${shown(sort)} |`);
  for (const partition of partitions) expect(protocol).toContain(`| ${shown(partition)} |`);
});

test("docs/protocol.md shows every object", () => {
  const { manifest, garbageList, restoredSegment, description, ...ofVersion } = objectNames;
  const names = [
    ...Object.values(ofVersion).map((nameOf) => nameOf(place)),
    restoredSegment({ ...place, index: 3 }),
    garbageList(place.job, place.id),
    description(place.job, "<plan>"),
  ];
  for (const name of names) {
    const shown = name.replace("/7/", "/<generation>/").replace("/9-", "/<version>-");
    expect(protocol).toContain(`\`${shown.replace("restored-3", "restored-<index>")}\``);
  }
  const shownPrefix = objectPrefixes.deadLetters(place).replace("/7/", "/<generation>/");
  expect(protocol).toContain(`\`${shownPrefix}<version>-`);
});

test("a name tells what the object is, also where the slot's name has slashes", () => {
  const slot = "visits/shardId-000000000000";
  for (const [name, kind] of [
    ["body", "bodies"],
    ["frame", "frames"],
    ["inFlight", "in-flight"],
    ["part", "parts"],
    ["segment", "segments"],
  ] as const)
    expect(parseObjectName(objectNames[name]({ ...place, slot }))).toEqual({
      kind,
      generation: 7,
      slot,
      version: 9,
    });
  expect(parseObjectName(objectNames.restoredSegment({ ...place, slot, index: 0 }))).toEqual({
    kind: "segments",
    generation: 7,
    slot,
  });
  const manifest = objectNames.manifest("j", 7, 9);
  expect(parseObjectName(manifest)).toEqual({ kind: "manifest" });
  expect(placeOfManifest(manifest)).toEqual({ job: "j", generation: 7, epoch: 9 });
  expect(parseObjectName(objectNames.garbageList("j", "a"))).toEqual({ kind: "garbage-list" });
  const letters = `${objectPrefixes.deadLetters({ ...place, slot })}9-0.jsonl`;
  expect(parseObjectName(letters)).toEqual({ kind: "dead-letters" });
});

test("what is not of Millrace has no kind: it is never taken for garbage", () => {
  for (const name of [
    "j",
    "j/x/parts/a/1-b",
    "j/1/notes/a/1-b",
    "j/1",
    "j/plans/a.json",
    "photos/cat.jpg",
  ])
    expect(parseObjectName(name)).toBeUndefined();
});

test("no other file of the engine makes or takes apart such a name", () => {
  const made =
    /\}#(job|holds|event-source)\b|\}#\$\{[^}]*\}#|\/(parts|segments|bodies|in-flight|frames|manifests|dead-letters|garbage)\//;
  const offenders = filesOf(/^(runtime|cli|dev|testing|functions)\/.*\.ts$/)
    .filter(({ path }) => path !== "runtime/layout/names.ts")
    .filter(({ code }) => made.test(code));
  expect(offenders.map(({ path }) => path)).toEqual([]);
});
