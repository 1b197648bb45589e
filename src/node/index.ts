export * from "../core.ts";
export { type BackendName, type BackendOptions, createBackend } from "./backends.ts";
export {
  type CohortFiles,
  type ExpressionFiles,
  type OpenCohort,
  openCohort,
  openExpression,
} from "./open.ts";
export { openResult, type Result, type ResultManifest, type ResultTable } from "./result.ts";
export { spawnThread } from "./threads.ts";
