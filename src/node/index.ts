export * from "../core.ts";
export { type BackendName, type BackendOptions, createBackend } from "./backends.ts";
export {
  type CohortFiles,
  type ExpressionFiles,
  type OpenCohort,
  openCohort,
  openExpression,
} from "./open.ts";
