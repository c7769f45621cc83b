/** The directory of accepted agreements and notices. Whatever is not sound comes back as a refusal (fail closed). */
import { join } from 'node:path';
import type { Agreement } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import { type NodeId, parseSpaceId, type SpaceId } from '#agent/core/ids.ts';
import { type Notice, parseNotice } from '#agent/core/notice.ts';
import type { Refusal } from '#agent/core/standing.ts';
import { makeDirDurable, writeFileDurable } from '#agent/sys/durable.ts';
import { nodeDisk } from '#agent/sys/node-disk.ts';
import { parseAccepted } from './acceptance.ts';
import { verifyAgreement } from './agreement.ts';
import { exists, readTextFile } from './files.ts';
import { verifyNotice } from './notice.ts';

/** Room for some 4,000 members. */
export const maxAgreementBytes = 32 * 1024 * 1024;
const maxNoticeBytes = 64 * 1024;

const fileName = /^([0-9a-f]{32})\.json$/;

const earlierName = /^([0-9a-f]{32})\.[0-9]+\.json$/;

/** A sound agreement with the owner's newest notice. */
export interface Held {
  readonly agreement: Agreement;
  readonly notice?: Notice;
}

export class AgreementFiles {
  readonly #dir: string;
  readonly #node: NodeId;
  readonly #earlier = new Map<string, Agreement>();

  constructor(dir: string, node: NodeId) {
    this.#dir = dir;
    this.#node = node;
  }

  async spaces(): Promise<SpaceId[]> {
    const files = (await exists(this.#dir)) ? await nodeDisk.list(this.#dir) : [];
    return files.flatMap(({ name }) => {
      const text = fileName.exec(name ?? '')?.[1];
      return text ? [parseSpaceId(text)] : [];
    });
  }

  /** The revisions before the one in force, as far as they can be read. They never change, so each is read once. */
  async earlier(space: SpaceId): Promise<readonly Agreement[]> {
    const files = (await exists(this.#dir)) ? await nodeDisk.list(this.#dir) : [];
    const names = files.flatMap(({ name }) =>
      earlierName.exec(name ?? '')?.[1] === space ? [name ?? ''] : [],
    );
    const found = await Promise.all(names.map((name) => this.#earlierOnce(name)));
    return found.filter((agreement) => agreement !== undefined);
  }

  async #earlierOnce(name: string): Promise<Agreement | undefined> {
    const known = this.#earlier.get(name);
    if (known) return known;
    try {
      const text = await readTextFile(join(this.#dir, name), maxAgreementBytes);
      const agreement = parseAccepted(JSON.parse(text), this.#node);
      this.#earlier.set(name, agreement);
      return agreement;
    } catch {
      // Whose name cannot be read is shown by its node id; whose records, waits for who holds them.
      return undefined;
    }
  }

  async read(space: SpaceId): Promise<Held | Refusal> {
    const file = this.#file(space);
    try {
      const json = JSON.parse(await readTextFile(file, maxAgreementBytes));
      const agreement = parseAccepted(json, this.#node);
      verifyAgreement(agreement, this.#node);
      if (agreement.space !== space) return damaged(space, file);
      const notice = await this.#notice(agreement);
      return { agreement, ...(notice ? { notice } : {}) };
    } catch (error) {
      if (error instanceof DongboError) return { code: error.code, details: error.details };
      return damaged(space, file);
    }
  }

  /** A notice that cannot be read stops the space: it may have been a suspension. */
  async #notice(agreement: Agreement): Promise<Notice | undefined> {
    const file = this.#file(agreement.space, 'notice.');
    if (!(await exists(file))) return undefined;
    const notice = parseNotice(JSON.parse(await readTextFile(file, maxNoticeBytes)));
    verifyNotice(notice, agreement);
    return notice;
  }

  /** An earlier revision stays beside the new one, for whoever asks later under what was shared. */
  async write(agreement: Agreement, accepted: string, before: Agreement | undefined): Promise<void> {
    await makeDirDurable(this.#dir, 0o700);
    const file = this.#file(agreement.space);
    if (before) {
      const old = await readTextFile(file, maxAgreementBytes);
      await this.#put(this.#file(agreement.space, `${before.revision}.`), old);
    }
    await this.#put(file, accepted);
  }

  async writeNotice(notice: Notice): Promise<void> {
    await this.#put(this.#file(notice.space, 'notice.'), `${JSON.stringify(notice, undefined, 2)}\n`);
  }

  #put(file: string, text: string): Promise<void> {
    return writeFileDurable(file, Buffer.from(text), { mode: 0o600 });
  }

  #file(space: SpaceId, kind = ''): string {
    return join(this.#dir, `${space}.${kind}json`);
  }
}

const damaged = (space: SpaceId, file: string): Refusal => ({
  code: 'AGREEMENT_DAMAGED',
  details: { space, file },
});
