import { documentMaxCharacters, type InputItem, tooLong } from "./input-item.ts";
import { unreadable } from "./unreadable.ts";

/** Finds JSON documents in a text that comes in pieces, without reading them: a document is for the job's source to read. */
export interface JsonScanner {
  push(chunk: string): readonly InputItem[];
  /** @throws MillraceError `input-unreadable` where the text ends in the middle */
  end(): readonly InputItem[];
}

/** "array": the elements of one array. "documents": objects and arrays that stand one behind the other. */
export type JsonShape = "array" | "documents";

interface State {
  readonly file: string;
  readonly isArray: boolean;
  /** How deep the documents themselves lie. */
  readonly base: number;
  depth: number;
  isInText: boolean;
  /** The next character is of an escape. */
  isEscaped: boolean;
  isOver: boolean;
  line: number;
  /** The document in hand: as much of it as is kept, and of how many characters it is. */
  kept: string;
  characters: number;
  startLine: number;
  /** A comma was the last that stood between two documents. */
  isBehindComma: boolean;
}

export function jsonScanner(shape: JsonShape, file: string): JsonScanner {
  const isArray = shape === "array";
  const state: State = {
    file,
    isArray,
    base: isArray ? 1 : 0,
    depth: 0,
    isInText: false,
    isEscaped: false,
    isOver: false,
    line: 1,
    kept: "",
    characters: 0,
    startLine: 1,
    isBehindComma: false,
  };
  return {
    push: (chunk) => scan(state, chunk),
    end: () => finish(state),
  };
}

/** All that decides where a document ends, a line, or a text. */
const outside = /[[\]{},"\n]/g;
const inside = /["\\\n]/g;

function scan(state: State, chunk: string): readonly InputItem[] {
  const items: InputItem[] = [];
  let at = 0;
  if (state.isEscaped && chunk.length > 0) {
    keep(state, chunk.slice(0, 1));
    state.isEscaped = false;
    at = 1;
  }
  while (at < chunk.length) {
    const pattern = state.isInText ? inside : outside;
    pattern.lastIndex = at;
    const found = pattern.exec(chunk)?.index ?? chunk.length;
    keep(state, chunk.slice(at, found));
    at = found + 1;
    if (found < chunk.length) at += takeMark(state, { chunk, found, items });
  }
  return items;
}

interface Mark {
  readonly chunk: string;
  readonly found: number;
  readonly items: InputItem[];
}

/** Answers how many characters behind the mark are taken with it. */
function takeMark(state: State, { chunk, found, items }: Mark): number {
  const mark = chunk[found]!;
  if (mark === "\n") state.line += 1;
  if (state.isInText) return takeInText(state, mark, chunk[found + 1]);
  const isBetween = state.depth === state.base;
  if (mark === '"') {
    keep(state, mark);
    state.isInText = true;
  } else if (mark === "{" || mark === "[") {
    // The bracket of the array itself belongs to no document.
    if (state.isArray && state.depth === 0 && !state.isOver && mark === "[" && isBlank(state))
      clear(state);
    else keep(state, mark);
    state.depth += 1;
  } else if (mark === "}" || mark === "]") {
    takeClosing(state, mark, items);
  } else if (mark === "," && isBetween && state.isArray) {
    take(state, items, "a comma");
    state.isBehindComma = true;
  } else keep(state, mark);
  return 0;
}

function takeInText(state: State, mark: string, next: string | undefined): number {
  keep(state, mark);
  if (mark === '"') state.isInText = false;
  if (mark !== "\\") return 0;
  state.isEscaped = next === undefined;
  if (next === undefined) return 0;
  if (next === "\n") state.line += 1;
  keep(state, next);
  return 1;
}

function takeClosing(state: State, mark: string, items: InputItem[]): void {
  const closesArray = state.isArray && state.depth === 1 && mark === "]";
  if (closesArray) {
    if (state.isBehindComma || !isBlank(state)) take(state, items, "the end of the array");
    state.isOver = true;
    state.depth = 0;
    return clear(state);
  }
  keep(state, mark);
  state.depth -= 1;
  if (state.depth < state.base) throw misplaced(state, mark);
  if (!state.isArray && state.depth === 0) take(state, items, "");
}

function keep(state: State, text: string): void {
  if (text === "") return;
  const isOutside = state.depth < state.base || (!state.isArray && state.depth === 0);
  if (state.characters === 0) {
    const start = text.search(/\S/);
    if (start === -1) return;
    state.startLine = state.line;
    if (isOutside && (state.isArray || !/[{[]/.test(text[start]!)))
      throw misplaced(state, text.slice(start));
    return append(state, text.slice(start));
  }
  append(state, text);
}

function append(state: State, text: string): void {
  state.characters += text.length;
  const room = documentMaxCharacters - state.kept.length;
  if (room > 0) state.kept += text.slice(0, room);
}

function isBlank({ characters }: State): boolean {
  return characters === 0;
}

function clear(state: State): void {
  state.kept = "";
  state.characters = 0;
}

function take(state: State, items: InputItem[], before: string): void {
  const { file, characters, kept } = state;
  const line = characters === 0 ? state.line : state.startLine;
  const text = kept.trimEnd();
  if (characters > documentMaxCharacters)
    items.push({ kind: "refused", reason: tooLong(characters), text, file, line });
  else if (text === "")
    items.push({ kind: "refused", reason: `nothing stands before ${before}`, text, file, line });
  else items.push({ kind: "document", text, file, line });
  state.isBehindComma = false;
  clear(state);
}

function finish(state: State): readonly InputItem[] {
  if (state.isArray ? state.isOver : state.characters === 0) return [];
  throw unreadable(state.file, {
    what: state.isArray ? "the array has no end" : "the document has no end",
    line: state.characters === 0 ? state.line : state.startLine,
    beginning: state.kept,
    next: "Write the file anew: it may have been cut off.",
  });
}

function misplaced(state: State, text: string): Error {
  return unreadable(state.file, {
    what: state.isArray
      ? `something stands ${state.isOver ? "behind" : "before"} the array`
      : "no document begins here",
    line: state.line,
    beginning: text,
    next: state.isArray
      ? "Give one array in a file, or a document in each line."
      : "Give objects or arrays, one in each line or one behind the other.",
  });
}
