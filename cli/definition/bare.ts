/** The same names and values without a prototype: what is typed finds nothing that was not defined, such as `constructor`. */
export function bare<T extends object>(entries: T): T {
  return Object.assign(Object.create(null) as object, entries);
}
