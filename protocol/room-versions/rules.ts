/**
 * What differs between room versions, as data. Each version is the difference from the one before it
 * (`room-versions.ts`); code asks for a rule, never for a version number.
 * Source: specification, "Room versions", `rooms/v1.md` to `rooms/v12.md`, and the proposals that are named.
 */
export interface RoomVersionRules {
  readonly id: RoomVersionId
  /** Unstable: the version of a proposal. */
  readonly stability: 'stable' | 'unstable'
  /** `in-pdu`: versions 1 and 2 carry `event_id`; from version 3 on it is the reference hash. */
  readonly eventIdFormat: 'in-pdu' | 'hash-standard-base64' | 'hash-urlsafe-base64'
  /** `pairs`: `[event_id, {sha256}]` lists of versions 1 and 2; `ids`: plain lists. */
  readonly eventReferences: 'pairs' | 'ids'
  /** From version 6 on floats and integers beyond ±(2^53−1) make a PDU invalid. */
  readonly strictCanonicalJson: boolean
  /**
   * What the 255 of `type` and `state_key` count. The specification says bytes; rooms up to version 10 hold events
   * that other servers measured in code points, and who leaves those out loses what follows them.
   */
  readonly eventKeyLimit: 'code-points' | 'bytes'
  /** From version 5 on a signing key must have been valid at `origin_server_ts`. */
  readonly enforceKeyValidity: boolean
  readonly stateResolution: 'v1' | 'v2' | 'v2.1'
  /** Versions 1 and 2 judge redaction power in the auth rules; later ones when the redaction is applied. */
  readonly redactionInAuthRules: boolean
  /** Versions 1 to 5 treat `m.room.aliases` specially in auth rules and redaction. */
  readonly aliasesSpecialCase: boolean
  /** From version 6 on the `notifications` levels are checked like `events`. */
  readonly checkNotificationLevels: boolean
  /** `lenient`: versions 1 to 9 accept strings and floats; `integers`: from version 10 on. */
  readonly powerLevelValues: 'lenient' | 'integers'
  /** From version 7 on. */
  readonly knocking: boolean
  /** From version 8 on. */
  readonly restrictedJoins: boolean
  /** From version 10 on. */
  readonly knockRestrictedJoins: boolean
  /** Who created the room: `content.creator` (1–10), the sender (11), sender and additional creators (12). */
  readonly creators: 'content' | 'sender' | 'sender-and-additional'
  /** From version 12 on creators stand above every power level. */
  readonly privilegedCreators: boolean
  /** From version 12 on the room id is the create event's hash, and that event carries no `room_id`. */
  readonly roomIdIsCreateHash: boolean
  /** State keys may begin with the user id of their owner, and those above may set them too (MSC3757). */
  readonly ownedState: boolean
  readonly redaction: RedactionRules
  /** From version 11 on `redacts` stands in the content of a redaction. */
  readonly redactsInContent: boolean
}

export interface RedactionRules {
  /** Versions 1 to 10 keep the top-level keys `origin`, `membership` and `prev_state`. */
  readonly keepsLegacyTopLevelKeys: boolean
  /** Versions 1 to 5. */
  readonly keepsAliases: boolean
  /** From version 8 on. */
  readonly keepsJoinRulesAllow: boolean
  /** From version 9 on. */
  readonly keepsJoinAuthorisedVia: boolean
  /** From version 11 on `m.room.create` keeps its whole content. */
  readonly keepsCreateContent: boolean
  /** From version 11 on. */
  readonly keepsRedactsInContent: boolean
  /** From version 11 on. */
  readonly keepsInvitePowerLevel: boolean
  /** From version 11 on: `third_party_invite.signed` of a membership event. */
  readonly keepsThirdPartyInviteSigned: boolean
}

export type StableRoomVersionId = '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '10' | '11' | '12'
export type RoomVersionId = StableRoomVersionId | 'org.matrix.msc3757.10' | 'org.matrix.msc3757.11'
