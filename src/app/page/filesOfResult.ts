import type { FileRole, GivenFile } from "../engine/protocol.ts";
import { files, understanding } from "./state.ts";

/** Tables of a result, and what its views read beside them. */
const OF_RESULT: readonly FileRole[] = ["result", "annotation", "recombination", "gwas", "context"];

/** The files that a result is shown with, each as what it is understood as. */
export function filesOfResult(): GivenFile[] {
  const roles = new Map((understanding.peek()?.files ?? []).map(({ name, role }) => [name, role]));
  return files.peek().flatMap((file): GivenFile[] => {
    const role = file.role ?? roles.get(file.name);
    return role !== undefined && OF_RESULT.includes(role) ? [{ ...file, role }] : [];
  });
}

/** Of these, what is shown with a result whose tables are elsewhere. */
export function filesBeside(): GivenFile[] {
  return filesOfResult().filter(({ role }) => role !== "result");
}
