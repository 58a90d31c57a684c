import { createPublicKey } from 'node:crypto'
import type { Actor } from '../../homeserver/rooms/actions/actor.ts'
import { joinRoom } from '../../homeserver/rooms/actions/join-room.ts'
import type { RoomActions } from '../../homeserver/rooms/actions/room-actions.ts'
import type { EventDraft } from '../../homeserver/rooms/event-draft.ts'
import type { RemoteServers } from '../../homeserver/rooms/remote-servers.ts'
import { encodeBase64 } from '../../protocol/crypto/base64.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { createFederation, type Federation } from '../client/create-federation.ts'
import { createOwnKeys } from '../keys/own-keys.ts'
import { FederationSender } from '../outbound/federation-sender.ts'
import { createRemoteServers } from '../remote-rooms/create-remote-servers.ts'
import type { PrivateNetwork } from './private-network.ts'
import { residentServer, type ResidentServer } from './resident-server.ts'

const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const UNLIMITED = 'rc_joins: { remote: { per_second: 10000, burst_count: 10000 } }\n'
const PUBLIC_KEY_BYTES = 32

const CONFIG = {
  domainWhitelist: undefined,
  domainBlacklist: [],
  blockedSigningKeys: [],
  verifyCertificates: true,
  certificateVerificationWhitelist: [],
  minimumTlsVersion: 'TLSv1.2',
  staticPeers: new Map(),
  clientTimeoutMs: 10_000,
  maxShortRetries: 1,
  destinationMinRetryIntervalMs: 100,
  destinationRetryMultiplier: 1,
  destinationMaxRetryIntervalMs: 100,
  ipRangeBlacklist: [],
  ipRangeWhitelist: [],
  allowPublicRooms: true,
  allowProfileLookup: true,
  allowDeviceNameLookup: true,
} as const

/** A server that answers, asks and sends. */
export interface FederatingServer {
  readonly serverName: string
  readonly resident: ResidentServer
  /** As the resident's, and they reach other servers. */
  readonly actions: RoomActions
  readonly remote: RemoteServers
  readonly federation: Federation
  readonly outbound: FederationSender
  /** Events that other servers have got, in order. */
  readonly told: { readonly destination: string; readonly pdu: JsonObject }[]
  /** Servers that its requests do not reach. */
  readonly unreachable: Set<string>
  /** Another sender on the same database, as after a crash: the first one reaches nobody any more. */
  restartOutbound(): Promise<FederationSender>
  senderBeforeStart(): FederationSender
  joinThrough(user: Actor, roomId: string, ...servers: string[]): Promise<void>
  /** Messages of a room in the order of its history. */
  messages(roomId: string): Promise<string[]>
  say(roomId: string, user: Actor, text: string): Promise<string>
  close(): Promise<void>
}

export async function federatingServer(
  network: PrivateNetwork,
  serverName: string,
): Promise<FederatingServer> {
  const resident = await residentServer(network, serverName, UNLIMITED)
  const { services, writer } = resident.actions
  const { privateKey, keyId } = services.signer
  const publicKey = createPublicKey(privateKey)
  const der = publicKey.export({ format: 'der', type: 'spki' })
  const publicKeyBase64 = encodeBase64(der.subarray(der.length - PUBLIC_KEY_BYTES))
  const ownKeys = createOwnKeys({
    serverName,
    signingKeys: [{ keyId, privateKey, publicKey, publicKeyBase64 }],
    oldKeys: new Map(),
    refreshIntervalMs: 86_400_000,
  })
  const connect = (unreachable: Set<string>) =>
    createFederation({
      config: { ...CONFIG, customCaPaths: [network.caPath] },
      notaries: [],
      ownKeys,
      queries: services.queries,
      log: LOG,
      resolver: network.resolver,
      throughDial: (dial) => {
        const through = network.throughDial(dial)
        return async (server) => {
          if (unreachable.has(server.certificateName)) throw new Error('the link is cut')
          return through(server)
        }
      },
    })
  const told: FederatingServer['told'] = []
  const senderOver = ({ client, backoff }: Federation): FederationSender =>
    new FederationSender({
      ...services,
      client: {
        async sendTransaction(destination, transaction) {
          const errors = await client.sendTransaction(destination, transaction)
          for (const pdu of transaction.pdus) told.push({ destination, pdu })
          return errors
        },
      },
      backoff,
      retryPolicy: { minIntervalMs: 100, multiplier: 1, maxIntervalMs: 100 },
      log: LOG,
    })
  const unreachable = new Set<string>()
  const federation = await connect(unreachable)
  const remote = createRemoteServers({
    ...services,
    client: federation.client,
    keyRing: federation.keyRing,
    threads: federation.threads,
    writer,
    log: LOG,
  })
  const actions = { ...resident.actions, remote }
  const outbound = senderOver(federation)
  await outbound.start()
  const senders = [outbound]
  const federations = [federation]
  return {
    serverName,
    resident,
    actions,
    remote,
    federation,
    outbound,
    told,
    unreachable,
    async restartOutbound() {
      const again = await connect(new Set())
      federations.push(again)
      const sender = senderOver(again)
      await sender.start()
      senders.push(sender)
      return sender
    },
    senderBeforeStart: () => senderOver(federation),
    joinThrough: (user, roomId, ...servers) => joinRoom(actions, user, { roomId, servers, content: {} }),
    async messages(roomId) {
      const roomNid = await services.interner.findRoomNid(roomId)
      if (roomNid === undefined) return []
      const rows = await services.queries
        .selectFrom('event')
        .select(['event_nid', 'room_nid'])
        .where('room_nid', '=', roomNid)
        .where('history_pos', 'is not', null)
        .orderBy('history_pos')
        .execute()
      const stored = await services.events.byPlaces(
        rows.map((row) => ({ roomNid: row.room_nid, eventNid: row.event_nid })),
      )
      return rows
        .map((row) => stored.get(row.event_nid)?.event)
        .filter((event) => event?.type === 'm.room.message')
        .map((event) => String(event?.content['body']))
    },
    say: (roomId, user, text) => resident.send(roomId, message(user, text)),
    async close() {
      for (const sender of senders) await sender.stop()
      for (const each of federations) await each.close()
      await resident.close()
    },
  }
}

function message(user: Actor, body: string): EventDraft {
  return { type: 'm.room.message', sender: user.userId, content: { msgtype: 'm.text', body } }
}
