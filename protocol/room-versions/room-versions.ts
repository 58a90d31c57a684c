import type { RoomVersionId, RoomVersionRules } from './rules.ts'

/** rooms/v1.md */
const V1: RoomVersionRules = {
  id: '1',
  stability: 'stable',
  eventIdFormat: 'in-pdu',
  eventReferences: 'pairs',
  strictCanonicalJson: false,
  eventKeyLimit: 'code-points',
  enforceKeyValidity: false,
  stateResolution: 'v1',
  redactionInAuthRules: true,
  aliasesSpecialCase: true,
  checkNotificationLevels: false,
  powerLevelValues: 'lenient',
  knocking: false,
  restrictedJoins: false,
  knockRestrictedJoins: false,
  creators: 'content',
  privilegedCreators: false,
  roomIdIsCreateHash: false,
  ownedState: false,
  redaction: {
    keepsLegacyTopLevelKeys: true,
    keepsAliases: true,
    keepsJoinRulesAllow: false,
    keepsJoinAuthorisedVia: false,
    keepsCreateContent: false,
    keepsRedactsInContent: false,
    keepsInvitePowerLevel: false,
    keepsThirdPartyInviteSigned: false,
  },
  redactsInContent: false,
}

/** rooms/v2.md: state resolution. */
const V2: RoomVersionRules = { ...V1, id: '2', stateResolution: 'v2' }

/** rooms/v3.md: event ids are hashes; redactions leave the auth rules. */
const V3: RoomVersionRules = {
  ...V2,
  id: '3',
  eventIdFormat: 'hash-standard-base64',
  eventReferences: 'ids',
  redactionInAuthRules: false,
}

/** rooms/v4.md: event ids are safe in URLs. */
const V4: RoomVersionRules = { ...V3, id: '4', eventIdFormat: 'hash-urlsafe-base64' }

/** rooms/v5.md: keys must have been valid. */
const V5: RoomVersionRules = { ...V4, id: '5', enforceKeyValidity: true }

/** rooms/v6.md: strict canonical JSON, aliases are ordinary, notification levels are checked. */
const V6: RoomVersionRules = {
  ...V5,
  id: '6',
  strictCanonicalJson: true,
  aliasesSpecialCase: false,
  checkNotificationLevels: true,
  redaction: { ...V5.redaction, keepsAliases: false },
}

/** rooms/v7.md: knocking. */
const V7: RoomVersionRules = { ...V6, id: '7', knocking: true }

/** rooms/v8.md: restricted joins. */
const V8: RoomVersionRules = {
  ...V7,
  id: '8',
  restrictedJoins: true,
  redaction: { ...V7.redaction, keepsJoinRulesAllow: true },
}

/** rooms/v9.md: redaction keeps who authorised a join. */
const V9: RoomVersionRules = {
  ...V8,
  id: '9',
  redaction: { ...V8.redaction, keepsJoinAuthorisedVia: true },
}

/** rooms/v10.md: power levels are integers; knocking and restricted joins together. */
const V10: RoomVersionRules = {
  ...V9,
  id: '10',
  powerLevelValues: 'integers',
  knockRestrictedJoins: true,
}

/** rooms/v11.md: redaction cleaned up; the creator is the sender; `redacts` moves into the content. */
const V11: RoomVersionRules = {
  ...V10,
  id: '11',
  eventKeyLimit: 'bytes',
  creators: 'sender',
  redactsInContent: true,
  redaction: {
    ...V10.redaction,
    keepsLegacyTopLevelKeys: false,
    keepsCreateContent: true,
    keepsRedactsInContent: true,
    keepsInvitePowerLevel: true,
    keepsThirdPartyInviteSigned: true,
  },
}

/** rooms/v12.md: the room id is the create event's hash; creators stand above power levels; state resolution 2.1. */
const V12: RoomVersionRules = {
  ...V11,
  id: '12',
  stateResolution: 'v2.1',
  creators: 'sender-and-additional',
  privilegedCreators: true,
  roomIdIsCreateHash: true,
}

/** MSC3757: version 10 with owned state. */
const OWNED_STATE_10: RoomVersionRules = {
  ...V10,
  id: 'org.matrix.msc3757.10',
  stability: 'unstable',
  ownedState: true,
}

/** MSC3757: version 11 with owned state. */
const OWNED_STATE_11: RoomVersionRules = {
  ...V11,
  id: 'org.matrix.msc3757.11',
  stability: 'unstable',
  ownedState: true,
}

const STABLE = [V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12]

/** Every room version of the specification, and those of proposals that rooms exist in. */
export const ROOM_VERSIONS: ReadonlyMap<string, RoomVersionRules> = new Map(
  [...STABLE, OWNED_STATE_10, OWNED_STATE_11].map((version) => [version.id, version]),
)

/** The version of new rooms (rooms/_index.md). */
export const DEFAULT_ROOM_VERSION: RoomVersionId = '12'

/** The rules of a room version, or undefined when the id names none that is known. */
export function roomVersion(id: string): RoomVersionRules | undefined {
  return ROOM_VERSIONS.get(id)
}
