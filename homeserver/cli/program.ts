import { Command, InvalidArgumentError } from 'commander'
import {
  createAuthorityFiles,
  issueCertificateFiles,
  type AuthorityOptions,
} from './certificate-authority.ts'
import { migrateDatabase } from './db-migrate.ts'
import { demo } from './demo/demo.ts'
import { doctor } from './doctor/doctor.ts'
import { init } from './init.ts'
import { registerUser, type RegisterUserOptions } from './register-user.ts'
import type { StartServer } from './running-server.ts'
import { rotateKeys, showKeys } from './signing-keys.ts'
import { withSourceOptions, type SourceOptions } from './source-options.ts'
import { start } from './start.ts'

const AUTHORITY_DAYS = 3650
/** The longest that browsers and many libraries accept of a server's certificate. */
const CERTIFICATE_DAYS = 397

const print = (text: string): void => void process.stdout.write(`${text}\n`)

function days(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expects a number of days.')
  return value
}

function addAuthorityCommands(program: Command): void {
  const ca = program.command('ca').description('the certificate authority of a private federation')
  withSourceOptions(ca.command('create').description('make the authority'))
    .option('--ca <directory>', 'directory of the authority (default: ca in the data directory)')
    .option('--name <name>', 'name of the authority', 'Meridian federation')
    .option('--days <n>', 'days that it is valid', days, AUTHORITY_DAYS)
    .action(async (options: AuthorityOptions & { name: string }) =>
      print(await createAuthorityFiles(options)),
    )
  withSourceOptions(ca.command('issue').description('issue or renew the certificate of a server'))
    .argument('<server-name>', 'name of the server')
    .argument('[names...]', 'further host names and addresses that it is reached by')
    .option('--ca <directory>', 'directory of the authority (default: ca in the data directory)')
    .option('--out <directory>', 'where to write (default: tls in the data directory)')
    .option('--days <n>', 'days that it is valid', days, CERTIFICATE_DAYS)
    .action(async (name: string, names: string[], options: AuthorityOptions & { out?: string }) => {
      print(await issueCertificateFiles([name, ...names], options))
    })
}

function addKeyCommands(program: Command): void {
  const keys = program.command('keys').description('the keys that the server signs with')
  withSourceOptions(keys.command('show').description('show the public keys')).action(
    async (options: SourceOptions) => print(await showKeys(options)),
  )
  withSourceOptions(keys.command('rotate').description('replace the signing key')).action(
    async (options: SourceOptions) => print(await rotateKeys(options)),
  )
}

/** The command line, `meridian <command>`. @param startServer what `start` starts. */
export function createProgram(startServer: StartServer): Command {
  const program = new Command('meridian').description('A federated Matrix homeserver')
  withSourceOptions(
    program.command('init').description('write a configuration and make the keys of a new server'),
  )
    .requiredOption('--server-name <name>', 'the name in user ids, for good: @user:<name>')
    .action(async (options: SourceOptions & { serverName: string }) => print(await init(options)))
  withSourceOptions(program.command('start').description('run the server')).action((options: SourceOptions) =>
    start(options, startServer),
  )
  withSourceOptions(program.command('register-user').description('make an account on the running server'))
    .option('--user <name>', 'user name (asked for if left out)')
    .option('--password <password>', 'password (asked for if left out)')
    .option('--admin', 'the account administrates the server')
    .option('--url <url>', 'where the server is reached (default: its own listener)')
    .action(async (options: RegisterUserOptions) => print(await registerUser(options)))
  addAuthorityCommands(program)
  addKeyCommands(program)
  const db = program.command('db').description('the database')
  withSourceOptions(db.command('migrate').description('bring the schema up to date')).action(
    async (options: SourceOptions) => print(await migrateDatabase(options)),
  )
  withSourceOptions(program.command('doctor').description('check everything that the server needs')).action(
    async (options: SourceOptions) => {
      const { report, healthy } = await doctor(options)
      print(report)
      if (!healthy) process.exitCode = 1
    },
  )
  program
    .command('demo')
    .description('watch two servers on this machine carry a conversation through a crash')
    .action(() => demo(process.argv[1] ?? ''))
  return program
}
