import { MemoryPeer } from '#agent/exchange/memory-peer.ts';
import { peerContract } from '#test/contract/peer.ts';
import { nodeNamed } from './sample-feed.ts';

peerContract('in memory', async (backend) => {
  const caller = nodeNamed('caller');
  const peer = new MemoryPeer(nodeNamed('peer'), backend, caller);
  return { peer, caller, [Symbol.asyncDispose]: async () => {} };
});
