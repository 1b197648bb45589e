/** Milliseconds that a submit should take at most, so that no watchdog resets the device and no page stutters. */
export const LONGEST_SUBMIT = 100;
/** What is aimed at: far enough below, and long enough that the rest of a submit's cost does not count. */
export const AIM = 35;
/**
 * Products of four samples of the first submit: under 20 ms where a device does 16 million a second, which is slower than
 * two cores that emulate one.
 */
export const FIRST_WORK = 2 ** 18;
const LEAST_WORK = 2 ** 14;
const MOST_WORK = 2 ** 42;
/** A submit is at most so many times the one before, whatever that took: clocks may be coarse, and read 0. */
const GROWTH = 3;
/** Submits whose slowest sets the pace: one that is read late makes the next one look fast. */
const REMEMBERED = 3;

/** How much work a submit may be (products of four samples), from what the last ones took. */
export class Pace {
  private readonly fixed: number | undefined;
  private next: number;
  /** Work a millisecond of the last submits. */
  private rates: number[] = [];

  /** `fixed`: the work of every submit, whatever they take (tests that count). */
  constructor(fixed?: number) {
    this.fixed = fixed;
    this.next = fixed ?? FIRST_WORK;
  }

  get work(): number {
    return this.next;
  }

  /** A submit of `work` took `milliseconds`. */
  measured(work: number, milliseconds: number): void {
    if (this.fixed !== undefined || !(work > 0)) return;
    // The rest of a tile says nothing of a whole one, unless it took too long already.
    if (work < this.next / 2 && milliseconds < AIM) return;
    this.rates = [...this.rates.slice(1 - REMEMBERED), work / Math.max(milliseconds, 1e-3)];
    const wanted = Math.min(AIM * Math.min(...this.rates), GROWTH * work);
    this.next = Math.min(MOST_WORK, Math.max(LEAST_WORK, Math.floor(wanted)));
  }

  /** Another device, or the same one after a reset: nothing is known of it. */
  restart(): void {
    this.rates = [];
    this.next = this.fixed ?? FIRST_WORK;
  }
}
