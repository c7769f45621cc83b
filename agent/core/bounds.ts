/**
 * What the numbers of every message may be, in one place (docs/protocol.md quotes them). Each is below what storage
 * holds: keys of the database have six bytes for a number (`feed/keys.ts`), and one more is added to some on the way.
 */

/** Sequence numbers: of records, and of an audit log. A thousand records a second fill it in four thousand years. */
export const maxSeq = 2 ** 47;
/** Milliseconds since the Unix epoch, to the end of 9999: a later time has no spelling of four digits. */
export const maxTimeMs = 253_402_300_799_999;
export const maxEpoch = 0xffff_ffff;
/** Notices of a space. */
export const maxNotices = 1_000_000;
/** Permissions of a file or directory. */
export const maxMode = 0o777;
/** Every member may have had several lives; beyond this a version is an attack. */
export const maxActors = 1024;
/** The sum of all counters of a version stays exact (2^52), which the order of rivals rests on. */
export const maxCounter = 2 ** 42;
/** With lists of at least 16 refs, 12 levels hold more than 2^53 bytes. */
export const maxLevels = 12;
/** The largest file that is shared: 16 TiB, as much as ext4 holds. */
export const maxFileBytes = 2 ** 44;
