import {
  BackendError,
  CancelledError,
  InputError,
  LimitError,
  QortexError,
  UsageError,
} from "../../errors.ts";
import type { Engine, EngineEvent } from "./protocol.ts";

/** The engine as the page sees it: the same questions, answered by promises. */
export type EngineClient = {
  readonly [Name in keyof Engine]: (
    ...args: Parameters<Engine[Name]>
  ) => Promise<Awaited<ReturnType<Engine[Name]>>>;
};

/** What goes to the worker. */
export interface Question {
  readonly number: number;
  readonly name: keyof Engine;
  readonly args: readonly unknown[];
}

/** What comes back: an answer, a failure or an event. */
export type Reply =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: Failure }
  | { readonly event: EngineEvent };

/** An error in parts, since structured clones keep no classes. */
export interface Failure {
  readonly name: string;
  readonly message: string;
}

const KNOWN = { BackendError, CancelledError, InputError, LimitError, UsageError };

/** The engine behind `worker`; `onEvent` gets progress and messages. Errors come as those of src/errors.ts. */
export function engineClient(worker: Worker, onEvent: (event: EngineEvent) => void): EngineClient {
  const waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  let asked = 0;
  const ask = (name: keyof Engine, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const number = asked++;
      waiting.set(number, { resolve, reject });
      worker.postMessage({ number, name, args } satisfies Question);
    });
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if ("event" in data) return onEvent(data.event);
    const caller = waiting.get(data.number);
    waiting.delete(data.number);
    if ("failure" in data) caller?.reject(errorOf(data.failure));
    else caller?.resolve(data.answer);
  };
  worker.onerror = (event) => {
    const error = new BackendError(`the engine has stopped (${event.message}); reload the page to go on`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  return new Proxy({} as EngineClient, {
    // Whoever awaits the client looks for a `then`: it is no promise, and has none.
    get: (_, name) => (name === "then" ? undefined : (...args: unknown[]) => ask(name as keyof Engine, args)),
  });
}

/** The message is whole already: the class says only what kind it is. */
function errorOf({ name, message }: Failure): Error {
  const error = new Error(message);
  const known = KNOWN[name as keyof typeof KNOWN];
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  error.name = name;
  return error;
}

/** Bundles shorten the names of classes: errors of ours are told by their tags. */
const NAMES = {
  input: "InputError",
  usage: "UsageError",
  limit: "LimitError",
  backend: "BackendError",
  cancelled: "CancelledError",
} as const;

/** What an error becomes on its way out of the worker; `errorOf` is the way back. */
export function failureOf(error: unknown): Failure {
  if (error instanceof QortexError) return { name: NAMES[error.tag], message: error.message };
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}
