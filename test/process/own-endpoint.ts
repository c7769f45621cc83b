/**
 * Where a daemon of a test listens whose peers have it in their configuration before it runs, and while it is started
 * anew: there it cannot take just any port. All of 127.0.0.0/8 is this machine (Linux); one address of it belongs to
 * this process alone, by its number, and the ports below 32,768 are never given to who asks for any.
 */

let taken = 0;

/** Nobody else's, and never the same twice. */
export function ownEndpoint(): { readonly address: string; readonly port: number } {
  const { pid } = process;
  taken += 1;
  return { address: `127.${64 + ((pid >> 16) & 63)}.${(pid >> 8) & 255}.${pid & 255}`, port: 20_000 + taken };
}
