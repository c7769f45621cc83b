/** Work on several items of a stream at once, and hand the results on in the order of the stream. */

/**
 * Runs `work` on up to `limit` items at a time. Results come in order; at most `limit` of them wait. When the consumer
 * leaves or `work` fails, what is under way is waited for, and the source is closed.
 */
export async function* mapAhead<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const waiting: Promise<R>[] = [];
  try {
    for await (const item of source) {
      const result = work(item);
      // A failure is thrown where its turn comes; until then it must not count as unhandled.
      result.catch(() => undefined);
      waiting.push(result);
      if (waiting.length < limit) continue;
      yield await (waiting.shift() as Promise<R>);
    }
    while (waiting.length > 0) yield await (waiting.shift() as Promise<R>);
  } finally {
    await Promise.allSettled(waiting);
  }
}
