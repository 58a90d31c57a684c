import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { pino } from 'pino'
import { createDatabase, inDatabase } from '../../storage/embedded/databases.ts'
import { startEmbeddedDatabase } from '../../storage/embedded/start-embedded-database.ts'
import { deviceChange } from './device-change.ts'
import { firstSend } from './first-send.ts'
import { gather } from './gather.ts'
import { openGround, type Ground } from './ground.ts'
import type { Cost } from './measure.ts'
import { offlineInbox } from './offline-inbox.ts'

/** PostgreSQL's own user must reach the database in it. */
const TRAVERSABLE = 0o755
/** Of each server, in all shared rooms; each of them is told of the device's change by a sync of its own. */
const WATCHERS_EACH = 10

const USAGE = `node bench/encrypted-groups/main.ts [options]
  --members N   of the encrypted room, half of them on each of two servers (default 1000)
  --devices N   of each member (default 2)
  --messages N  to the device that is away (default 10000)
  --rooms N     that the owner of the changing device shares with the watchers (default 200)
  --json FILE   write the figures there as JSON
  --help        this text`

const { values } = parseArgs({
  options: {
    members: { type: 'string', default: '1000' },
    devices: { type: 'string', default: '2' },
    messages: { type: 'string', default: '10000' },
    rooms: { type: 'string', default: '200' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

const HEAD = `| | time | statements: own server | statements: other server |
|---|--:|--:|--:|`

if (values.help) console.log(USAGE)
else await bench()

async function bench(): Promise<void> {
  const [members, devicesEach, messages, rooms] = [
    Number(values.members),
    Number(values.devices),
    Number(values.messages),
    Number(values.rooms),
  ]
  await using closing = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'meridian-encrypted-groups-'))
  closing.defer(() => rm(directory, { recursive: true, force: true }))
  await chmod(directory, TRAVERSABLE)
  const { stdout: commit } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'])
  console.log(`commit ${commit.trim()}, ${cpus().length} cores, load average ${loadavg()[0]!.toFixed(1)}`)

  const cluster = await startEmbeddedDatabase({
    dataDir: join(directory, 'postgresql'),
    log: pino({ level: 'warn' }),
  })
  closing.defer(() => cluster.stop())
  const databases = {
    north: inDatabase(cluster.address, 'north'),
    south: inDatabase(cluster.address, 'south'),
  }
  for (const name of ['north', 'south']) await createDatabase(cluster.address, name)
  const crowd = { usersEach: members / 2, devicesEach }
  const ground: Ground = closing.use(await openGround(directory, databases, crowd))
  const users = [...ground.north.users, ...ground.south.users]
  const [owner] = ground.north.users[0]!
  const others = users.slice(1).map(([device]) => device!)
  const roomId = await gather(ground, others)
  console.log(`${members} members have joined; load average ${loadavg()[0]!.toFixed(1)}`)

  const results: [string, Cost][] = []
  const note = (what: string, cost: Cost): void => {
    results.push([what, cost])
    console.log(row(what, cost))
  }
  const first = await firstSend(ground, owner!, roomId, users)
  note(`key query for ${members} users`, first.query)
  note('the same again', first.queryAgain)
  note(`claim for ${members * devicesEach - 1} devices`, first.claim)
  note(`room key to ${members * devicesEach - 1} devices, until all wait for them`, first.share)
  note('the message', first.send)

  const inbox = await offlineInbox(ground, owner!, ground.south.users.at(-1)!.at(-1)!, messages)
  note(`${messages} messages to a device that is away, until all wait for it`, inbox.sending)
  note(`its return, in ${inbox.answers} answers`, inbox.returning)

  const watchers = [ground.north, ground.south].flatMap(({ users }) =>
    users.slice(1, 1 + WATCHERS_EACH).map(([device]) => device!),
  )
  note('change of a device, 1 shared room', await deviceChange(ground, owner!, watchers, 1))
  for (let room = 1; room < rooms; room++) await gather(ground, watchers)
  note(`change of a device, ${rooms} shared rooms`, await deviceChange(ground, owner!, watchers, 2))
  await ground.regions.north.stop()
  await ground.regions.north.start()
  note('the same after a restart of its server', await deviceChange(ground, owner!, watchers, 3))

  console.log(`\n${HEAD}\n${results.map(([what, cost]) => row(what, cost)).join('\n')}`)
  console.log(`load average ${loadavg()[0]!.toFixed(1)}`)
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ commit: commit.trim(), results }, undefined, 2)}\n`)
  }
}

function row(what: string, { ms, north, south }: Cost): string {
  return `| ${what} | ${(ms / 1000).toFixed(2)} s | ${north} | ${south} |`
}
