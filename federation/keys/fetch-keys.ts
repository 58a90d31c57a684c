import type { StoredServerKey } from '../../storage/federation/server-keys.ts'
import type { FederationTransport } from '../client/transport/federation-transport.ts'
import { readServerKeys } from './read-server-keys.ts'

/** Twenty keys with their signatures take 4 kB. */
const MAX_ANSWER_BYTES = 64 * 1024
/** Requests and events of others wait for it. */
const TIMEOUT_MS = 15_000

/**
 * Asks a server for its keys (`GET /_matrix/key/v2/server`).
 *
 * @param ignoreBackoff asks even a server that is being left alone, because it has just called.
 * @throws FederationRequestError, BadServerKeysError
 */
export async function fetchKeys(
  transport: FederationTransport,
  serverName: string,
  ignoreBackoff: boolean,
): Promise<StoredServerKey[]> {
  const statement = await transport.request(serverName, {
    method: 'GET',
    target: '/_matrix/key/v2/server',
    signed: false,
    timeoutMs: TIMEOUT_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
    ignoreBackoff,
  })
  return readServerKeys(statement, serverName, true, Date.now())
}
