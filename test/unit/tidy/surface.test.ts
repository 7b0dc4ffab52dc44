import { dirname, join, relative } from "node:path";
import { parseSync } from "rolldown/utils";
import { expect, test } from "vitest";
import { filesOf, productFiles, root } from "./sources.ts";

/** Exports that are named in text only: what a bundler's entry imports, and what users import of a package's folder. */
const entries =
  /^(bundle\/job-of|functions\/aws-(process|coordinator)|functions\/api\/aws-api|.*\/index|functions\/(process|coordinator))\.ts$/;

/** Fields that somebody outside this repository's TypeScript reads. */
const readElsewhere: Readonly<Record<string, string>> = {
  accessKeyId: "the AWS SDK",
  secretAccessKey: "the AWS SDK",
  sessionToken: "the AWS SDK",
  Bindings: "the router",
  sortKey: "the CDK",
  keyType: "the CDK",
  metricSupersededRows: "users of the construct",
  UUID: "the AWS SDK",
  emits: "the compiler: a type is all that it carries",
  milliseconds: "durations are read unit by unit",
  proposeCompletions: "the library that parses commands",
  withNegated: "the library that parses commands",
  inferEmpty: "the library that parses commands",
  askedMs: "whoever looks at the row",
};

/** Members of unions that are there without being written. */
const producedElsewhere: Readonly<Record<string, string>> = {
  "compute=reduce": "a plan calls the computation of a window as its graph does",
  "compute=process": "the same",
};

/** A node of the syntax tree, as the parser gives it. */
interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A node with the field of its parent in which it stands, and all nodes above it, the outermost first. */
interface Place {
  readonly node: Node;
  readonly field: string;
  readonly above: readonly Node[];
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

function* placesIn(node: Node, above: readonly Node[] = [], field = ""): Generator<Place> {
  yield { node, field, above };
  const inside = [...above, node];
  for (const [name, value] of Object.entries(node))
    for (const child of Array.isArray(value) ? value : [value])
      if (isNode(child)) yield* placesIn(child, inside, name);
}

const nameOf = (node: unknown): string => {
  const { name, value } = (node ?? {}) as { readonly name?: string; readonly value?: unknown };
  return name ?? (typeof value === "string" ? value : "");
};

interface Parsed {
  readonly path: string;
  readonly isProduct: boolean;
  readonly places: readonly Place[];
}

const product = new Set(productFiles.map(({ path }) => path));
const files: readonly Parsed[] = filesOf(/\.tsx?$/).map(({ path, text }) => ({
  path,
  isProduct: product.has(path),
  places: [...placesIn(parseSync(path, text).program as unknown as Node)],
}));
const productPlaces = files
  .filter(({ isProduct }) => isProduct)
  .flatMap(({ path, places }) => places.map((place) => ({ path, ...place })));

/** `path name` of everything that a file takes from another one; the name is "*" where it takes all. */
function importsIn({ path, places }: Parsed): readonly string[] {
  return places.flatMap(({ node }) => {
    const from = nameOf(node["source"]);
    if (!from.startsWith(".")) return [];
    const target = relative(root, join(root, dirname(path), from));
    const specifiers = (node["specifiers"] ?? []) as readonly Node[];
    if (node.type === "ImportExpression" || node.type === "ExportAllDeclaration")
      return [`${target} *`];
    return specifiers.map((specifier) => {
      if (specifier.type === "ImportNamespaceSpecifier") return `${target} *`;
      const isImport = specifier.type === "ImportSpecifier";
      return `${target} ${nameOf(specifier[isImport ? "imported" : "local"])}`;
    });
  });
}

/** Names of functions, classes and constants that a file exports. */
function valuesOf({ places }: Parsed): readonly string[] {
  return places.flatMap(({ node }) => {
    const declaration = node["declaration"] as Node | null | undefined;
    if (node.type !== "ExportNamedDeclaration" || !isNode(declaration)) return [];
    if (declaration.type.startsWith("TS")) return [];
    const declared = (declaration["declarations"] ?? [declaration]) as readonly Node[];
    return declared.map(({ id }) => nameOf(id));
  });
}

test("every exported function, class and constant is imported by another file", () => {
  const taken = new Set(files.flatMap(importsIn));
  const unused = files
    .filter(({ path, isProduct }) => isProduct && !entries.test(path))
    .flatMap((file) => valuesOf(file).map((name) => `${file.path} ${name}`))
    .filter((place) => !taken.has(place) && !taken.has(place.replace(/ .*/, " *")));
  expect(unused).toEqual([]);
});

/** Names that somebody reads: as a property, in a pattern, or written out, as in `Pick<Slot, "name">`. */
const read = new Set(
  files.flatMap(({ places }) =>
    places.flatMap(({ node, field, above }) => {
      const parent = above.at(-1);
      const isWritten =
        parent?.type === "AssignmentExpression" && field === "left" && parent["operator"] === "=";
      if (node.type === "MemberExpression" && !isWritten) return [nameOf(node["property"])];
      if (node.type === "Property" && parent?.type === "ObjectPattern")
        return [nameOf(node["key"])];
      return node.type === "Literal" ? [nameOf(node)] : [];
    }),
  ),
);

test("every field and method is read by somebody", () => {
  const unread = productPlaces
    .filter(({ node }) => /^TS(Property|Method)Signature$/.test(node.type))
    // A computed name is a mark for the compiler: nobody has it.
    .filter(({ node }) => node["computed"] !== true)
    .map(({ path, node }) => ({ path, name: nameOf(node["key"]) }))
    .filter(({ name }) => name !== "" && !read.has(name) && readElsewhere[name] === undefined)
    .map(({ path, name }) => `${path} ${name}`);
  expect(unread).toEqual([]);
});

const comparison = /^[!=]==?$/;

/** Strings as values, and not only compared with: `x`, and `field=x` for each field within whose value they stand. */
const produced = new Set(
  files.flatMap(({ places }) =>
    places.flatMap(({ node, field, above }) => {
      const parent = above.at(-1);
      const isCompared =
        (parent?.type === "BinaryExpression" && comparison.test(String(parent["operator"]))) ||
        (parent?.type === "SwitchCase" && field === "test");
      if (node.type !== "Literal" || parent?.type === "TSLiteralType" || isCompared) return [];
      const fields = above.filter(({ type }) => type === "Property");
      return [nameOf(node), ...fields.map(({ key }) => `${nameOf(key)}=${nameOf(node)}`)];
    }),
  ),
);

const plainType = /^TS(PropertySignature|TypeAnnotation|LiteralType)$/;

/** What a literal in a type stands for: `field=x` where it alone is the type of a field, and else the literal; none in arguments of types. */
function memberOf({ node, above }: Place): string | undefined {
  if (node.type !== "Literal" || above.at(-1)?.type !== "TSLiteralType") return undefined;
  if (above.some(({ type }) => /^TS(TypeParameterInstantiation|IndexedAccessType)$/.test(type)))
    return undefined;
  const at = above.findLastIndex(({ type }) => type === "TSPropertySignature");
  const isOfField = at !== -1 && above.slice(at).every(({ type }) => plainType.test(type));
  return isOfField ? `${nameOf(above[at]?.["key"])}=${nameOf(node)}` : nameOf(node);
}

test("every member of a union is produced by somebody", () => {
  const missing = productPlaces
    .map((place) => ({ path: place.path, member: memberOf(place) }))
    .filter(({ member }) => member !== undefined && member !== "" && !produced.has(member))
    .filter(({ member = "" }) => producedElsewhere[member] === undefined)
    .map(({ path, member }) => `${path} ${member}`);
  expect(missing).toEqual([]);
});
