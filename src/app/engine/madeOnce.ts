/** Gives what `make` made when it was first asked; one that could not be made is tried again the next time. */
export function madeOnce<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => {
    if (made !== undefined) return made;
    const now = make();
    made = now;
    now.catch(() => {
      made = undefined;
    });
    return now;
  };
}
