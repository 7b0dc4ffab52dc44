/**
 * JSON documents that stand one behind the other, with or without white space between them; no more than one above `max`. Whether they are
 * JSON is for the parser to say: what never closes goes on to the end.
 */
export function joinedDocuments(text: string, max: number): readonly string[] {
  const documents: string[] = [];
  for (let at = behindSpace(text, 0); at < text.length && documents.length <= max;) {
    const end = endOfDocument(text, at);
    documents.push(text.slice(at, end));
    at = behindSpace(text, end);
  }
  return documents;
}

function behindSpace(text: string, from: number): number {
  space.lastIndex = from;
  space.test(text);
  return space.lastIndex;
}

const space = /[ \t\r\n]*/y;
/** What a document outside of texts is told by. */
const mark = /["[\]{}]/g;
/** Behind a number, `true`, `false` or `null`. */
const endOfWord = /[ \t\r\n"[{]|$/g;

function endOfDocument(text: string, start: number): number {
  if (text[start] === '"') return endOfText(text, start);
  if (text[start] !== "{" && text[start] !== "[") {
    endOfWord.lastIndex = start + 1;
    return endOfWord.exec(text)!.index;
  }
  let depth = 0;
  mark.lastIndex = start;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    const [sign] = found;
    if (sign === '"') mark.lastIndex = endOfText(text, found.index);
    else depth += sign === "{" || sign === "[" ? 1 : -1;
    if (depth === 0) return found.index + 1;
  }
  return text.length;
}

function endOfText(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1))
    if (!isEscaped(text, at)) return at + 1;
  return text.length;
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === "\\") first -= 1;
  return (at - first) % 2 === 1;
}
