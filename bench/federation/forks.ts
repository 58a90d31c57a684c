import { parseArgs } from 'node:util'
import { joinAsPeer } from '../../federation/test-support/peer-room.ts'
import { summarise } from '../measure/statistics.ts'
import { PDUS_PER_TRANSACTION, stateForks } from './course.ts'
import { openBench, sendTransaction, type FederationBench } from './open-bench.ts'

const USAGE = `node bench/federation/forks.ts [options]
  --transactions N  of ${PDUS_PER_TRANSACTION} state events on as many branches (default 40)
  --help            this text

What sends to one room take while a server forks another room as far as it can.`

/** Sent before anything is measured: the program warms up. */
const WARM_UP = 100

const { values } = parseArgs({
  options: { transactions: { type: 'string', default: '40' }, help: { type: 'boolean', default: false } },
})

if (values.help) console.log(USAGE)
else await bench(Number(values.transactions))

async function bench(transactions: number): Promise<void> {
  await using closing = new AsyncDisposableStack()
  const opened = await openBench(closing)
  const { peer, alice } = opened
  const levels = { power_level_content_override: { state_default: 0 } }
  const quiet = await alice.createRoom({})
  const roomId = await alice.createRoom({ preset: 'public_chat', ...levels })
  const room = await joinAsPeer(peer, roomId, 'bob')
  const course = stateForks()
  const bodies = Array.from({ length: transactions }, () => ({
    origin: peer.serverName,
    origin_server_ts: Date.now(),
    pdus: course.transaction(room).map(({ pdu }) => pdu),
  }))
  for (let index = 0; index < WARM_UP; index++) await alice.say(quiet, 'warm up')

  const alone = await timeSends(opened, quiet, async () => {
    for (let index = 0; index < WARM_UP; index++) await alice.say(quiet, 'beside')
  })
  const begun = performance.now()
  const beside = await timeSends(opened, quiet, async () => {
    for (const [index, body] of bodies.entries()) await sendTransaction(peer, `fork${index}`, body)
  })
  const each = (performance.now() - begun) / (transactions * PDUS_PER_TRANSACTION)
  console.log('| sends to one room | sends | p50, ms | p95, ms | longest, ms |')
  console.log('|---|--:|--:|--:|--:|')
  console.log(row('beside sends of the same user', alone))
  console.log(row(`while a server forks another room, ${each.toFixed(1)} ms an event there`, beside))
}

/** How long each send takes while something else is done, milliseconds. */
async function timeSends(
  { alice }: FederationBench,
  roomId: string,
  meanwhile: () => Promise<void>,
): Promise<number[]> {
  const times: number[] = []
  let isOver = false
  const other = meanwhile().finally(() => (isOver = true))
  while (!isOver) {
    const begun = performance.now()
    await alice.say(roomId, 'still here')
    times.push(performance.now() - begun)
  }
  await other
  return times
}

function row(title: string, times: readonly number[]): string {
  const { p50 = NaN, p95 = NaN, max = NaN } = summarise(times) ?? {}
  return `| ${[title, times.length, p50.toFixed(1), p95.toFixed(1), max.toFixed(1)].join(' | ')} |`
}
