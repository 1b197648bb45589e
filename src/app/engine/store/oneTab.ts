/** Does `act` while nobody else does anything of this name; undefined, without doing it, while somebody does. */
export type OneAtATime = <Answer extends object>(
  name: string,
  act: () => Promise<Answer>,
) => Promise<Answer | undefined>;

/** Among all tabs of this address. Browsers have locks wherever they have lasting storage; without either nobody else can be at it. */
export const oneTab: OneAtATime = async (name, act) => {
  if (!("locks" in navigator)) return act();
  return navigator.locks.request(name, { ifAvailable: true }, async (lock) =>
    lock === null ? undefined : await act(),
  );
};
