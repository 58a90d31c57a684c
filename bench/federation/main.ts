import { parseArgs } from 'node:util'
import { joinAsPeer } from '../../federation/test-support/peer-room.ts'
import type { Region } from '../../spec-tests/support/region.ts'
import type { TestClient } from '../../spec-tests/support/test-client.ts'
import { mainThreadSecondsOf, memoryOf, processorSecondsOf } from '../measure/server-process.ts'
import { courses, PDUS_PER_TRANSACTION, type Course } from './course.ts'
import type { FakePeer } from './fake-peer.ts'
import { openBench, sendTransaction } from './open-bench.ts'

const USAGE = `node bench/federation/main.ts [options]
  --transactions N  of ${PDUS_PER_TRANSACTION} events, in each case (default 100)
  --help            this text`

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
  const { region, peer, alice } = await openBench(closing)
  console.log(
    '| events follow each other | events/s | CPU of the server, ms an event | of that in its main thread | memory, MB |',
  )
  console.log('|---|--:|--:|--:|--:|')
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
  let [begun, processorBefore, mainBefore] = [0, 0, 0]
  for (const [index, body] of bodies.entries()) {
    if (index === WARM_UP) {
      const [whole, main] = await Promise.all([processorSecondsOf(pid), mainThreadSecondsOf(pid)])
      ;[begun, processorBefore, mainBefore] = [performance.now(), whole ?? 0, main ?? 0]
    }
    await sendTransaction(peer, `${roomId.slice(1, 9)}${index}`, body)
  }
  const seconds = (performance.now() - begun) / 1_000
  const processor = ((await processorSecondsOf(pid)) ?? 0) - processorBefore
  const main = ((await mainThreadSecondsOf(pid)) ?? 0) - mainBefore
  const events = transactions * PDUS_PER_TRANSACTION
  const { peakMb } = (await memoryOf(pid)) ?? { peakMb: 0 }
  const cells = [
    course.title,
    (events / seconds).toFixed(0),
    ((processor * 1_000) / events).toFixed(2),
    ((main * 1_000) / events).toFixed(2),
    peakMb.toFixed(0),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
