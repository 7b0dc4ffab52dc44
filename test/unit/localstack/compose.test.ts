import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../tidy/sources.ts";

const compose = readFileSync(join(root, "localstack/compose.yaml"), "utf8");

test("the compose file publishes its ports on the loopback interface only", () => {
  const ports = [...compose.matchAll(/^ {6}- "([^"]+)"$/gm)].map(([, port]) => port);
  expect(ports).toEqual(["127.0.0.1:4566:4566"]);
});

test("the compose file pins its image", () => {
  const images = [...compose.matchAll(/^ +image: (.+)$/gm)].map(([, image]) => image);
  expect(images).toEqual([expect.stringMatching(/^localstack\/localstack:\d+\.\d+\.\d+$/)]);
});
