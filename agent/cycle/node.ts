/** Everything that one running node owns, opened in order and put down in the opposite order. */
import { join } from 'node:path';
import { memberOf } from '#agent/core/agreement.ts';
import { DongboError } from '#agent/core/errors.ts';
import type { Emit } from '#agent/core/event.ts';
import type { ChunkId, NodeId, SpaceId } from '#agent/core/ids.ts';
import type { ExchangeBackend } from '#agent/exchange/backend.ts';
import { EventHub } from '#agent/exchange/event-hub.ts';
import { Pokes } from '#agent/exchange/pokes.ts';
import { ExchangeServer } from '#agent/exchange/server.ts';
import { Mutex } from '#agent/feed/mutex.ts';
import { State } from '#agent/feed/state.ts';
import { Vault } from '#agent/feed/vault.ts';
import { AgreementBook, isRefusal } from '#agent/seal/agreement-book.ts';
import { AgreementTrust } from '#agent/seal/agreement-trust.ts';
import { type Identity, loadIdentity } from '#agent/seal/identity.ts';
import { Keyring } from '#agent/seal/keyring.ts';
import { LivedTime } from '#agent/sys/lived-time.ts';
import { lockState } from '#agent/sys/lock.ts';
import { AuditAgreements, grantsOnRecord } from './audit-agreements.ts';
import { openingsOnRecord } from './audit-epochs.ts';
import { AuditHeads } from './audit-heads.ts';
import { AuditMemory } from './audit-memory.ts';
import { AuditTrail } from './audit-trail.ts';
import { AuditedBackend } from './audited-backend.ts';
import { AuditedLinkLocal } from './audited-link-local.ts';
import { ClockWatch } from './clock-watch.ts';
import { ContentTally } from './content-tally.ts';
import { ChunkFetcher } from './fetch-chunks.ts';
import { FreshnessWatch } from './freshness-watch.ts';
import { NodeLinkLocal } from './link-local.ts';
import { Links } from './links.ts';
import { type NodeOptions, trailParts } from './node-options.ts';
import { type NodeParts, NodeSpace } from './node-space.ts';
import { PeerBook } from './peer-book.ts';
import { SecretGate } from './secret-gate.ts';
import { ServeBackend } from './serve-backend.ts';
import { StandingWatch } from './standing-watch.ts';
import { Syslog } from './syslog.ts';
import { WantList } from './wanted.ts';

export class Node implements AsyncDisposable {
  readonly options: NodeOptions;
  readonly identity: Identity;
  readonly state: State;
  readonly lived: LivedTime;
  readonly vault: Vault;
  readonly book: AgreementBook;
  readonly keyring: Keyring;
  readonly secrets: SecretGate;
  readonly peers: PeerBook;
  readonly links: Links;
  readonly fetcher: ChunkFetcher;
  readonly trail: AuditTrail;
  readonly auditHeads: AuditHeads;
  readonly #content: ContentTally;
  readonly #agreements: AuditAgreements;
  readonly #memory: AuditMemory;
  readonly #syslog: Syslog | undefined;
  readonly hub = new EventHub();
  readonly #pokes = new Pokes();
  readonly #wanted: WantList;
  readonly #refreshing = new Mutex();
  readonly #watch: StandingWatch;
  readonly #clockWatch: ClockWatch;
  readonly freshness: FreshnessWatch;
  readonly #spaces = new Map<SpaceId, NodeSpace>();
  readonly #owned: AsyncDisposableStack;
  #server: ExchangeServer | undefined;

