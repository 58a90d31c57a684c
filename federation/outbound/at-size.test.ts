import type { KyselyPlugin } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { message, openReplica, sendOn, type Replica } from '../../homeserver/rooms/replication.fixture.ts'
import type { JsonObject } from '../../protocol/json/value.ts'
import { eventually } from '../../spec-tests/support/eventually.ts'
import { destinationBackoff } from '../client/backoff/destination-backoff.ts'
import { FederationRequestError } from '../client/transport/federation-request-error.ts'
import { crowdedRoom, type CrowdedRoom } from '../test-support/crowded-room.ts'
import { FederationSender } from './federation-sender.ts'

const SERVERS = 1_000
const MESSAGES = 20
const READERS = 30
/** What a message may cost in queries, on however many servers its room is; saving progress each second included. */
const QUERIES_PER_MESSAGE = 5
const DAY_MS = 86_400_000
const LOG = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A transaction on its way. */
interface Sent {
  readonly destination: string
  readonly pdus: readonly JsonObject[]
  readonly edus: readonly JsonObject[]
}

let here: Replica
let room: CrowdedRoom
let sender: FederationSender
let queryCount = 0
const sent: Sent[] = []
const dead = new Set<string>()

const counter: KyselyPlugin = {
  transformQuery: ({ node }) => {
    queryCount += 1
    return node
  },
  transformResult: async ({ result }) => result,
}

beforeAll(async () => {
  here = await openReplica('here.test')
  room = await crowdedRoom(here, SERVERS)
  const { services } = here.rooms
  const queries = services.queries.withPlugin(counter)
  const policy = { minIntervalMs: DAY_MS, multiplier: 2, maxIntervalMs: DAY_MS }
  const backoff = destinationBackoff(queries, policy)
  sender = new FederationSender({
    ...services,
    queries,
    backoff,
    retryPolicy: policy,
    log: LOG,
    client: {
      async sendTransaction(destination, { pdus, edus }) {
        sent.push({ destination, pdus, edus })
        if (!dead.has(destination)) return new Map()
        await backoff.failed(destination, Date.now())
        throw new FederationRequestError(destination, 'unreachable', 'it is gone')
      },
    },
  })
  await sender.start()
}, 180_000)
afterAll(async () => {
  await sender.stop()
  await here.rooms.close()
})

const bodyOf = (pdu: JsonObject): unknown => (pdu['content'] as JsonObject)['body']

/** Says something, and waits until the servers that are there have it. @returns what was sent meanwhile. */
async function say(...texts: string[]): Promise<readonly Sent[]> {
  sent.length = 0
  await sendOn(here, room.roomId, ...texts.map((text) => message(room.creator, text)))
  const expected = texts.length * (SERVERS - dead.size)
  const arrived = (): number =>
    sent.filter(({ destination }) => !dead.has(destination)).reduce((sum, { pdus }) => sum + pdus.length, 0)
  await eventually('all servers have it', () => arrived() === expected)
  return [...sent]
}

const backlogRows = () => here.rooms.services.queries.selectFrom('destination_backlog').selectAll().execute()

test('a message costs one request for each server, and few queries for all', async () => {
  queryCount = 0
  expect(await say('hello')).toHaveLength(SERVERS)
  expect(queryCount).toBeLessThan(QUERIES_PER_MESSAGE + 2)
  expect(await backlogRows()).toEqual([])
})

test('a server that is gone costs one request and one row, and nothing from then on', async () => {
  for (const server of room.servers.filter((_, index) => index % 2 === 0)) dead.add(server)
  const first = await say('anybody there?')
  expect(first.filter(({ destination }) => dead.has(destination))).toHaveLength(dead.size)
  await eventually('a row for each', async () => (await backlogRows()).length === dead.size)
  const before = await backlogRows()

  queryCount = 0
  const texts = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`)
  const rest = await say(...texts)
  expect(rest.filter(({ destination }) => dead.has(destination))).toEqual([])
  expect(queryCount).toBeLessThan(MESSAGES * QUERIES_PER_MESSAGE)
  expect(await backlogRows()).toEqual(before)
  for (const server of room.servers.filter((name) => !dead.has(name))) {
    const got = rest.filter(({ destination }) => destination === server).flatMap(({ pdus }) => pdus)
    expect(got.map(bodyOf)).toEqual(texts)
  }
})

test('receipts and typing wait for each other, and go with the next event in one transaction', async () => {
  sent.length = 0
  const [eventId] = await sendOn(here, room.roomId, message(room.creator, 'read this'))
  await eventually('the message', () => sent.length === SERVERS - dead.size)
  sent.length = 0
  for (let reader = 0; reader < READERS; reader++) {
    const userId = `@reader${reader}:here.test`
    const receipt = { roomId: room.roomId, userId, eventId: eventId!, ts: reader, threadId: undefined }
    await sender.sendReceipt(receipt)
    await sender.sendTyping(room.roomId, userId, true)
    await sender.sendTyping(room.roomId, userId, false)
  }
  expect(sent).toEqual([])
  const transactions = await say('and that')
  expect(transactions).toHaveLength(SERVERS - dead.size)
  for (const { pdus, edus } of transactions) {
    expect(pdus.map(bodyOf)).toEqual(['and that'])
    // The typing of each, and one of all receipts.
    expect(edus).toHaveLength(READERS + 1)
  }
})
