import { documentMaxCharacters, type InputItem, tooLong } from "./input-item.ts";

/** Each line that isn't empty; one that is too long for a record is refused, and memory stays bounded by it. */
export async function* readLines(
  chunks: AsyncIterable<string>,
  file: string,
): AsyncGenerator<readonly InputItem[]> {
  let line = 1;
  let rest = "";
  let restCharacters = 0;
  const itemOf = (text: string, characters: number): InputItem | undefined => {
    const at = line++;
    if (characters > documentMaxCharacters)
      return { kind: "refused", reason: tooLong(characters), text, file, line: at };
    const document = text.endsWith("\r") ? text.slice(0, -1) : text;
    return document.trim() === ""
      ? undefined
      : { kind: "document", text: document, file, line: at };
  };
  for await (const chunk of chunks) {
    const items: InputItem[] = [];
    let at = 0;
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", at)) {
      const item = itemOf(rest + chunk.slice(at, end), restCharacters + end - at);
      if (item !== undefined) items.push(item);
      rest = "";
      restCharacters = 0;
      at = end + 1;
    }
    restCharacters += chunk.length - at;
    if (rest.length < documentMaxCharacters)
      rest += chunk.slice(at, at + documentMaxCharacters - rest.length);
    if (items.length > 0) yield items;
  }
  const last = itemOf(rest, restCharacters);
  if (last !== undefined) yield [last];
}
