import { type Document, placeOf } from "./documents.ts";

/** `llms.txt` (llmstxt.org): what there is to read, for programs that read; each page stands beside its HTML as Markdown. */
export function llmsText(documents: readonly Document[]): string {
  const readme = documents.find(({ path }) => path === "README.md");
  const lines = documents
    .filter((document) => document !== readme)
    .map(({ path, title, text }) => `- [${title}](/${placeOf(path)}.md): ${firstSentence(text)}`);
  return [
    `# ${readme?.title ?? "Millrace"}`,
    "",
    `> ${firstSentence(readme?.text ?? "")}`,
    "",
    "## Documents",
    "",
    ...lines,
    "",
  ].join("\n");
}

/** Of the first paragraph of a document that is no heading. */
function firstSentence(text: string): string {
  const paragraphs = text.split(/\n{2,}/).map((paragraph) => paragraph.trim());
  const first = paragraphs.find((paragraph) => /^[A-Za-z*`]/.test(paragraph)) ?? "";
  const line = first.replaceAll("\n", " ").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return /^.*?[.:](?=\s|$)/.exec(line)?.[0] ?? line;
}
