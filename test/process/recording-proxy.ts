/** A TCP proxy on loopback that keeps every byte that passes, both ways, in one file: what a wiretap would have. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { finished } from 'node:stream/promises';

export class RecordingProxy implements AsyncDisposable {
  readonly file: string;
  readonly #tape: WriteStream;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  bytes = 0;

  private constructor(file: string, target: URL) {
    this.file = file;
    this.#tape = createWriteStream(file);
    this.#server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      this.#carry(near, far);
      this.#carry(far, near);
    });
  }

  static async to(url: string, file: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(file, new URL(url));
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `https://127.0.0.1:${address.port}`;
  }

  #carry(from: Socket, to: Socket): void {
    this.#open.add(from);
    from.on('data', (part) => {
      this.bytes += part.length;
      this.#tape.write(part);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#open.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise<void>((done) => this.#server.close(() => done()));
    this.#tape.end();
    await finished(this.#tape);
  }
}
