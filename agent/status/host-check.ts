/**
 * A web page that a person on this machine opens can send requests to loopback under its own name (DNS rebinding);
 * the Host header gives it away. Requests must name a loopback host and the very port.
 */
const hosts = ['127.0.0.1', 'localhost', '[::1]'];

/** `host` is the Host header of a request (RFC 9110, 7.2). */
export function isOwnHost(host: string | undefined, port: number): boolean {
  const asked = host?.toLowerCase();
  return hosts.some((name) => asked === `${name}:${port}` || (port === 80 && asked === name));
}
