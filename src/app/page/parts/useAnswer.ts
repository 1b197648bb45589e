import { useEffect, useState } from "preact/hooks";

/** What became of a question to the engine. The value of the question before stays until the next one is there. */
export interface Answer<T> {
  readonly value?: T | undefined;
  readonly error?: Error | undefined;
  readonly waiting: boolean;
}

/** Asks when `inputs` change; an answer that comes after the next question is left out. */
export function useAnswer<T>(ask: () => Promise<T> | T, inputs: readonly unknown[]): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ waiting: true });
  useEffect(() => {
    let current = true;
    setAnswer((before) => ({ ...before, error: undefined, waiting: true }));
    Promise.resolve()
      .then(ask)
      .then(
        (value) => current && setAnswer({ value, waiting: false }),
        (error: unknown) =>
          current &&
          setAnswer({ error: error instanceof Error ? error : new Error(String(error)), waiting: false }),
      );
    return () => {
      current = false;
    };
  }, inputs);
  return answer;
}
