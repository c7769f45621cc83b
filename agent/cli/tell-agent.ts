/** Has the running agent take up at once what a command has put beside it. */
import { DongboError, isCode } from '#agent/core/errors.ts';
import { exists } from '#agent/seal/files.ts';
import { callControl } from '#agent/status/control-client.ts';
import { issueLines } from './error-text.ts';
import type { CliIo } from './init-io.ts';
import { controlSocket } from './status.ts';

/** The agent looks by itself too; what is accepted counts once this returns, so that nobody has to guess when. */
const waitMs = 10_000;

/** When no agent runs there is nothing to do. One that does not answer is told of, and takes it up by itself. */
export async function tellAgent(state: string, io: CliIo): Promise<void> {
  const path = controlSocket({ state });
  if (!(await exists(path))) return;
  const [late, done] = [new AbortController(), new AbortController()];
  io.clock.sleep(waitMs, done.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    const signal = AbortSignal.any([late.signal, ...(io.signal ? [io.signal] : [])]);
    await callControl(path, { do: 'refresh' }, signal);
  } catch (error) {
    if (isCode(error, 'CONTROL_UNREACHABLE') || io.signal?.aborted) return;
    const code = error instanceof DongboError ? error.code : 'timeout';
    for (const line of issueLines({ code: 'AGREEMENT_NOT_TAKEN_UP', details: { code } }, io.lang ?? 'en'))
      io.out(line);
  } finally {
    done.abort();
  }
}
