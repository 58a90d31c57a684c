import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts } from '../../homeserver/cli/demo/free-ports.ts'
import { openLink } from './link.ts'
import { createPrivateAuthority } from './private-authority.ts'
import { createRegion, type Region } from './region.ts'
import { startSynapse, type Synapse } from './synapse.ts'
import { createTestDatabase } from './test-database.ts'

/** Root's PostgreSQL runs under another account, which must get through to its data. */
const PASSABLE = 0o711

/** A region of ours and a Synapse, with certificates of one private authority. */
export interface SynapsePair extends AsyncDisposable {
  readonly ours: Region
  readonly synapse: Synapse
  /** Adds what both have logged to the error of a failing step. */
  withLogs<T>(work: () => Promise<T>): Promise<T>
}

/** Starts both. They are named `localhost:<port>`, because Synapse finds its peers by nothing but their names. */
export async function startSynapsePair(): Promise<SynapsePair> {
  const closing = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'meridian-synapse-'))
  closing.defer(() => rm(directory, { recursive: true, force: true }))
  try {
    await chmod(directory, PASSABLE)
    const authority = await createPrivateAuthority(join(directory, 'authority.crt'))
    const federationLink = await openLink()
    closing.defer(() => federationLink.close())
    const [clientPort = 0, federationPort = 0] = await freePorts(2)
    const synapseName = `localhost:${federationPort}`
    const database = await createTestDatabase()
    closing.defer(() => database.close())
    const ours = await createRegion({
      serverName: `localhost:${federationLink.port}`,
      authority,
      directory: join(directory, 'ours'),
      database: database.address,
      peers: new Map([[synapseName, federationPort]]),
      federationLinks: [federationLink],
    })
    closing.defer(() => ours.close())
    const starting = startSynapse({
      serverName: synapseName,
      clientPort,
      federationPort,
      authority,
      directory: join(directory, 'synapse'),
    })
    closing.defer(() =>
      starting.then(
        (started) => started.close(),
        () => undefined,
      ),
    )
    const [synapse] = await Promise.all([starting, ours.start()])
    return {
      ours,
      synapse,
      withLogs: async (work) => {
        try {
          return await work()
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error)
          const logs = `--- ours:\n${ours.output()}\n--- Synapse:\n${synapse.output()}`
          throw new Error(`${message}\n${logs}`, { cause: error })
        }
      },
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    }
  } catch (error) {
    await closing.disposeAsync()
    throw error
  }
}
