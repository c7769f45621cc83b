/** A wire to a port of this machine that breaks in the middle, as often as it is told. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';

export class BreakingWire implements AsyncDisposable {
  /** How many connections break from now on, each after so many bytes. */
  breaks = { times: 0, afterBytes: 0 };
  /** How many have broken. */
  broken = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<BreakingWire> {
    const server = createServer();
    const wire = new BreakingWire(server);
    server.on('connection', (near) => {
      const far = connect(port, '127.0.0.1');
      let left = wire.#leftOfNext();
      near.on('data', (piece: Buffer) => {
        far.write(piece.subarray(0, left));
        left -= piece.length;
        if (left > 0) return;
        wire.broken += 1;
        near.resetAndDestroy();
        far.end();
      });
      near.on('end', () => far.end());
      far.on('data', (piece: Buffer) => near.write(piece));
      far.on('end', () => near.end());
      for (const end of [near, far]) end.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return wire;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #leftOfNext(): number {
    this.breaks.times -= 1;
    return this.breaks.times >= 0 ? this.breaks.afterBytes : Number.POSITIVE_INFINITY;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }
}
