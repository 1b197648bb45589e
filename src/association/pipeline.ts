/**
 * Runs `work` over `items` with up to `ahead` in flight and yields the results in the items' order.
 * When the consumer stops or one fails, the others in flight are awaited and their failures dropped.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  ahead: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const flying: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // Awaited in order below; this keeps an early failure from being reported as unhandled.
      result.catch(() => {});
      flying.push(result);
      if (flying.length >= ahead) yield await flying.shift()!;
    }
    while (flying.length > 0) yield await flying.shift()!;
  } finally {
    await Promise.allSettled(flying);
  }
}
