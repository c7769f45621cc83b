/** What the status shows of all spaces of a running node. */
import type { SpaceId } from '#agent/core/ids.ts';
import type { SpaceFacts } from '#agent/status/facts.ts';
import type { Clock } from '#agent/sys/clock.ts';
import type { AgentSpace } from './agent-space.ts';
import { factsOf } from './facts.ts';
import type { Node } from './node.ts';
import type { NodeSpace } from './node-space.ts';
import { ProblemCodes } from './problem-codes.ts';

interface Running {
  readonly config: { readonly folder: string };
  readonly space: AgentSpace;
}

export interface AgentFactsParts {
  readonly node: Node;
  readonly clock: Clock;
  readonly role: 'agent' | 'relay';
  /** Undefined for a space that this node keeps no folder of. */
  readonly running: (id: SpaceId) => Running | undefined;
}

export class AgentFacts {
  readonly #parts: AgentFactsParts;
  readonly #codes = new Map<SpaceId, ProblemCodes>();

  constructor(parts: AgentFactsParts) {
    this.#parts = parts;
  }

  all(): Promise<readonly SpaceFacts[]> {
    return Promise.all(this.#parts.node.spaces.map((own) => this.#of(own)));
  }

  #of(own: NodeSpace): Promise<SpaceFacts> {
    const { node, clock, role } = this.#parts;
    const { identity, peers, links, trail, freshness: watch } = node;
    const running = this.#parts.running(own.space);
    const heritage = running?.space.heritage();
    const [halt, freshness] = [trail.halt(), watch.facts(own.space)];
    return factsOf({
      ...{ own, me: identity.node, role, peers },
      now: () => clock.now(),
      urlOf: (id) => links.urlOf(id),
      clockBehind: node.lived.behind(),
      codes: this.#codesOf(own.space),
      ...(running ? { ...running.space.cycle.facts(), folder: running.config.folder } : {}),
      ...(heritage ? { heritage } : {}),
      ...(halt ? { halt } : {}),
      ...(freshness ? { freshness } : {}),
    });
  }

  #codesOf(id: SpaceId): ProblemCodes {
    const codes = this.#codes.get(id) ?? new ProblemCodes(this.#parts.clock);
    this.#codes.set(id, codes);
    return codes;
  }
}
