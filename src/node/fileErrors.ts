import { InputError, LimitError, QortexError } from "../errors.ts";

/** The `code` of a system error (`ENOSPC`, `EACCES`, ...), or "". */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/**
 * What a failed write to `path` comes to: one line with what happened, where and what to do. Errors of
 * ours pass through. `written` is the number of bytes that had gone in.
 */
export function writeError(error: unknown, path: string, written = 0): QortexError {
  if (error instanceof QortexError) return error;
  const cause = { cause: error };
  const code = errorCode(error);
  const after = written > 0 ? ` after ${written} bytes` : "";
  switch (code) {
    case "ENOSPC":
      return new LimitError(
        `${path}: the disk is full${after}; free space or name an output folder on another disk`,
        cause,
      );
    case "EDQUOT":
      return new LimitError(
        `${path}: the disk quota is used up${after}; free space or name another output folder`,
        cause,
      );
    case "EFBIG":
      return new LimitError(
        `${path}: the file system takes no larger file${after}; name an output folder on another disk`,
        cause,
      );
    case "EMFILE":
    case "ENFILE":
      return new LimitError(`${path}: too many files are open; raise the limit (ulimit -n)`, cause);
    case "EACCES":
    case "EPERM":
      return new InputError(path, "no permission to write", "change it or name another output folder", cause);
    case "EROFS":
      return new InputError(path, "the file system is read-only", "name another output folder", cause);
    case "ENOTDIR":
      return new InputError(path, "a part of the path is a file", "name another output folder", cause);
    case "ENAMETOOLONG":
      return new InputError(path, "the path is too long", "name a shorter one", cause);
    default:
      return new InputError(
        path,
        `cannot be written${after} (${code === "" ? String(error) : code})`,
        "check the disk or name another output folder",
        cause,
      );
  }
}
