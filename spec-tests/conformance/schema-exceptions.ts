/** Where the documents are wrong about answers that the specification's text asks for. */
export interface SchemaException {
  /** `GET /_matrix/client/v3/sync`; every operation when left out. */
  readonly operation?: string
  /** The request's query, decoded; any when left out. */
  readonly asked?: RegExp
  /** The place in the answer, as a JSON pointer. */
  readonly at: RegExp
  /** The complaint. */
  readonly complaint: RegExp
  readonly reason: string
}

const NO_ORIGIN =
  'The event is the one that the inviting server signed, and events of no room version need an `origin`.'

export const SCHEMA_EXCEPTIONS: readonly SchemaException[] = [
  {
    operation: 'PUT /_matrix/federation/v2/invite/{roomId}/{eventId}',
    at: /^\/event$/,
    complaint: /required property 'origin'/,
    reason: NO_ORIGIN,
  },
  {
    operation: 'PUT /_matrix/federation/v1/invite/{roomId}/{eventId}',
    at: /^\/1(\/event)?$/,
    complaint: /required property 'origin'|must be integer|schema in anyOf/,
    reason: `${NO_ORIGIN} The schema then tries the other kind of list element.`,
  },
  {
    operation: 'GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
    asked: /\bformat=event\b/,
    at: /^$/,
    complaint: /exactly one schema in oneOf/,
    reason: 'The answer is a content or an event, and whatever is an event also fits the schema of contents.',
  },
  {
    operation: 'GET /_matrix/client/v3/rooms/{roomId}/joined_members',
    at: /^\/joined\/[^/]+\/(avatar_url|display_name)$/,
    complaint: /must be string/,
    reason: 'Clients are used to both keys being there, and to null for what a member has not set.',
  },
  {
    asked: /event_fields/,
    at: /\/events\/\d+(\/|$)/,
    complaint: /required property/,
    reason: 'The filter asks for some of the fields and so goes without those that the schema requires.',
  },
  {
    asked: /event_format"\s*:\s*"federation/,
    at: /\/events\/\d+(\/|$)/,
    complaint: /required property '(event_id|room_id)'/,
    reason:
      'The filter asks for events as servers send them to each other, where these fields may be absent.',
  },
  {
    operation: 'GET /_matrix/client/v1/auth_metadata',
    at: /^\/account_management_actions_supported\/\d+$/,
    complaint: /one of the allowed values/,
    reason:
      'The text leaves the set of actions open; some clients know them by the names that the proposal had first.',
  },
  {
    operation: 'POST /_matrix/client/v3/keys/device_signing/upload',
    at: /^$/,
    complaint: /required property '(errcode|error)'/,
    reason: 'The 401 of interactive authentication, which the document of this operation leaves out.',
  },
  {
    operation: 'GET /_matrix/client/v3/voip/turnServer',
    at: /^$/,
    complaint: /required property '(username|password|uris|ttl)'/,
    reason:
      'Without a TURN server the answer is empty: clients take an empty list of addresses for a broken one.',
  },
  {
    asked: /^org\.matrix\.msc4140\.delay=/,
    at: /^$/,
    complaint: /required property 'event_id'/,
    reason: 'An event that is sent later has no id yet; the answer of MSC4140 is its `delay_id`.',
  },
]
