import type { PolicyServerConfig } from '../../homeserver/config/sections/policy-server.ts'
import { signText } from '../../protocol/crypto/ed25519.ts'
import { referenceJson } from '../../protocol/events/event-id.ts'
import type { RoomEvent } from '../../protocol/events/room-event.ts'
import { compileGlob } from '../../protocol/glob/compile-glob.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { ownValue } from '../../protocol/json/value.ts'

/** What this server as a policy server thinks of events. The same event always gets the same answer. */
export interface OwnPolicy {
  /** The key that rooms name in `m.room.policy`. */
  readonly publicKeyBase64: string
  /** Why an event is not recommended, in a sentence for its sender; undefined for one that is. */
  refusal(event: RoomEvent): string | undefined
  sign(event: RoomEvent): string
}

/** Where messages and room names keep what people read. */
const TEXT_KEYS = ['body', 'formatted_body', 'name', 'topic', 'displayname', 'reason']

/** The policy of the configuration. */
export function createOwnPolicy({ key, denied }: PolicyServerConfig): OwnPolicy {
  const deniedServer = anyOf(denied.servers)
  const deniedUser = anyOf(denied.users)
  const deniedType = anyOf(denied.eventTypes)
  const deniedText = anyOf(denied.texts, { ignoreCase: true, words: true })
  return {
    publicKeyBase64: key.publicKeyBase64,
    refusal(event) {
      if (deniedServer(serverOf(event.sender)))
        return 'The policy server accepts nothing from users of your server'
      if (deniedUser(event.sender)) return 'The policy server accepts nothing from you'
      if (deniedType(event.type)) return `The policy server accepts no events of type ${event.type}`
      const texts = TEXT_KEYS.map((name) => ownValue(event.content, name))
      if (texts.some((text) => typeof text === 'string' && deniedText(text)))
        return 'The policy server refuses this text'
      return undefined
    },
    sign: (event) => signText(referenceJson(event.pdu, event.version), key.privateKey),
  }
}

function anyOf(globs: readonly string[], options = {}): (text: string) => boolean {
  const matchers = globs.map((glob) => compileGlob(glob, options))
  return (text) => matchers.some((matches) => matches(text))
}
