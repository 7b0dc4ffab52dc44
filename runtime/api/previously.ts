/** The uids that an operator had before, as a node holds them; nothing where it had no other. */
export function previously(uids: readonly string[] | undefined): {
  readonly previousUids?: readonly string[];
} {
  return uids === undefined || uids.length === 0 ? {} : { previousUids: Object.freeze([...uids]) };
}
