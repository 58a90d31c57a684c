import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Contestant, type Ground, NO_RATE_LIMITS, PORT, SHARED_SECRET } from './contestant.ts'

const CHECKOUT = join(import.meta.dirname, '..', '..')

function configuration({ database }: Ground): string {
  return `server_name: bench.example
listeners:
  - port: ${PORT}
    type: http
    bind_addresses: ["127.0.0.1"]
    resources: [{names: [client, federation], compress: false}]
database:
  name: psycopg2
  args: {user: ${database.user}, dbname: ${database.database}, host: "${database.host}", port: ${database.port}, cp_max: 10}
registration_shared_secret: ${SHARED_SECRET}
trusted_key_servers: []
default_room_version: "12"
presence: {enabled: false}
log_level: warn
${NO_RATE_LIMITS}`
}

/** The server of this checkout. */
export const meridian: Contestant = {
  name: 'meridian',
  async title() {
    const { version } = JSON.parse(await readFile(join(CHECKOUT, 'package.json'), 'utf8')) as {
      version: string
    }
    const commit = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], { cwd: CHECKOUT })
    return `Meridian ${version} (${commit.stdout.trim()})`
  },
  configuration,
  prepare: ({ directory }, configurationPath) =>
    Promise.resolve([
      process.execPath,
      join(CHECKOUT, 'homeserver', 'main.ts'),
      'start',
      '--config',
      configurationPath,
      '--data',
      directory,
    ]),
}
