import { expect, test } from "vitest";
import { type AnyValue } from "../../../runtime/graph/node.ts";
import { patternsOf, skipToLast } from "../../../runtime/patterns/index.ts";
import { patternNode } from "./pattern-words.ts";

const { begin } = patternsOf<string>();

test.each<[string, RegExp]>([
  ["begin x=a ; next x=b", /Two stages of a pattern are called "x"/],
  ["begin x=a optional ; notNext y=b", /"y" must not follow a stage that may be left out/],
  ["begin x=a ; notNext y=b optional", /"y" must not come: it can't be repeated or left out/],
  [
    "begin x=a oneOrMore greedy ; next y=b optional",
    /"y" may be left out, and stands behind a greedy/,
  ],
  ["begin x=a oneOrMore times:2", /"x" is repeated in two ways/],
  ["begin x=a optional optional", /"x" is optional twice/],
  ["begin x=a greedy", /"x" can't be greedy: it is taken once/],
  ["begin x=a oneOrMore combinations greedy", /"x" can't be greedy: it allows combinations/],
  ["begin x=a consecutive", /"x" is taken once: nothing lies between/],
  ["begin x=a oneOrMore consecutive combinations", /"x" is consecutive already/],
  ["begin x=a until:b", /"x" has an until, and is no loop/],
  ["begin x=a oneOrMore until:b until:c", /"x" has two untils/],
  ["begin x=a times:0", /"x" is to come 0 times/],
  ["begin x=a times:1,100001", /"x" is to come 1 to 100001 times/],
  ["begin x=a more:100001", /"x" is to come 100001 times or more/],
  ["begin x=a times:3,2", /"x" is to come 3 to 2 times/],
  ["begin x=a more:0", /"x" is to come 0 times or more/],
  ["begin x=a within:0", /is to match within 0 ms/],
  ["begin ( begin x=a ) oneOrMore greedy", /A group can't be greedy/],
  [
    "begin ( begin x=a optional ) oneOrMore ; next y=b",
    /may be empty: it would be repeated for ever/,
  ],
  ["begin x=a ; notFollowedBy y=b", /ends with Stage "y", which must not follow, and no time/],
  [
    "begin x=a ; next y=b prev:20 within:10",
    /"y" of "found" may wait longer than the whole pattern/,
  ],
])("refuses %s", (words, message) => {
  expect(() => patternNode(words)).toThrow(
    expect.objectContaining({
      code: "pattern-invalid",
      message: expect.stringMatching(message) as string,
    }) as Error,
  );
});

test("refuses what the compiler does not see", () => {
  const any = begin as AnyValue;
  expect(() => any("")).toThrow(/A stage has no name/);
  expect(() => any({})).toThrow(/A group is no pattern/);
  expect(() => (begin(begin("x")) as AnyValue).where(() => true)).toThrow(
    /has no condition of its own/,
  );
  expect(() => patternNode("begin x=a", { afterMatch: skipToLast("y") })).toThrow(
    /skips to stage "y", which its pattern has not/,
  );
});

test("a pattern never changes", () => {
  const one = begin("x").where((element) => element === "a");
  const [often, never] = [one.oneOrMore(), one.notNext("y")];
  expect(one.definition.identity).not.toEqual(often.definition.identity);
  expect(never.definition.stages).toEqual(["x"]);
  expect(Object.isFrozen(one)).toBe(true);
});
