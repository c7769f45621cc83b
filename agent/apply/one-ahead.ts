/** Keeps a generator one step ahead of its consumer, so that fetching and writing overlap. */
export async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = start(source);
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = start(source);
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return(undefined);
  }
}

function start<T>(source: AsyncGenerator<T>): Promise<IteratorResult<T, void>> {
  const next = source.next();
  // Its failure is met when it is awaited; until then it is not unhandled.
  next.catch(() => undefined);
  return next;
}
