import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { createApi } from "../../../http/create-api.ts";
import { routes } from "../../../http/routes/index.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";

const api = createApi({ ports: memoryPorts(), jobs: async () => [], allowWrites: false });
const served = (await (await api.request("/openapi.json")).json()) as {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
};

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

const operations = Object.entries(served.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test("the document is valid OpenAPI 3.1", async () => {
  const result = await new Validator().validate(structuredClone(served));
  expect(result.errors ?? []).toEqual([]);
  expect(served.openapi).toMatch(/^3\.1\./);
});

test("the document has every route, under an id of its own, with the parameters of its path", () => {
  expect(operations.map(({ path, method }) => `${method} ${path}`).toSorted()).toEqual(
    routes.map(({ path, method }) => `${method} ${path}`).toSorted(),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { path, operation } of operations) {
    const named = operation.parameters.filter((one) => one.in === "path").map(({ name }) => name);
    expect(named).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
  }
});
