import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Contestant, type Ground, NO_RATE_LIMITS, PORT, SHARED_SECRET } from './contestant.ts'

const run = promisify(execFile)

/** `bcrypt_rounds` makes set-up shorter; no scenario registers or logs in while it measures. */
function configuration({ directory, database }: Ground): string {
  return `server_name: bench.example
listeners:
  - port: ${PORT}
    type: http
    bind_addresses: ["127.0.0.1"]
    resources: [{names: [client, federation], compress: false}]
database:
  name: psycopg2
  args: {user: ${database.user}, dbname: ${database.database}, host: "${database.host}", port: ${database.port}, cp_min: 5, cp_max: 10}
log_config: ${join(directory, 'log.yaml')}
media_store_path: ${join(directory, 'media')}
signing_key_path: ${join(directory, 'signing.key')}
pid_file: ${join(directory, 'synapse.pid')}
registration_shared_secret: ${SHARED_SECRET}
macaroon_secret_key: bench
form_secret: bench
bcrypt_rounds: 4
report_stats: false
trusted_key_servers: []
default_room_version: "12"
presence: {enabled: false}
${NO_RATE_LIMITS}`
}

const LOG_CONFIGURATION = `version: 1
disable_existing_loggers: false
handlers: {console: {class: logging.StreamHandler}}
root: {level: WARNING, handlers: [console]}
`

/** @param environment the virtual environment that Synapse is installed in */
export function synapse(environment: string): Contestant {
  const python = join(environment, 'bin', 'python')
  return {
    name: 'synapse',
    async title() {
      const code = 'import importlib.metadata as m; print(m.version("matrix-synapse"))'
      const { stdout } = await run(python, ['-c', code])
      return `Synapse ${stdout.trim()}`
    },
    configuration,
    async prepare({ directory }, configurationPath) {
      await writeFile(join(directory, 'log.yaml'), LOG_CONFIGURATION)
      await run(join(environment, 'bin', 'generate_signing_key'), ['-o', join(directory, 'signing.key')])
      return [python, '-m', 'synapse.app.homeserver', '-c', configurationPath]
    },
  }
}
