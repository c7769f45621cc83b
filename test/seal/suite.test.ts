import { AEAD_ChaCha20Poly1305, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519 } from 'hpke';
import { describe, expect, it } from 'vitest';
import { suiteNames } from '#agent/core/suite-name.ts';
import { suites } from '#agent/seal/suite.ts';
import { spaceSuiteContract } from '#test/contract/space-suite.ts';
import { suiteContract } from '#test/contract/suite.ts';
import vector from '#test/vectors/seal-hpke.json' with { type: 'json' };

for (const suite of Object.values(suites)) suiteContract(suite);
for (const name of suiteNames) spaceSuiteContract(name);

const hex = (text: string) => Uint8Array.fromHex(text);

describe('published HPKE vector for MLKEM768-X25519', () => {
  const hpke = new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_ChaCha20Poly1305);

  it('derives the same reader key as our suite', async () => {
    const pair = await suites['nacl-pq'].keyPair(hex(vector.ikmR));
    expect(pair.wrapPrivate.toHex()).toBe(vector.skRm);
    expect(pair.wrapPublic.toHex()).toBe(vector.pkRm);
  });

  it('opens', async () => {
    const key = await hpke.DeserializePrivateKey(hex(vector.skRm));
    const options = { info: hex(vector.info), aad: hex(vector.aad) };
    const opened = await hpke.Open(key, hex(vector.enc), hex(vector.ct), options);
    expect(opened.toHex()).toBe(vector.pt);
  });
});
