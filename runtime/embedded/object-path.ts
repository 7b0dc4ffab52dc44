/**
 * Keys as paths of files. A key's last part is a file whose name ends in `~`, the others are folders, whose names never
 * do: so `a` and `a/b` can both exist. What is not a plain letter, digit or sign is percent-encoded.
 */
export interface ObjectPath {
  readonly folders: readonly string[];
  readonly file: string;
}

const fileMark = "~";

export function pathOfKey(key: string): ObjectPath {
  const parts = key.split("/").map(encodePart);
  return { folders: parts.slice(0, -1), file: `${parts.at(-1)!}${fileMark}` };
}

/** What a name in a folder is: the last part of a key, or a part and the slash behind it. */
export function keyPartOfName(name: string): string {
  return name.endsWith(fileMark)
    ? decodePart(name.slice(0, -fileMark.length))
    : `${decodePart(name)}/`;
}

const emptyPart = "%";

function encodePart(part: string): string {
  if (part === "") return emptyPart;
  const encoded = encodeURIComponent(part).replaceAll("~", "%7E").replaceAll("*", "%2A");
  return encoded.startsWith(".") ? `%2E${encoded.slice(1)}` : encoded;
}

const decodePart = (name: string): string => (name === emptyPart ? "" : decodeURIComponent(name));
