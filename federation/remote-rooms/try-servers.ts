import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { isServerName } from '../../protocol/identifiers/server-name.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import type { FederationLog } from '../client/transport/federation-log.ts'

/** Whoever names servers of a room names a few; a person waits for the answer. */
const MAX_SERVERS = 8
/** From here on no further server is tried; the one being asked is bounded by its own request. */
const GIVE_UP_AFTER_MS = 120_000

const FORBIDDEN = 403
const NOT_FOUND = 404

/** Another server's answer that we do not work with, in words for the log. */
export class UnusableAnswerError extends Error {}

export interface Attempts {
  readonly serverName: string
  readonly servers: readonly string[]
  readonly log: FederationLog
  /** What was tried, as the end of "could not …". */
  readonly what: string
}

/**
 * Runs `attempt` with one server after the other until one succeeds.
 *
 * @throws MatrixError in our own words: 403 M_FORBIDDEN when a server refused, 400 M_INCOMPATIBLE_ROOM_VERSION, 404
 *   M_NOT_FOUND when none knows the room or none was named, 502 M_UNKNOWN when none could be reached.
 */
export async function tryServers<Result>(
  attempts: Attempts,
  attempt: (server: string) => Promise<Result>,
): Promise<Result> {
  const others = [...new Set(attempts.servers)].filter(
    (server) => server !== attempts.serverName && isServerName(server),
  )
  const startedAt = Date.now()
  const failures: (FederationRequestError | UnusableAnswerError)[] = []
  for (const server of others.slice(0, MAX_SERVERS)) {
    if (Date.now() - startedAt > GIVE_UP_AFTER_MS) break
    try {
      return await attempt(server)
    } catch (error) {
      if (!(error instanceof FederationRequestError) && !(error instanceof UnusableAnswerError)) throw error
      attempts.log.info({ server, reason: error.message }, `could not ${attempts.what} through this server`)
      failures.push(error)
    }
  }
  throw inOurWords(attempts.what, failures)
}

function inOurWords(what: string, failures: readonly (FederationRequestError | UnusableAnswerError)[]) {
  const refusals = failures.filter((failure) => failure instanceof FederationRequestError)
  if (refusals.some(({ status }) => status === FORBIDDEN)) {
    return new MatrixError(403, 'M_FORBIDDEN', `A server in the room refuses to let you ${what}.`)
  }
  if (refusals.some(({ errcode }) => errcode === 'M_INCOMPATIBLE_ROOM_VERSION')) {
    const sentence = `Could not ${what}: this server does not support the version of the room.`
    return new MatrixError(400, 'M_INCOMPATIBLE_ROOM_VERSION', sentence)
  }
  if (failures.length === 0 || refusals.length === failures.length) {
    if (refusals.every(({ status }) => status === NOT_FOUND)) {
      return new MatrixError(404, 'M_NOT_FOUND', `Could not ${what}: no server that is in the room is known.`)
    }
  }
  return new MatrixError(502, 'M_UNKNOWN', `Could not ${what}: no server that is in the room could help.`)
}
