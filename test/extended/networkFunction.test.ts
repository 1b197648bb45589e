import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect } from "vitest";
import { createReferenceBackend } from "../../src/compute/reference/backend.ts";
import { geneComponents } from "../../src/network/components.ts";
import { geneProfiles } from "../../src/network/coregulation.ts";
import { predictFunctions } from "../../src/network/functionPrediction.ts";
import { dot, standardise } from "../../src/statistics/linalg.ts";
import { rankSum } from "../../src/statistics/rankSum.ts";
