/**
 * Everything that dongbo tells an operator, as one union. `status/` turns it into log lines, metrics and the
 * snapshot. No event carries an item's name except `problem.path` and `conflict.path`, which stay on this node and
 * are logged at debug only.
 */
import type { Details, Halt, Problem } from './errors.ts';
import type { NodeId, SpaceId } from './ids.ts';

export type AgentEvent =
  | {
      readonly type: 'agent.started';
      readonly agency: string;
      readonly node: NodeId;
      readonly role: 'agent' | 'relay';
    }
  | {
      readonly type: 'agent.ready';
      /** `address:port`, as they came to be. */
      readonly status?: string;
      readonly exchange?: string;
    }
  | { readonly type: 'agent.stopping'; readonly reason: string }
  | {
      readonly type: 'scan.done';
      readonly space: SpaceId;
      readonly items: number;
      readonly changed: number;
      readonly ms: number;
    }
  | { readonly type: 'published'; readonly space: SpaceId; readonly changes: number; readonly seq: number }
  | { readonly type: 'received'; readonly space: SpaceId; readonly from: NodeId; readonly records: number }
  | { readonly type: 'applied'; readonly space: SpaceId; readonly items: number; readonly bytes: number }
  | { readonly type: 'problem'; readonly space: SpaceId; readonly problem: Problem }
  | { readonly type: 'problem.cleared'; readonly space: SpaceId; readonly path: string }
  | { readonly type: 'conflict'; readonly space: SpaceId; readonly path: string; readonly copy: string }
  | { readonly type: 'halted'; readonly space: SpaceId; readonly halt: Halt }
  /** A person lifted a halt, by name and for a reason. */
  | {
      readonly type: 'released';
      readonly space: SpaceId;
      readonly code: string;
      readonly by: string;
      readonly reason: string;
    }
  /** A halt lifted itself: its cause is gone. */
  | { readonly type: 'halt.ended'; readonly space: SpaceId; readonly code: string }
  | { readonly type: 'peer.up'; readonly peer: NodeId; readonly url: string }
  | {
      readonly type: 'peer.down';
      readonly peer: NodeId;
      readonly url: string;
      readonly code: string;
      readonly details: Details;
    }
  /** After a failure that was told: the exchange about a space has come to its end again. */
  | { readonly type: 'exchange.well'; readonly peer: NodeId; readonly space: SpaceId }
  | { readonly type: 'refused'; readonly code: string; readonly details: Details }
  | { readonly type: 'wire'; readonly peer: NodeId; readonly direction: 'in' | 'out'; readonly bytes: number }
  | { readonly type: 'error'; readonly code: string; readonly details: Details }
  | { readonly type: 'note'; readonly code: string; readonly details: Details };

export type Emit = (event: AgentEvent) => void;
