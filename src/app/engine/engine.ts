import { BackendError } from "../../errors.ts";
import type { Engine, EngineEvent } from "./protocol.ts";

/** The engine's own side of {@link Engine}: each answer may be a promise. */
export type EngineMethods = {
  readonly [Name in keyof Engine]: (
    ...args: Parameters<Engine[Name]>
  ) => ReturnType<Engine[Name]> | Promise<ReturnType<Engine[Name]>>;
};

/** All that the worker can do. `onEvent` gets progress and messages. */
export function createEngine(_onEvent: (event: EngineEvent) => void): EngineMethods {
  const missing = (): never => {
    throw new BackendError("not there yet");
  };
  return new Proxy({} as EngineMethods, { get: () => missing });
}
