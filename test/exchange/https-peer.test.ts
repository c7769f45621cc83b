import { peerContract } from '#test/contract/peer.ts';
import { HttpsFixture } from './https-fixture.ts';

peerContract('HTTPS', (backend) => HttpsFixture.open(backend));
