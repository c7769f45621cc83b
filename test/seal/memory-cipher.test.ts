import { sampleKey, sampleLabel, stateCipherContract } from '#test/contract/state-cipher.ts';
import { MemoryCipher } from './memory-cipher.ts';

stateCipherContract('memory', async () => {
  const cipher = new MemoryCipher(sampleLabel, sampleKey);
  return {
    cipher,
    takeAway: async () => cipher.takeAway(),
    [Symbol.asyncDispose]: async () => cipher[Symbol.dispose](),
  };
});
