import { sha256 } from '../../protocol/crypto/sha256.ts'
import { serverOf } from '../../protocol/identifiers/user-id.ts'
import { TO_DEVICE, type LocalMessage, type ToDeviceWrite } from '../../storage/e2ee/to-device-write.ts'
import type { UserNid } from '../../storage/numeric-ids.ts'
import { settleAll } from '../../storage/position/settle-all.ts'
import type { TargetedMessage } from './messages.ts'
import { remoteMessages } from './remote-messages.ts'
import type { ToDeviceServices } from './to-device-services.ts'

/** A client repeats a request whose answer it has not had; a day is what it has for other requests. */
const CLIENT_REPEATS_MS = 24 * 3_600_000
/** A server that did not hear our answer may be unreachable for long before it asks again. */
const SERVER_REPEATS_MS = 30 * 24 * 3_600_000

/** A request of one of our devices. */
export interface SendRequest {
  readonly sender: {
    readonly userNid: UserNid
    readonly userId: string
    /** Undefined where an application service sends without a device. */
    readonly deviceId: string | undefined
  }
  readonly type: string
  readonly txnId: string
  readonly messages: readonly TargetedMessage[]
}

/**
 * Takes messages of a device for other devices, here and on other servers; they are stored when it resolves. A
 * request that is repeated is done once.
 */
export async function sendToDevices(services: ToDeviceServices, request: SendRequest): Promise<void> {
  const { sender, type, txnId, messages } = request
  const own = messages.filter(({ userId }) => serverOf(userId) === services.serverName)
  const others = messages.filter(({ userId }) => serverOf(userId) !== services.serverName)
  await services.committer.submit(TO_DEVICE, {
    requestHash: hashOf(['client', sender.userNid, sender.deviceId, type, txnId]),
    expiresTs: services.now() + CLIENT_REPEATS_MS,
    local: localMessages(await knownUsers(services, own), sender.userId, type, own),
    remote: await remoteMessages(services, sender.userId, type, others),
  })
}

/** A message that another server brings. */
export interface ReceivedMessages {
  /** The server, which has proven itself. */
  readonly origin: string
  readonly messageId: string
  /** A user of that server. */
  readonly sender: string
  readonly type: string
  readonly messages: readonly TargetedMessage[]
}

/**
 * Takes messages for our devices from another server, in their order and each once however often it is brought.
 *
 * @throws AggregateError what could not be stored, after the rest has been.
 */
export async function receiveToDevices(
  services: ToDeviceServices,
  received: readonly ReceivedMessages[],
): Promise<void> {
  const isOwn = ({ userId }: TargetedMessage): boolean => serverOf(userId) === services.serverName
  const own = received.map((one) => ({ ...one, messages: one.messages.filter(isOwn) }))
  const userNids = await knownUsers(
    services,
    own.flatMap(({ messages }) => messages),
  )
  const expiresTs = services.now() + SERVER_REPEATS_MS
  const writes = own.flatMap(({ origin, messageId, sender, type, messages }): ToDeviceWrite[] => {
    const local = localMessages(userNids, sender, type, messages)
    if (local.length === 0) return []
    return [{ requestHash: hashOf(['server', origin, messageId]), expiresTs, local, remote: [] }]
  })
  // Submitted in one turn: they come into the stream in this order, and most often in one batch.
  await settleAll(writes.map((write) => services.committer.submit(TO_DEVICE, write)))
}

function knownUsers(
  { interner }: ToDeviceServices,
  messages: readonly TargetedMessage[],
): Promise<ReadonlyMap<string, UserNid>> {
  return interner.findUserNids(new Set(messages.map(({ userId }) => userId)))
}

/** Users that nobody has heard of are left out; unknown devices are, when it is stored. */
function localMessages(
  userNids: ReadonlyMap<string, UserNid>,
  sender: string,
  type: string,
  messages: readonly TargetedMessage[],
): LocalMessage[] {
  return messages.flatMap(({ userId, deviceId, content }) => {
    const userNid = userNids.get(userId)
    if (userNid === undefined) return []
    return [{ userNid, deviceId, event: JSON.stringify({ type, sender, content }) }]
  })
}

function hashOf(identity: readonly (string | number | undefined)[]): Buffer {
  return Buffer.from(sha256(JSON.stringify(identity)))
}
