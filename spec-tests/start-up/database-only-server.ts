import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { run } from '../../homeserver/cli/run.ts'
import type { StartServer } from '../../homeserver/cli/running-server.ts'
import { provideDatabase } from '../../storage/embedded/provide-database.ts'

const SLOW_CLOSE_MS = 30_000

/** The command line around a server that is its database and one page: what start-up does, without Matrix. */
const startServer: StartServer = async (config, log, signal) => {
  const database = await provideDatabase(config.database, { dataDir: config.dataDir, log, signal })
  const pool = new pg.Pool(database.address)
  pool.on('error', () => undefined)
  await pool.query('create table if not exists visit (at timestamptz default now())')
  const server = createServer((_request, response) => {
    pool
      .query(
        'with one as (insert into visit default values returning 1) select count(*)::int + 1 as n from visit',
      )
      .then(
        ({ rows }) => response.end(JSON.stringify(rows[0])),
        () => response.writeHead(500).end(),
      )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    addresses: [`http://127.0.0.1:${port}`],
    issueFirstAdminToken: async () => 'one-time-token',
    close: async () => {
      // Stands for a drain that takes its time.
      if (process.env['SLOW_CLOSE']) await delay(SLOW_CLOSE_MS)
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
      await pool.end()
      await database.stop()
    },
  }
}

await run(process.argv.slice(2), startServer)
