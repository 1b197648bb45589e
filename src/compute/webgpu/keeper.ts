import { throwIfAborted } from "../../errors.ts";
import { disposedError } from "../product.ts";
import type { Activity } from "./activity.ts";
import { openDevice, requireAdapter } from "./adapter.ts";
import { DeviceFailure, isDeviceFailure, messageOf } from "./failures.ts";
import type { Pace } from "./pace.ts";
import { Session } from "./session.ts";
import { type DeviceVariant, variantOf } from "./variants.ts";

/** Failures in a row, and in all, after which no other device is asked for. */
const PATIENCE = 3;
const PATIENCE_IN_ALL = 10;

/** Devices keep failing: the work must go elsewhere. */
export class NoDevice extends Error {}

export interface KeeperOptions {
  readonly gpu: GPU;
  readonly device: string | undefined;
  /** What to do without though a device has it. */
  readonly variant: Partial<DeviceVariant>;
  readonly pace: Pace;
  readonly activity: Activity;
  readonly onWarning: (text: string) => void;
}

/** Keeps a device, and finds another when it is lost. */
export class DeviceKeeper {
  private readonly options: KeeperOptions;
  private opening: Promise<Session> | undefined;
  private failures = 0;
  private disposed = false;
  /** How often tiles were halved. */
  halvings = 0;

  constructor(options: KeeperOptions) {
    this.options = options;
  }

  /** The device in use, or a new one. */
  session(): Promise<Session> {
    this.opening ??= this.open();
    return this.opening;
  }

  private async open(): Promise<Session> {
    const { gpu, device, variant, activity, pace } = this.options;
    const opened = await requireAdapter(gpu, device)
      .then(openDevice)
      .catch((cause: unknown) => {
        throw isDeviceFailure(cause) ? cause : new DeviceFailure(messageOf(cause), { cause });
      });
    pace.restart();
    return new Session(opened, variantOf(gpu.wgslLanguageFeatures, opened.features, variant), activity);
  }

  /** Work was done to the end on a device: failures before it are no longer in a row with those to come. */
  progressed(): void {
    this.failures = 0;
  }

  /**
   * What `body` makes on a device. When the device fails under it, again on a new one, with smaller tiles (`body`
   * plans them each time). Throws {@link NoDevice} when that fails too often in a row.
   */
  async attempt<T>(signal: AbortSignal | undefined, body: (session: Session) => Promise<T>): Promise<T> {
    for (;;) {
      throwIfAborted(signal);
      if (this.disposed) throw disposedError();
      const opening = this.session();
      try {
        const result = await body(await opening);
        this.progressed();
        return result;
      } catch (error) {
        if (this.disposed) throw disposedError();
        if (!isDeviceFailure(error)) throw error;
        this.failed(opening, messageOf(error));
        if (this.failures >= PATIENCE || this.halvings >= PATIENCE_IN_ALL)
          throw new NoDevice(messageOf(error), { cause: error });
      }
    }
  }

  /** Drops a session, once, whoever of its users noticed first. */
  private failed(opening: Promise<Session>, why: string): void {
    if (opening !== this.opening) return;
    this.opening = undefined;
    this.failures += 1;
    this.halvings += 1;
    this.options.activity.losses += 1;
    this.options.onWarning(`GPU: ${why}; trying again with smaller tiles`);
    opening.then((session) => session.destroy()).catch(() => {});
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    const session = await this.opening?.catch(() => undefined);
    this.opening = undefined;
    session?.destroy();
  }
}
