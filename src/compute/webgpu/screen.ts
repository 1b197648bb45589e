import { throwIfAborted } from "../../errors.ts";
import type { Activity } from "./activity.ts";
import { type Chunk, wordsOf } from "./columns.ts";
import { loadColumns, tileEnd } from "./columnTile.ts";
import type { DeviceKeeper } from "./keeper.ts";
import type { Lease } from "./lease.ts";
import type { Pace } from "./pace.ts";
import { bytesOfRow, type GpuJob, loadRows, type RowTile } from "./rowTile.ts";
import { type Found, screenTile } from "./select.ts";
import type { Session } from "./session.ts";
import type { Block } from "./variants.ts";
import { type TileShape, tileShape } from "./work.ts";

/** Entries of candidates that there is room for: 4 MiB. */
const CAPACITY = 2 ** 20;
/** Bytes of columns that a buffer holds at most. */
const CHUNK = 2 ** 28;
/** While one submit runs, the next one's lines are uploaded and the last one's results are read and used. */
const IN_FLIGHT = 2;

/** Settings that change nothing in a result, but for `boundScale` (see `rowFactors`), which tests spoil. */
export interface WebGpuSettings {
  /** Entries of candidates that there is room for. */
  readonly capacity?: number;
  /** Bytes of the largest buffer, where that is less than the device's own limit. */
  readonly binding?: number;
  readonly boundScale?: number;
  /** Work of every submit, in place of what their times say. */
  readonly work?: number;
  /** The block of every product, in place of what their shapes say. */
  readonly block?: Block;
}

/** What a product is screened with. */
export interface ScreenRun {
  readonly job: GpuJob;
  readonly block: Block;
  /** Whether thresholds are first raised to what some row is certain to reach. */
  readonly raise: boolean;
  readonly keeper: DeviceKeeper;
  readonly pace: Pace;
  readonly activity: Activity;
  readonly settings: WebGpuSettings;
}

/** Who is told what was found, in order of row tiles and in each of columns. */
export interface Sink {
  found(found: Found): void;
  /** All of the rows before `to` are done. */
  rowsDone(to: number): void;
}

/**
 * Screens rows `from` on against all columns, a submit for some rows and some columns. `threshold` is read before each
 * submit. What the device still does when this throws is of no use.
 */
export async function screenFrom(
  run: ScreenRun,
  session: Session,
  from: number,
  threshold: Float32Array,
  sink: Sink,
  signal: AbortSignal | undefined,
): Promise<void> {
  const flight = new Flight(sink);
  try {
    const chunks = await uploadedColumns(run, session);
    for (let at = from; at < run.job.rows; ) {
      const to = Math.min(run.job.rows, at + shapeOf(run, session, run.job.rows - at).rows);
      const lease = flight.hold(session.lease());
      const rows = await loadRows(session, lease.take, run.job, at, to);
      for (let column = 0; column < run.job.columns; ) {
        throwIfAborted(signal);
        const most = Math.min(run.job.columns, column + shapeOf(run, session, to - at).columns);
        const end = tileEnd(column, most, chunks);
        const borrowed = flight.hold(session.lease());
        const found = screenColumns(run, session, borrowed, rows, chunks, column, end, threshold);
        const last = end === run.job.columns;
        flight.add({ found, leases: last ? [borrowed, lease] : [borrowed], rowsTo: last ? to : undefined });
        column = end;
        await flight.land(IN_FLIGHT - 1);
      }
      at = to;
    }
    await flight.land(0);
  } finally {
    await flight.end();
  }
}

interface Step {
  readonly found: Promise<Found | undefined>;
  /** What goes back once it is done. */
  readonly leases: readonly Lease[];
  /** Where this ends a row tile: the row after it. */
  readonly rowsTo: number | undefined;
}

/** Submits in flight, in order. */
class Flight {
  private readonly sink: Sink;
  private readonly steps: Step[] = [];
  private readonly leases = new Set<Lease>();

  constructor(sink: Sink) {
    this.sink = sink;
  }

  hold(lease: Lease): Lease {
    this.leases.add(lease);
    return lease;
  }

  add(step: Step): void {
    // Whoever lands it hears of a failure; until then nobody listens.
    step.found.catch(() => {});
    this.steps.push(step);
  }

  /** Waits until at most `left` are in flight, and uses what the others found. */
  async land(left: number): Promise<void> {
    while (this.steps.length > left) {
      const { found, leases, rowsTo } = this.steps[0]!;
      const result = await found;
      this.steps.shift();
      if (result !== undefined) this.sink.found(result);
      if (rowsTo !== undefined) this.sink.rowsDone(rowsTo);
      for (const lease of leases) this.release(lease);
    }
  }

  private release(lease: Lease): void {
    this.leases.delete(lease);
    lease.release();
  }

  /** Gives everything back, once nothing uses it. */
  async end(): Promise<void> {
    await Promise.allSettled(this.steps.map(({ found }) => found));
    for (const lease of this.leases) this.release(lease);
  }
}

async function uploadedColumns(run: ScreenRun, session: Session): Promise<(readonly Chunk[])[]> {
  const { cohorts, digits } = run.job;
  const bytes = Math.min(bindingOf(run, session), CHUNK);
  const chunks: (readonly Chunk[])[] = [];
  for (const { factor } of cohorts) chunks.push(await factor.columns.uploaded(session, digits, bytes));
  return chunks;
}

async function screenColumns(
  run: ScreenRun,
  session: Session,
  { take }: Lease,
  rows: RowTile,
  chunks: readonly (readonly Chunk[])[],
  from: number,
  to: number,
  threshold: Float32Array,
): Promise<Found | undefined> {
  const { job, block } = run;
  const tile = await loadColumns(session, take, job, block, rows, chunks, from, to, threshold);
  if (tile === undefined) return undefined;
  const work = tile.pairs * wordsAPair(run);
  return screenTile({ ...run, session, take, rows, tile, work, capacity: capacityOf(run) });
}

function bindingOf({ settings }: ScreenRun, { device: { limits } }: Session): number {
  const most = settings.binding ?? Number.MAX_VALUE;
  return Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize, most);
}

function capacityOf({ settings }: ScreenRun): number {
  return settings.capacity ?? CAPACITY;
}

function columnWords({ cohorts, digits }: GpuJob): number {
  return cohorts.reduce((sum, { integers }) => sum + wordsOf(integers), 0) * digits;
}

/** Products of four samples that a pair takes. */
function wordsAPair({ job, raise }: ScreenRun): number {
  return columnWords(job) * (raise ? 2 : 1);
}

/** The next tile's shape, where there are `rows` rows. */
function shapeOf(run: ScreenRun, session: Session, rows: number): TileShape {
  const { job, block, keeper, pace } = run;
  const cohorts = job.cohorts.length;
  const binding = bindingOf(run, session);
  return tileShape(
    {
      rows,
      columns: job.columns,
      rowBytes: Math.max(bytesOfRow(job), 4 * (2 * cohorts + 1)),
      columnBytes: 4 * Math.max(columnWords(job), 2 * cohorts, 3),
      wordsAPair: wordsAPair(run),
      block,
      work: pace.work,
      halvings: keeper.halvings,
      capacity: capacityOf(run),
    },
    { maxStorageBufferBindingSize: binding, maxBufferSize: binding },
  );
}
