import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startTwoRegions } from '../../spec-tests/support/two-regions.ts'
import { summarise } from '../measure/statistics.ts'
import { furnish } from './furnish.ts'
import { outage } from './outage.ts'
import { speak } from './speak.ts'

const USAGE = `node bench/distance/main.ts [options]
  --delay MS    each way between the two regions (default 100)
  --rate N      messages a second, in all rooms together (default 200)
  --seconds N   of speaking at that rate (default 60)
  --rooms N     with a member on either side (default 100)
  --missed N    events of the outage, in all rooms together (default 100000)
  --help        this text`

/** PostgreSQL's own user must reach the databases in it. */
const PASSABLE = 0o711

const { values } = parseArgs({
  options: {
    delay: { type: 'string', default: '100' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '60' },
    rooms: { type: 'string', default: '100' },
    missed: { type: 'string', default: '100000' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) console.log(USAGE)
else await bench()

async function bench(): Promise<void> {
  const delayMs = Number(values.delay)
  await using closing = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'meridian-distance-'))
  closing.defer(() => rm(directory, { recursive: true, force: true }))
  await chmod(directory, PASSABLE)
  console.log(`${cpus().length} cores, load average ${loadavg()[0]!.toFixed(1)}`)
  const embedded = { north: undefined, south: undefined }
  const regions = closing.use(await startTwoRegions(directory, embedded, {}, delayMs))
  const rooms = closing.use(await furnish(regions, Number(values.rooms)))

  const latencies = await speak(rooms.list, Number(values.rate), Number(values.seconds))
  const { samples, p50, p95, p99, max } = summarise(latencies)!
  const above = [p50, p95, p99, max].map((ms) => (ms - delayMs).toFixed(0))
  console.log('| messages | p50 | p95 | p99 | longest |\n|--:|--:|--:|--:|--:|')
  console.log(`| ${samples} | ${above.join(' | ')} |`)
  console.log(`(milliseconds from send to receive, above the ${delayMs} that everything is on its way)`)

  const { sent, sendingSeconds, catchingUpSeconds } = await outage(regions, rooms.list, Number(values.missed))
  console.log(
    `${sent} events sent in ${sendingSeconds.toFixed(0)} s while cut off, all there ${catchingUpSeconds.toFixed(0)} s ` +
      `after healing: ${(sent / catchingUpSeconds).toFixed(0)} events/s; load average ${loadavg()[0]!.toFixed(1)}`,
  )
}
