import * as z from "zod/mini";
import type { Route } from "./route.ts";
import { routes } from "./routes/index.ts";
import { problem } from "./schemas/common.ts";

type Schema = z.ZodMiniType;

let document: object | undefined;

/** The API as an OpenAPI 3.1 document, made from the schemas that requests and answers have. */
export function openApi(): object {
  document ??= {
    openapi: "3.1.1",
    info: {
      title: "Millrace",
      version: "1",
      summary: "What jobs do, and what they keep.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    paths: pathsOf(routes),
    components: { schemas: { Problem: jsonSchema(problem, "output") } },
  };
  return document;
}

function pathsOf(all: readonly Route[]): object {
  const byPath = Map.groupBy(all, ({ path }) => path);
  return Object.fromEntries(
    Array.from(byPath, ([path, found]) => [
      path,
      Object.fromEntries(found.map((route) => [route.method, operationOf(route)])),
    ]),
  );
}

function operationOf(route: Route): object {
  const { method, path, summary, pathSchema, querySchema, bodySchema, answerSchema, type } = route;
  return {
    operationId: operationId(method, path),
    summary,
    parameters: [...parametersOf("path", pathSchema), ...parametersOf("query", querySchema)],
    ...(bodySchema && {
      requestBody: { required: false, content: contentOf("application/json", bodySchema) },
    }),
    responses: {
      [route.status]: { description: summary, content: contentOf(type, answerSchema) },
      default: {
        description: "What went wrong",
        content: {
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        },
      },
    },
  };
}

/** Such as `getJobsJobPlan`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z]+/).filter((word) => word !== "");
  return method + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
}

function parametersOf(place: "path" | "query", schema: Schema): readonly object[] {
  const { properties = {}, required = [] } = jsonSchema(schema, "input") as {
    readonly properties?: Readonly<Record<string, object>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: one,
  }));
}

const contentOf = (type: string, schema: Schema) => ({
  [type]: { schema: jsonSchema(schema, "input") },
});

function jsonSchema(schema: Schema, io: "input" | "output"): object {
  // What is made of a parameter's text is no business of who writes it.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}
