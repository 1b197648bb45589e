// A consumer's page: the browser entry, no files, no threads.
import { createBackend, mapCis, openCohort } from "qortex";

declare global {
  var mapFiles: (files: readonly File[]) => Promise<{ tests: number; leads: readonly string[] }>;
}

globalThis.mapFiles = async (files) => {
  const [bed, bim, fam, expression] = files;
  if (!bed || !bim || !fam || !expression) throw new Error("four files are needed");
  const cohort = await openCohort({ genotypes: { bed, bim, fam }, expression });
  const run = mapCis(cohort, { backend: await createBackend("reference"), window: 10_000 });
  for await (const _ of run);
  return { tests: run.result().counts.tests, leads: run.result().leads.lead.id };
};
