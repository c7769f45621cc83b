/** The backend that the tests of the exchange talk to. */
import { backendContract } from '#test/contract/backend.ts';
import { MemoryBackend } from './memory-backend.ts';
import { nodeNamed, spaceNamed } from './sample-feed.ts';

backendContract('in memory', async () => ({
  backend: new MemoryBackend(),
  space: spaceNamed('contract'),
  author: nodeNamed('author'),
  hostile: nodeNamed('hostile'),
}));
