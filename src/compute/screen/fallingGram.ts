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

  /** Fails for nothing that a lost device or a failed start elsewhere has said already: that would hide the cause. */
  async dispose(): Promise<void> {
    const other = await this.other?.catch(() => undefined);
    await other?.dispose();
    try {
      await this.own.dispose();
    } catch (error) {
      if (this.other === undefined || !this.isLoss(error)) throw error;
    }
  }
}
