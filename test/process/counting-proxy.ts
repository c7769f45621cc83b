/** A TCP proxy on loopback: counts what passes in both directions, and can cut the link and mend it. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export class CountingProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #cut = false;
  /** Bytes passed on so far, both ways together: TCP payload, so TLS and HTTP are in it. */
  bytes = 0;

  private constructor(target: URL) {
    this.#server = createServer((near) => this.#join(near, target));
  }

  static async to(url: string): Promise<CountingProxy> {
    const proxy = new CountingProxy(new URL(url));
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done));
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy does not listen');
    return `https://127.0.0.1:${address.port}`;
  }

  /** Breaks what is connected, and lets nobody through until `mend`. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  #join(near: Socket, target: URL): void {
    if (this.#cut) return void near.destroy();
    const far = connect(Number(target.port), target.hostname);
    this.#carry(near, far);
    this.#carry(far, near);
  }

  #carry(from: Socket, to: Socket): void {
    this.#open.add(from);
    from.on('data', (part) => {
      this.bytes += part.length;
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#open.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }
}

/** The proxies of a cluster: give `via` to `Cluster.create`. */
export class Proxies implements AsyncDisposable {
  readonly #all: CountingProxy[] = [];

  readonly via = async (url: string): Promise<string> => {
    const proxy = await CountingProxy.to(url);
    this.#all.push(proxy);
    return proxy.url;
  };

  get bytes(): number {
    return this.#all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  cut(): void {
    for (const proxy of this.#all) proxy.cut();
  }

  mend(): void {
    for (const proxy of this.#all) proxy.mend();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((proxy) => proxy[Symbol.asyncDispose]()));
  }
}
