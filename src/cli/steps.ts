import { checkSteps, keptResults, type StepPlan, stepsOf } from "../association/keptSteps.ts";
import { planChecksum } from "../association/resume.ts";
import { WorkFolder, workPath } from "../node/workFolder.ts";
import { count, counted } from "../report/numbers.ts";
import type { Running } from "./cohortJob.ts";
import { saidComplete } from "./complete.ts";
import type { HashedInputs } from "./inputs.ts";
import { everyInput, identityOf, keepingError, type PlannedJob, removeWork } from "./keptParts.ts";
import type { Invocation } from "./shell.ts";

/** A command whose work is a plain sequence of steps: fine-mapping gene by gene, say. */
export interface SteppedJob extends PlannedJob {
  /** Input files of its own, by role. */
  readonly inputs: Readonly<Record<string, string | undefined>>;
}

/** `run`, unless the result is there already; with `--resume` a stop says where the steps are kept. */
export async function runSteps(job: SteppedJob, shell: Invocation, run: () => Promise<void>): Promise<void> {
  if (await saidComplete(job, shell)) return;
  try {
    await run();
  } catch (error) {
    throw job.options.resume ? keepingError(error, job.options) : error;
  }
}

/** The steps of a job: done as they come, or kept in the work folder. */
export interface Steps {
  /** A result an item, in order; see `keptResults`. */
  results<Item, Result>(
    plan: StepPlan<Item>,
    work: (items: readonly Item[]) => AsyncIterable<Result>,
  ): AsyncIterable<Result>;
  /** The result is there: the steps are not needed any more. */
  remove(): Promise<void>;
}

/**
 * The steps of a job with these `plans`; `order` tells plans of one length apart. With `--resume` those that were done before are taken up, which is
 * said. Throws UsageError where what is kept is of another run.
 */
export async function openSteps(
  running: Running,
  job: SteppedJob,
  hashing: { readonly inputs: Promise<HashedInputs> },
  plans: readonly StepPlan<unknown>[],
  order: ArrayLike<number> = [],
): Promise<Steps> {
  if (!job.options.resume) return { results: ({ items }, work) => work(items), async remove() {} };
  const inputs = everyInput(await hashing.inputs);
  const work = await WorkFolder.open(workPath(job.options.out), identityOf(job, inputs));
  const whole = await takenUp(running, work, plans, order);
  const { signal } = running.shell;
  const { store } = work;
  return {
    results: (plan, compute) => keptResults(store, plan, whole, compute, signal),
    remove: () => removeWork(running, work),
  };
}

/** Numbers of the steps in the folder that are whole. */
async function takenUp(
  { terminal, onMachine, shell }: Running,
  work: WorkFolder,
  plans: readonly StepPlan<unknown>[],
  order: ArrayLike<number>,
): Promise<ReadonlySet<number>> {
  const { whole, damaged } = await checkSteps(work.store, shell.signal);
  for (const name of damaged) onMachine(`${work.path}/${name}: is damaged; its part is done again`);
  const sizes = plans.flatMap((plan) => [plan.first, plan.items.length, plan.size]);
  const parts = plans.reduce((sum, plan) => sum + stepsOf(plan), 0);
  await work.settle({ parts, checksum: planChecksum(Float64Array.from([...sizes, ...Array.from(order)])) });
  if (whole.size > 0)
    terminal.status(
      `Resuming: ${counted(whole.size, "part")} of ${count(parts)} done before, ${count(parts - whole.size)} to do`,
    );
  return whole;
}
