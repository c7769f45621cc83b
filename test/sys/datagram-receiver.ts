/**
 * Plays the service manager: prints each datagram that arrives at a Unix socket as one JSON line. Run as a process of
 * its own, since Node has no Unix datagrams and recv(2) blocks. The address is the first argument.
 */
import koffi from 'koffi';

const libc = koffi.load(null);
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const void *address, unsigned int length)');
const recv = libc.func('long recv(int fd, void *buffer, size_t length, int flags)');

const address = process.argv[2] ?? '';
const path = Buffer.from(address.startsWith('@') ? `\0${address.slice(1)}` : `${address}\0`);
const sockaddr = Buffer.concat([Buffer.of(1, 0), path]);
const fd = socket(1, 2, 0);
if (bind(fd, sockaddr, sockaddr.length) !== 0) throw new Error(`bind failed: errno ${koffi.errno()}`);
console.log('bound');

const buffer = Buffer.alloc(4096);
for (;;) {
  const length = recv(fd, buffer, buffer.length, 0);
  console.log(JSON.stringify(buffer.toString('utf8', 0, length)));
}
