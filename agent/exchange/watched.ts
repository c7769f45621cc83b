/** Passes a stream on and remembers a failure of its source, which whoever consumes it would wrap. */
export async function* watched<T>(source: AsyncIterable<T>, own: { error?: unknown }): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    own.error = error;
    throw error;
  }
}
