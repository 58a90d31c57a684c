import type { Operation } from './operations.ts'

/** Why operations are not implemented. */
interface Reason {
  /** The reason of operations that are not listed elsewhere, by their module. */
  readonly modules?: readonly string[]
  /** Names of operations after their API: `CS getPushers`. */
  readonly operations?: readonly string[]
  readonly reason: string
}

/** The path of these is another operation's too, so that a declared route does not tell of them. */
export const ON_ANOTHERS_PATH: ReadonlySet<string> = new Set(['CS inviteBy3PID', 'CS peekEvents'])

const REASONS: readonly Reason[] = [
  {
    modules: ['End-to-End Encryption', 'Send-to-Device messaging'],
    reason: 'encryption keys: not built yet',
  },
  {
    operations: ['SS getUserDevices'],
    reason: 'device lists of other servers, part of encryption: not built yet',
  },
  { modules: ['Content repository', 'Content Repository'], reason: 'media: not built yet' },
  { operations: ['CS getPushers', 'CS postPusher', 'PUSH notify'], reason: 'push to devices: not built yet' },
  { operations: ['CS getNotifications'], reason: 'the list of notifications: not built yet' },
  {
    modules: ['Application Services', 'Core: Application Services', 'Third-party Networks'],
    reason: 'application services and their bridges: not built yet',
  },
  {
    operations: [
      'CS post3PIDs',
      'CS add3PID',
      'CS bind3PID',
      'CS delete3pidFromAccount',
      'CS unbind3pidFromAccount',
      'CS requestTokenTo3PIDEmail',
      'CS requestTokenToResetPasswordEmail',
      'CS requestTokenToRegisterEmail',
    ],
    reason: 'e-mail addresses of accounts: not built yet',
  },
  {
    operations: [
      'CS requestTokenTo3PIDMSISDN',
      'CS requestTokenToResetPasswordMSISDN',
      'CS requestTokenToRegisterMSISDN',
    ],
    reason: 'telephone numbers: this server sends no text messages',
  },
  {
    operations: ['CS inviteBy3PID', 'SS exchangeThirdPartyInvite', 'SS onBindThirdPartyIdentifier'],
    reason: 'invites by e-mail need an identity server: not built yet; they are refused',
  },
  { modules: ['SSO client login/authentication'], reason: 'single sign-on: not built yet' },
  {
    operations: ['CS getEvents', 'CS peekEvents', 'CS initialSync', 'CS getOneEvent', 'CS roomInitialSync'],
    reason: 'deprecated, or built on what is: clients use `/sync`',
  },
  {
    operations: [
      'CS getRelatingEvents',
      'CS getRelatingEventsWithRelType',
      'CS getRelatingEventsWithRelTypeAndEventType',
    ],
    reason: 'lists of relations: not built yet',
  },
  { modules: ['Threading'], reason: 'lists of threads: not built yet' },
  {
    operations: ['CS getEventByTimestamp', 'SS getEventByTimestamp'],
    reason: 'jumping to a date: not built yet',
  },
  {
    operations: [
      'CS getRoomVisibilityOnDirectory',
      'CS setRoomVisibilityOnDirectory',
      'CS getPublicRooms',
      'CS queryPublicRooms',
      'SS getPublicRooms',
      'SS queryPublicRooms',
    ],
    reason: 'the list of public rooms: not built yet',
  },
  { operations: ['CS getRoomSummary'], reason: 'summaries of rooms: not built yet' },
  { modules: ['Spaces'], reason: 'the hierarchy of spaces: not built yet' },
  { modules: ['Room Upgrades'], reason: 'room upgrades: not built yet' },
  { modules: ['Room Tagging'], reason: 'tags: not built yet' },
  { modules: ['Presence'], reason: 'presence: not built yet' },
  { modules: ['Reporting Content'], reason: 'reports to the administrators: not built yet' },
  { modules: ['Server Side Search'], reason: 'search in messages: not built yet' },
  { operations: ['CS searchUserDirectory'], reason: 'search for users: not built yet' },
  { modules: ['Mutual Rooms'], reason: 'rooms in common: not built yet' },
  { modules: ['OpenID'], reason: 'OpenID tokens for widgets and integrations: not built yet' },
  { modules: ['Voice over IP'], reason: 'credentials of a TURN server: not built yet' },
  { modules: ['Server Administration'], reason: 'administration by the client API: not built yet' },
  {
    operations: ['CS getWellknownPolicy'],
    reason: 'policy servers publish it; this server is none',
  },
  { modules: ['Policy Servers'], reason: 'policy servers: not built yet' },
  { operations: ['SS queryInfo'], reason: 'of the query types only the two that the specification names' },
]

/** The name under which reasons know an operation. */
export function nameOf({ api, operationId }: Operation): string {
  return `${api} ${operationId}`
}

/** Why an operation is not implemented, as far as anybody has said. */
export function reasonOf(operation: Operation): string | undefined {
  const named = REASONS.find(({ operations }) => operations?.includes(nameOf(operation)))
  return (named ?? REASONS.find(({ modules }) => modules?.includes(operation.module)))?.reason
}

/** Every operation that a reason names. */
export function reasonedOperations(): string[] {
  return REASONS.flatMap(({ operations = [] }) => operations)
}
