import { hash, randomBytes } from 'node:crypto'
import { findClient, upsertClient } from '../../storage/oauth/clients.ts'
import type { Queries } from '../../storage/database.ts'
import type { ClientMetadata } from './client-metadata.ts'
import { OAuthError } from './oauth-error.ts'

const CLIENT_ID_BYTES = 16

/** A registered client. */
export interface OAuthClient {
  readonly clientId: string
  readonly metadata: ClientMetadata
}

/** Registers a client. Two with the same metadata are one (client-server API, "Dynamic client registration flow"). */
export async function registerClient(queries: Queries, metadata: ClientMetadata): Promise<string> {
  const text = JSON.stringify(metadata)
  return upsertClient(queries, {
    clientId: randomBytes(CLIENT_ID_BYTES).toString('base64url'),
    metadata: text,
    metadataHash: hash('sha256', text, 'buffer'),
    now: Date.now(),
  })
}

/** A client by its id, or undefined. */
export async function clientCalled(
  queries: Queries,
  clientId: string | undefined,
): Promise<OAuthClient | undefined> {
  if (clientId === undefined || clientId.includes('\0')) return undefined
  const stored = await findClient(queries, clientId)
  return stored && { clientId, metadata: JSON.parse(stored.metadata) as ClientMetadata }
}

/** As `clientCalled`, for the endpoints that clients call. @throws OAuthError 401 invalid_client. */
export async function requireClient(
  queries: Queries,
  clientId: string | undefined,
  grantType: string,
): Promise<OAuthClient> {
  const client = await clientCalled(queries, clientId)
  if (!client) throw new OAuthError('invalid_client', 'There is no such client; register it', 401)
  if (!client.metadata.grant_types.includes(grantType)) {
    throw new OAuthError('unauthorized_client', `The client has not registered for the grant ${grantType}`)
  }
  return client
}
