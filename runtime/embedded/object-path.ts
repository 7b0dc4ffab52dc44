/**
 * Keys as paths of files. A key's last part is a file, the others are folders. Where names are marked, those of files end in `~`, and those
 * of folders never do: so `a` and `a/b` can both exist. What is not a plain letter, digit or sign is percent-encoded.
 */
export interface ObjectPath {
  readonly folders: readonly string[];
  readonly file: string;
}

export type FileNames = "marked" | "plain";

const marks: Readonly<Record<FileNames, string>> = { marked: "~", plain: "" };

export function pathOfKey(key: string, names: FileNames): ObjectPath {
  const parts = key.split("/").map(encodePart);
  return { folders: parts.slice(0, -1), file: `${parts.at(-1)!}${marks[names]}` };
}

/** What a name in a folder is: the last part of a key, or a part and the slash behind it. */
export function keyPartOf(
  name: string,
  { isFolder, names }: { readonly isFolder: boolean; readonly names: FileNames },
): string {
  if (isFolder) return `${decodePart(name)}/`;
  return decodePart(name.slice(0, name.length - marks[names].length));
}

const emptyPart = "%";

function encodePart(part: string): string {
  if (part === "") return emptyPart;
  const encoded = encodeURIComponent(part).replaceAll("~", "%7E").replaceAll("*", "%2A");
  return encoded.startsWith(".") ? `%2E${encoded.slice(1)}` : encoded;
}

const decodePart = (name: string): string => (name === emptyPart ? "" : decodeURIComponent(name));