  private constructor(options: NodeOptions, opened: Opened, owned: AsyncDisposableStack) {
    this.options = options;
    this.identity = opened.identity;
    this.state = opened.state;
    this.lived = opened.lived;
    this.#clockWatch = new ClockWatch({ ...options, lived: opened.lived });
    this.vault = opened.vault;
    this.book = opened.book;
    this.trail = opened.trail;
    this.auditHeads = opened.auditHeads;
    this.#owned = owned;
    const { identity, state, book, trail } = opened;
    const { random, clock } = options;
    this.#wanted = new WantList(clock);
    this.#content = new ContentTally(trail, clock, identity.node);
    owned.defer(() => this.#content.settle(true));
    this.#agreements = new AuditAgreements({ trail, book, known: state });
    this.#memory = new AuditMemory({ trail, known: state, emit: options.emit });
    this.#syslog = Syslog.of({ ...options, identity, known: state, trail });
    const granting = grantsOnRecord(trail, clock);

    const { cipher: slot } = options;
    const standing = (id: SpaceId) => book.inForce(id);
    this.secrets = new SecretGate({ me: identity.node, standing, clock, ...(slot ? { slot } : {}) });
    this.keyring = new Keyring({
      identity,
      store: state.secrets,
      random,
      clock,
      suiteOf: (id) => this.book.suiteOf(id),
      granting,
      opening: openingsOnRecord(trail),
      cipher: this.secrets,
    });
    const record = trail.note.bind(trail);
    this.freshness = new FreshnessWatch({ identity, clock, emit: options.emit, record });
    this.peers = new PeerBook(clock);
    this.links = this.#makeLinks();
    this.#watch = new StandingWatch({
      book,
      emit: options.emit,
      changed: (id) => this.space(id).readersMoved(),
    });
    this.fetcher = new ChunkFetcher({
      vault: this.vault,
      peers: (space) => this.links.sources(space),
      clock,
      wanted: (space, author, ids) => this.#want(space, author, ids),
      got: (space, ids) => this.#wanted.got(space, ids),
    });
  }

  static async open(options: NodeOptions): Promise<Node> {
    await using stack = new AsyncDisposableStack();
    stack.use(await lockState(options.state));
    const lived = stack.use(await LivedTime.open(options));
    const { clock } = lived;
    const identity = await loadIdentity(options.keys);
    const book = await AgreementBook.open(join(options.state, 'agreements'), identity, clock);
    const trail = stack.use(await AuditTrail.open(trailParts(options, identity, book)));
    const emit: Emit = (event) => {
      options.emit(event);
      trail.hear(event);
    };
    const state = stack.use(await State.open(options.state, { node: identity.node, clock }));
    const keeps = options.role === 'agent' ? 'waiting' : 'all';
    const vault = stack.use(await Vault.open(join(options.state, 'vault'), state, { emit, clock, keeps }));
    const place = { ...options, clock, emit, known: state, trail, me: identity.node };
    const auditHeads = stack.use(await AuditHeads.open(place));
    const opened = { identity, state, lived, vault, book, trail, auditHeads };
    return new Node({ ...options, clock, emit }, opened, stack.move());
  }

  #makeLinks(): Links {
    const { options, identity, book, peers, keyring, trail, auditHeads: heads } = this;
    const { clock, random, emit, failed, dial, peers: configured } = options;
    const space = (id: SpaceId) => this.space(id);
    const inner = new NodeLinkLocal({ identity, keyring, peers, space });
    const local = new AuditedLinkLocal(inner, { trail, heads, clock, me: identity.node, space });
    const spaces = () => [...this.#spaces.keys()];
    const own = { identity, book, peers, local, pokes: this.#pokes, spaces };
    const parts = { ...own, configured, clock, random, emit, ...(dial ? { dial } : {}) };
    return new Links(parts, failed);
  }

  /** Throws SPACE_NOT_SHARED for a space that this node takes no part in. */
  space(id: SpaceId): NodeSpace {
    const space = this.#spaces.get(id);
    if (!space) throw new DongboError('SPACE_NOT_SHARED', { space: id });
    return space;
  }

  get spaces(): readonly NodeSpace[] {
    return [...this.#spaces.values()];
  }

  async openSpace(id: SpaceId): Promise<NodeSpace> {
    const known = this.#spaces.get(id);
    if (known) return known;
    const space = await NodeSpace.open(id, this.parts());
    space.onOutward(() => this.#pokes.poke(id));
    this.#spaces.set(id, space);
    return space;
  }

  /** Starts to answer others, and to call them. Resolves with the port at which it answers, if at any. */
  async start(): Promise<number | undefined> {
    const { listen, clock, emit } = this.options;
    const { identity, book } = this;
    await this.#keepRecord();
    if (listen) {
      const backend = this.backend();
      const trust = new AgreementTrust(book);
      const common = { tls: identity.tls, trust, backend, clock, emit };
      const server = await ExchangeServer.listen({ ...listen, ...common });
      this.#server = this.#owned.use(server);
    }
    if (this.#syslog) this.#owned.use(this.#syslog).start();
    this.#owned.use(this.links);
    this.links.refresh();
    return this.#server?.port;
  }

  /** What answers others. */
  backend(): ExchangeBackend {
    const { vault, hub, peers, identity, trail, auditHeads: heads } = this;
    const { role, clock } = this.options;
    const space = (id: SpaceId) => this.space(id);
    const inner = new ServeBackend({ role, space, vault, wanted: this.#wanted, hub, peers });
    const audited = { trail, heads, content: this.#content, clock, me: identity.node, space };
    return new AuditedBackend(inner, audited);
  }

  auditFacts() {
    const syslog = this.#syslog?.facts();
    const peers = this.auditHeads.alarms();
    return { ...this.trail.facts(), peers, ...(syslog ? { syslog } : {}) };
  }

  /** What the parts of a space share. */
  parts(): NodeParts {
    const { identity, state, book, hub } = this;
    const { clock, random, emit } = this.options;
    const halt = () => this.trail.halt();
    return { identity, state, book, hub, clock, random, emit, halt };
  }

  /** An agent keeps sealed chunks only until they are applied: then nothing that was sent to it is wanted any more. */
  async dropTransit(space: SpaceId): Promise<void> {
    if (this.options.role === 'agent') await this.vault.drop(space, this.fetcher.takeServed(space));
  }

  /** Reads the agreements again: one may have been accepted, or have ended, since. One reading at a time. */
  refresh(): Promise<void> {
    return this.#refreshing.run(() => this.#refresh());
  }

  async #refresh(): Promise<void> {
    await this.#clockWatch.tick();
    await this.book.reload();
    if (this.options.role === 'relay') await this.openRelayed();
    this.#watch.look(this.#spaces.keys());
    this.#server?.updateTrust();
    this.links.refresh();
    await this.freshness.tick(this.spaces);
    await this.#keepRecord();
  }

  /** Agreements that came or ended, sums that are due, what could not be written before. */
  async #keepRecord(): Promise<void> {
    await this.#memory.keep().catch(onlyUnwritable);
    await this.#agreements.note([...this.#spaces.keys()]).catch(onlyUnwritable);
    await this.auditHeads.keep();
    await this.#content.settle();
    await this.vault.tidy();
    await this.trail.tick();
  }

  /** A relay takes part in every space that an accepted agreement makes it the relay of. */
  async openRelayed(): Promise<void> {
    for (const agreement of this.book.all()) {
      const relays = memberOf(agreement, this.identity.node)?.roles.includes('relay');
      if (relays && !isRefusal(agreement)) await this.openSpace(agreement.space);
    }
  }

  /** Nobody had these: whoever looks at us next is told that we want them, also when telling now fails. */
  #want(space: SpaceId, author: NodeId, ids: readonly ChunkId[]): void {
    const wants = ids.map((id) => ({ author, id, open: true }));
    if (!this.#wanted.add(space, this.identity.node, wants)) return;
    const telling = this.space(space).announceAll();
    telling.catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

type Opened = Pick<Node, 'identity' | 'state' | 'lived' | 'vault' | 'book' | 'trail' | 'auditHeads'>;

/** Shown as the halt of every space already. */
function onlyUnwritable(error: unknown): void {
  if (!(error instanceof DongboError) || !error.code.startsWith('AUDIT_')) throw error;
}
