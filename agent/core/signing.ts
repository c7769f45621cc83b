/** What is signed: a domain before the bytes, so that a signature made for one purpose is none for another. */

/** What is signed with the suite of a space. */
export type FeedDomain = 'segment' | 'head' | 'receipt';
/** The rest is signed with the key that is the node (Ed25519), whatever the suite. */
export type SigningDomain = FeedDomain | 'card' | 'agreement' | 'acceptance' | 'notice' | 'audit';

/** `utf8("dongbo/v1/" + domain + "\\0") ‖ bytes`. No domain is a prefix of another, because of the NUL. */
export function signingBytes(domain: SigningDomain, bytes: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode(`dongbo/v1/${domain}\0`);
  const all = new Uint8Array(prefix.length + bytes.length);
  all.set(prefix);
  all.set(bytes, prefix.length);
  return all;
}
