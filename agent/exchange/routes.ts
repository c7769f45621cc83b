/** The resources of the wire, as paths. Both ends spell them here. */

import { maxSeq } from '#agent/core/bounds.ts';
import { DongboError } from '#agent/core/errors.ts';
import { type Origin, originKey, parseOriginKey, parseSpaceId, type SpaceId } from '#agent/core/ids.ts';
import { maxUrlBytes } from './limits.ts';

export const agreementHeader = 'dongbo-agreement';
/** The caller understands receipts about authors that have left. */
export const leftHeader = 'dongbo-left';

export type Route =
  | { readonly name: 'events' }
  | { readonly name: SpaceRouteName; readonly space: SpaceId }
  | { readonly name: 'segments'; readonly space: SpaceId; readonly origin: Origin; readonly from: number };

export type SpaceRouteName =
  | 'heads'
  | 'pushSegments'
  | 'pushReceipts'
  | 'missing'
  | 'getChunks'
  | 'putChunks'
  | 'dropChunks';

interface Form {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

const spaceForms: Readonly<Record<SpaceRouteName, Form>> = {
  heads: { method: 'GET', path: 'heads' },
  pushSegments: { method: 'POST', path: 'segments' },
  pushReceipts: { method: 'POST', path: 'receipts' },
  missing: { method: 'POST', path: 'chunks/missing' },
  getChunks: { method: 'POST', path: 'chunks/get' },
  putChunks: { method: 'POST', path: 'chunks' },
  dropChunks: { method: 'POST', path: 'chunks/drop' },
};
const spaceNames = Object.keys(spaceForms) as SpaceRouteName[];

export const eventsPath = '/v1/events';
const spacePath = (space: SpaceId): string => `/v1/spaces/${space}`;

/** Method and path of a route, as the client asks for it. */
export function formOf(route: Route): Form {
  if (route.name === 'events') return { method: 'GET', path: eventsPath };
  if (route.name === 'segments') {
    const path = `${spacePath(route.space)}/segments/${originKey(route.origin)}?from=${route.from}`;
    return { method: 'GET', path };
  }
  const { method, path } = spaceForms[route.name];
  return { method, path: `${spacePath(route.space)}/${path}` };
}

const spaceUrl = /^\/v1\/spaces\/([^/?]+)\/([^?]*)$/;
const segmentsUrl = /^\/v1\/spaces\/([^/?]+)\/segments\/([^/?]+)\?from=([1-9][0-9]{0,15})$/;

/** Reads a request line. Throws ROUTE_UNKNOWN, METHOD_REFUSED or BODY_TOO_LARGE; nothing else is understood. */
export function routeOf(method: string, url: string): Route {
  if (url.length > maxUrlBytes) throw new DongboError('BODY_TOO_LARGE', { limit: maxUrlBytes });
  if (url === eventsPath) return expect('GET', method, { name: 'events' });
  const segments = segmentsUrl.exec(url);
  if (segments) return expect('GET', method, segmentsRoute(segments));
  const [, space, rest] = spaceUrl.exec(url) ?? [];
  const named = spaceNames.filter((name) => spaceForms[name].path === rest);
  const first = named[0];
  if (space === undefined || first === undefined) throw unknownRoute();
  const name = named.find((each) => spaceForms[each].method === method) ?? first;
  return expect(spaceForms[name].method, method, { name, space: inPath(parseSpaceId, space) });
}

function segmentsRoute([, space, origin, from]: readonly (string | undefined)[]): Route {
  const seq = Number(from);
  if (seq > maxSeq) throw unknownRoute();
  return {
    name: 'segments',
    space: inPath(parseSpaceId, space),
    origin: inPath(parseOrigin, origin),
    from: seq,
  };
}

/** One feed has one spelling. */
function parseOrigin(text: unknown): Origin {
  const origin = parseOriginKey(String(text));
  if (originKey(origin) !== text) throw unknownRoute();
  return origin;
}

/** An identifier that is none names nothing. */
function inPath<T>(parse: (text: unknown) => T, text: unknown): T {
  try {
    return parse(text);
  } catch {
    throw unknownRoute();
  }
}

function expect<R extends Route>(wanted: string, method: string, route: R): R {
  if (wanted !== method) throw new DongboError('METHOD_REFUSED', { allow: wanted });
  return route;
}

const unknownRoute = (): DongboError => new DongboError('ROUTE_UNKNOWN');
