import type { ServerFailure } from '../../e2ee/keys/user-keys.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'

/** Of a server that cannot be reached, takes too long or answers wrongly: 503 Service Unavailable. */
const UNAVAILABLE = 503

/** What clients are told of a failed request, in our own words. @throws what is no failure of another server. */
export function serverFailure(error: unknown): ServerFailure {
  if (!(error instanceof FederationRequestError)) throw error
  return { status: UNAVAILABLE, message: REASONS[error.kind] }
}

const REASONS: Readonly<Record<FederationRequestError['kind'], string>> = {
  'not-allowed': 'This server does not speak with that one',
  'backed-off': 'The server did not answer of late and is left alone for a while',
  unreachable: 'The server could not be reached in time',
  refused: 'The server refused to answer',
  'bad-answer': 'The server gave an answer that is not as the specification has it',
}
