/**
 * What strangers can cost before anybody knows who they are. A connection waits outside, as a bare socket, until a whole
 * first TLS record has come: TLS, which takes ten times the memory, begins then. There are bounds on those who wait, on
 * handshakes under way, and on each address; the oldest makes room, its own address's first, so that a crowd that holds
 * connections open keeps nobody else out.
 */
import type { Socket } from 'node:net';

export interface GateLimits {
  /** Connections that have not sent a whole first record. */
  readonly waiting: number;
  readonly waitingPerAddress: number;
  readonly helloMs: number;
  readonly handshakes: number;
  readonly handshakesPerAddress: number;
}

const recordHeaderBytes = 5;
const handshakeType = 0x16;
const maxRecordBytes = 16 * 1024;

export class Gate {
  readonly #limits: GateLimits;
  readonly #secure: (socket: Socket) => void;
  readonly #waiting: Room;
  readonly #handshakes: Room;

  /** `secure` begins TLS on a socket. */
  constructor(limits: GateLimits, secure: (socket: Socket) => void) {
    this.#limits = limits;
    this.#secure = secure;
    this.#waiting = new Room(limits.waiting, limits.waitingPerAddress);
    this.#handshakes = new Room(limits.handshakes, limits.handshakesPerAddress);
  }

  /** A connection that has just been made. */
  arrived(socket: Socket): void {
    this.#waiting.enter(socket);
    socket.on('error', ignore);
    socket.setTimeout(this.#limits.helloMs, destroy);
    const parts: Buffer[] = [];
    const read = () => {
      for (let part = socket.read(); part !== null; part = socket.read()) parts.push(part as Buffer);
      const bytes = Buffer.concat(parts);
      if (!isWhole(bytes)) return;
      socket.off('readable', read);
      socket.off('timeout', destroy);
      socket.setTimeout(0);
      socket.unshift(bytes);
      this.#waiting.leave(socket);
      this.#handshakes.enter(socket);
      this.#secure(socket);
    };
    socket.on('readable', read);
  }

  /** The other end is known, or has been turned away. */
  settled(socket: Socket): void {
    this.#handshakes.leave(socket);
  }

  get size(): number {
    return this.#waiting.size + this.#handshakes.size;
  }

  cutAll(): void {
    this.#waiting.cutAll();
    this.#handshakes.cutAll();
  }
}

/** Whether TLS can say something to it: a whole record of a handshake, or what is none. */
function isWhole(bytes: Buffer): boolean {
  if (bytes.length === 0) return false;
  if (bytes[0] !== handshakeType) return true;
  if (bytes.length < recordHeaderBytes) return false;
  const length = bytes.readUInt16BE(3);
  return length > maxRecordBytes || bytes.length >= recordHeaderBytes + length;
}

/** A bounded set of sockets: the oldest of a full address, or else the oldest of all, makes room for a new one. */
class Room {
  readonly #most: number;
  readonly #perAddress: number;
  readonly #all = new Set<Socket>();
  readonly #addresses = new Map<string, Set<Socket>>();
  readonly #addressOf = new Map<Socket, string>();

  constructor(most: number, perAddress: number) {
    this.#most = most;
    this.#perAddress = perAddress;
  }

  get size(): number {
    return this.#all.size;
  }

  enter(socket: Socket): void {
    const address = socket.remoteAddress ?? 'unknown';
    const own = this.#addresses.get(address) ?? new Set();
    if (own.size >= this.#perAddress) this.#cut(own);
    else if (this.#all.size >= this.#most) this.#cut(this.#all);
    this.#addresses.set(address, own.add(socket));
    this.#all.add(socket);
    this.#addressOf.set(socket, address);
    socket.once('close', () => this.leave(socket));
  }

  leave(socket: Socket): void {
    const address = this.#addressOf.get(socket);
    if (address === undefined) return;
    this.#addressOf.delete(socket);
    this.#all.delete(socket);
    const own = this.#addresses.get(address);
    own?.delete(socket);
    if (own?.size === 0) this.#addresses.delete(address);
  }

  cutAll(): void {
    for (const socket of this.#all) socket.destroy();
  }

  #cut(sockets: ReadonlySet<Socket>): void {
    for (const oldest of sockets) {
      this.leave(oldest);
      oldest.destroy();
      return;
    }
  }
}

const ignore = () => {};
function destroy(this: Socket): void {
  this.destroy();
}
