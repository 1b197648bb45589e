import type { Gram } from "../gram.ts";

/** Products on a device, and elsewhere once that is gone for good. */
export class FallingGram implements Gram {
  private readonly own: Gram;
  private readonly elsewhere: () => Promise<Gram>;
  /** Says so, and whether the error means that. */
  private readonly isLoss: (error: unknown) => boolean;
  private other: Promise<Gram> | undefined;

  constructor(own: Gram, elsewhere: () => Promise<Gram>, isLoss: (error: unknown) => boolean) {
    this.own = own;
    this.elsewhere = elsewhere;
    this.isLoss = isLoss;
  }

  async products(from: number, to: number, signal?: AbortSignal): Promise<Float64Array> {
    if (this.other === undefined) {
      try {
        return await this.own.products(from, to, signal);
      } catch (error) {
        if (!this.isLoss(error)) throw error;
        this.other ??= this.elsewhere();
      }
    }
    return (await this.other).products(from, to, signal);
  }

  async dispose(): Promise<void> {
    await this.own.dispose();
    await (await this.other)?.dispose();
  }
}
