import { openLink } from '../support/link.ts'
import { createTestDatabase } from '../support/test-database.ts'
import { startTestServer } from '../support/test-server.ts'

/** A server that clients reach under the same URL before and after it was restarted. */
export interface RestartableServer {
  readonly url: string
  /** Stops it, does what shall happen while it is away, and starts it again on the same database. */
  restart(meanwhile?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** Starts one. */
export async function startRestartableServer(): Promise<RestartableServer> {
  const database = await createTestDatabase()
  const link = await openLink()
  const start = async () => {
    const server = await startTestServer({ database: database.address })
    link.leadTo(Number(new URL(server.url).port))
    return server
  }
  let server = await start()
  return {
    url: `http://127.0.0.1:${link.port}`,
    restart: async (meanwhile) => {
      link.leadTo(undefined)
      await server.close()
      await meanwhile?.()
      server = await start()
    },
    close: async () => {
      await server.close()
      await link.close()
      await database.close()
    },
  }
}
