import { json } from '../../homeserver/http/answer.ts'
import { declareRoutes, type Routes } from '../../homeserver/http/endpoint.ts'
import type { AccountApiContext } from '../context.ts'
import type { ClientEndpoints } from '../http/client-endpoints.ts'

interface SpecVersion {
  readonly version: string
  /** What clients make depend on exactly this entry, which works here. */
  readonly gates: string
}

/**
 * Versions of the specification. Clients look for exact entries and turn features on by them, so each stands for
 * itself: one is listed once its features work here, whatever the others say. matrix-js-sdk needs at least one of
 * v1.1 to v1.13.
 */
export const SPEC_VERSIONS: readonly SpecVersion[] = [
  { version: 'r0.6.1', gates: 'logging in at all, in clients from before v1.1' },
  { version: 'v1.1', gates: 'logging in at all, and the /v3 paths' },
  { version: 'v1.2', gates: 'restricted joins, registration tokens' },
  { version: 'v1.3', gates: 'threads and relations on the server' },
  { version: 'v1.4', gates: 'receipts and unread counts by thread' },
  { version: 'v1.5', gates: 'nothing; events may refer to each other' },
  { version: 'v1.6', gates: 'jumping to a date (`timestamp_to_event`)' },
  { version: 'v1.7', gates: 'mentions that a message names (`m.mentions`)' },
  { version: 'v1.8', gates: 'nothing; room version 11' },
  { version: 'v1.9', gates: 'nothing; edits notify nobody' },
  { version: 'v1.10', gates: 'relations of relations (`recurse`)' },
  { version: 'v1.11', gates: 'media that is downloaded with an access token' },
  { version: 'v1.12', gates: 'nothing; rooms marked as unread, locked accounts' },
  { version: 'v1.13', gates: 'reports of rooms' },
  { version: 'v1.14', gates: 'reports of users' },
  { version: 'v1.15', gates: 'OAuth 2.0, room summaries' },
  { version: 'v1.16', gates: 'profile fields of any name, `use_state_after`' },
  { version: 'v1.17', gates: 'nothing; application services with devices' },
  { version: 'v1.18', gates: 'suspending and locking by administrators, invite blocking' },
]

/** Unstable features that work here, and those whose stable form does while clients ask for the older name. */
const UNSTABLE_FEATURES: Readonly<Record<string, boolean>> = {
  'dev.meridian.live': true,
  'org.matrix.simplified_msc3575': true,
  'org.matrix.msc2285.stable': true,
  'org.matrix.msc3771': true,
  'org.matrix.msc3773': true,
  'org.matrix.msc3440.stable': true,
  'org.matrix.msc3715.stable': true,
  'org.matrix.msc3827.stable': true,
  'org.matrix.msc3856.stable': true,
  'org.matrix.msc3391': true,
  'org.matrix.msc3874': true,
  'org.matrix.msc3881': true,
  'org.matrix.msc3981': true,
  'org.matrix.msc4140': true,
  'org.matrix.msc4140.stable': true,
  'org.matrix.msc4143': true,
  'org.matrix.msc4155': true,
  'uk.half-shot.msc2666.query_mutual_rooms': true,
  'uk.half-shot.msc2666.query_mutual_rooms.stable': true,
  'uk.tcpip.msc4133': true,
  'uk.tcpip.msc4133.stable': true,
}

/** `GET /versions`. */
export function versionRoutes({ config }: AccountApiContext, { open }: ClientEndpoints): Routes {
  const answer = json({
    versions: SPEC_VERSIONS.map(({ version }) => version),
    unstable_features: {
      ...UNSTABLE_FEATURES,
      ...(config.rooms.threadSubscriptions && { 'org.matrix.msc4306': true }),
    },
  })
  return declareRoutes().get(
    '/_matrix/client/versions',
    open(() => answer),
  )
}
