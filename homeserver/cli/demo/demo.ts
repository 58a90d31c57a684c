import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority } from '../../certificates/create-authority.ts'
import { listenForStopSignals } from '../stop-signals.ts'
import { prepareRegion, type DemoFederation, type DemoRegion } from './demo-region.ts'
import { freePorts } from './free-ports.ts'
import { tellStory, type Credentials } from './story.ts'

const AUTHORITY_DAYS = 7
/** Passable, because root's PostgreSQL runs under another account. */
const PASSABLE = 0o711

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function prepare(directory: string, program: string): Promise<[DemoRegion, DemoRegion]> {
  const authority = await createAuthority('Meridian demo', AUTHORITY_DAYS)
  const authorityPath = join(directory, 'authority.crt')
  await writeFile(authorityPath, authority.certificate)
  const [a = 0, b = 0, c = 0, d = 0] = await freePorts(4)
  const north = { serverName: 'north.demo', clientPort: a, federationPort: b }
  const south = { serverName: 'south.demo', clientPort: c, federationPort: d }
  const federation: DemoFederation = { directory, authority, authorityPath, places: [north, south], program }
  return [await prepareRegion(federation, north), await prepareRegion(federation, south)]
}

function farewell(regions: readonly DemoRegion[], { users, password }: Credentials): string {
  return [
    '',
    'Both servers stay up:',
    ...regions.map(
      ({ serverName, url, federationUrl }) => `  ${serverName}  clients ${url}  servers ${federationUrl}`,
    ),
    `Log in as ${users.join(' or ')} with the password ${password}.`,
    'Ctrl-C stops them and removes all of it.',
  ].join('\n')
}

/**
 * `meridian demo`: two regional servers with a private authority on loopback carry a conversation through the
 * death of one of them, then serve until a signal. Everything is in a temporary directory, removed at the end.
 *
 * @param program the script of the command line, which the servers are started with.
 */
export async function demo(program: string): Promise<void> {
  const stop = listenForStopSignals(say)
  const directory = await mkdtemp(join(tmpdir(), 'meridian-demo-'))
  const closing = new AsyncDisposableStack()
  closing.defer(() => rm(directory, { recursive: true, force: true }))
  const perform = async (): Promise<void> => {
    await chmod(directory, PASSABLE)
    const regions = await prepare(directory, program)
    closing.defer(async () => void (await Promise.all(regions.map((region) => region.stop()))))
    if (stop.signal.aborted) return
    say(`Starting two regional servers, north.demo and south.demo, in ${directory}`)
    const started = await Promise.allSettled(regions.map((region) => region.start()))
    for (const start of started) if (start.status === 'rejected') throw start.reason
    if (stop.signal.aborted) return
    say(farewell(regions, await tellStory(...regions, say)))
  }
  const performed = perform().catch((error: unknown) => {
    // What a signal interrupts fails in many ways, none of them of interest.
    if (!stop.signal.aborted) throw error
  })
  try {
    await Promise.race([performed, stop.requested])
    await stop.requested
  } finally {
    await closing.disposeAsync()
  }
  say('Stopped.')
}
