import { deploymentError, type MillraceError } from "../runtime/errors/millrace-error.ts";

/** By the system's code: what is wrong, our code of it, and what would be right. */
const known: Readonly<Record<string, (path: string) => MillraceError>> = {
  ENOENT: (path) =>
    deploymentError("file-missing", {
      message: `There is no "${path}".`,
      next: "Look at the path, which starts from the working folder, and at the folders on its way.",
    }),
  EACCES: (path) =>
    deploymentError("file-denied", {
      message: `"${path}" may not be read or written by this user.`,
      next: "Give this user the right, or another path.",
    }),
  EPERM: (path) =>
    deploymentError("file-denied", {
      message: `The system does not permit that with "${path}".`,
      next: "Give this user the right, or another path.",
    }),
  EROFS: (path) =>
    deploymentError("file-denied", {
      message: `"${path}" lies in a file system that can only be read.`,
      next: "Give a path that can be written to.",
    }),
  EISDIR: (path) =>
    deploymentError("file-is-folder", {
      message: `"${path}" is a folder, and a file is needed.`,
      next: "Give the path of a file.",
    }),
  ENOTDIR: (path) =>
    deploymentError("file-no-folder", {
      message: `Something on the way to "${path}" is a file, and a folder is needed.`,
      next: "Give another path.",
    }),
  EEXIST: (path) =>
    deploymentError("file-no-folder", {
      message: `"${path}" is a file, and a folder is needed.`,
      next: "Give another path, or move the file away.",
    }),
  ENOSPC: (path) =>
    deploymentError("disk-full", {
      message: `There is no room left on the disk of "${path}".`,
      next: "Make room; what a job had committed before is safe.",
    }),
  EMFILE: (path) =>
    deploymentError("too-many-files", {
      message: `This process has too many open files to open "${path}".`,
      next: "Raise the limit, for example with `ulimit -n 4096`.",
    }),
};

/** An error of the file system as one of our own; all else as it is. A file that is being read is not always named by the system. */
export function asKnownError(thrown: unknown, file?: string): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const { code, path = file, cause } = thrown as NodeJS.ErrnoException;
  if (typeof code !== "string" || typeof path !== "string") return thrown;
  const translated = known[code]?.(path);
  if (translated === undefined || cause !== undefined) return thrown;
  return translated;
}
