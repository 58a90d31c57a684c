import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { joinAsPeer } from '../../federation/test-support/peer-room.ts'
import { openLink } from '../../spec-tests/support/link.ts'
import { createPrivateAuthority } from '../../spec-tests/support/private-authority.ts'
import { createRegion, type Region } from '../../spec-tests/support/region.ts'
import { TestClient } from '../../spec-tests/support/test-client.ts'
import { memoryOf, processorSecondsOf } from '../measure/server-process.ts'
import { courses, PDUS_PER_TRANSACTION, type Course } from './course.ts'
import { startFakePeer, type FakePeer } from './fake-peer.ts'

const USAGE = `node bench/federation/main.ts [options]
  --transactions N  of ${PDUS_PER_TRANSACTION} events, in each case (default 100)
  --help            this text`

/** PostgreSQL's own user must reach the database in it. */
const PASSABLE = 0o711
/** Sent before the clock starts: the program warms up. */
const WARM_UP = 10

const { values } = parseArgs({
  options: {
    transactions: { type: 'string', default: '100' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else await bench(Number(values.transactions))

/** Sends transactions from a fake server to a real one, with its own PostgreSQL, one after the other. */
async function bench(transactions: number): Promise<void> {
  await using closing = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'meridian-federation-'))
  closing.defer(() => rm(directory, { recursive: true, force: true }))
  await chmod(directory, PASSABLE)
  const authority = await createPrivateAuthority(join(directory, 'authority.crt'))
  const link = await openLink()
  closing.defer(() => link.close())
  const destination = { serverName: 'here.test', port: () => link.port }
  const peer = await startFakePeer(authority, 'fake.test', destination)
  closing.defer(() => peer.close())
  const region = await createRegion({
    serverName: destination.serverName,
    authority,
    directory: join(directory, 'here'),
    peers: new Map([[peer.serverName, peer.port]]),
    federationLinks: [link],
  })
  closing.defer(() => region.close())
  await region.start()
  const alice = new TestClient(region.url)
  await alice.register('alice')
  console.log('| events follow each other | events/s | CPU of the server, ms an event | memory, MB |')
  console.log('|---|--:|--:|--:|')
  for (const course of courses()) await measure(region, peer, alice, course, transactions)
}

async function measure(
  region: Region,
  peer: FakePeer,
  alice: TestClient,
  course: Course,
  transactions: number,
): Promise<void> {
  const roomId = await alice.createRoom({
    preset: 'public_chat',
    power_level_content_override: { state_default: 0 },
  })
  const room = await joinAsPeer(peer, roomId, 'bob')
  const bodies = Array.from({ length: WARM_UP + transactions }, () => ({
    origin: peer.serverName,
    origin_server_ts: Date.now(),
    pdus: course.transaction(room).map(({ pdu }) => pdu),
  }))
  const pid = region.pid() ?? 0
  let [begun, processorBefore] = [0, 0]
  for (const [index, body] of bodies.entries()) {
    if (index === WARM_UP)
      [begun, processorBefore] = [performance.now(), (await processorSecondsOf(pid)) ?? 0]
    const answer = await peer.request(
      'PUT',
      `/_matrix/federation/v1/send/${roomId.slice(1, 9)}${index}`,
      body,
    )
    if (answer.status !== 200 || JSON.stringify(answer.body).includes('"error"'))
      throw new Error(`a transaction was answered with ${answer.status} ${JSON.stringify(answer.body)}`)
  }
  const seconds = (performance.now() - begun) / 1_000
  const processor = ((await processorSecondsOf(pid)) ?? 0) - processorBefore
  const events = transactions * PDUS_PER_TRANSACTION
  const { peakMb } = (await memoryOf(pid)) ?? { peakMb: 0 }
  const cells = [
    course.title,
    (events / seconds).toFixed(0),
    ((processor * 1_000) / events).toFixed(2),
    peakMb.toFixed(0),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
