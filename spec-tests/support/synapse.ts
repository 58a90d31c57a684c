import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificatePaths, writeCertificate } from '../../homeserver/cli/certificate-files.ts'
import { eventually } from './eventually.ts'
import type { PrivateAuthority } from './private-authority.ts'
import { synapseConfig, synapseLogConfig } from './synapse-config.ts'
import { synapsePython } from './synapse-python.ts'

const SEED_BYTES = 32
/** The end of what it printed is where it says what went wrong. */
const OUTPUT_TAIL = 200_000

/** How to make a Synapse. */
export interface SynapseOptions {
  /** `localhost:<federationPort>`: Synapse's peers find each other by their names alone. */
  readonly serverName: string
  readonly clientPort: number
  readonly federationPort: number
  readonly authority: PrivateAuthority
  /** A directory of its own. */
  readonly directory: string
}

/** A real Synapse in a process of its own, on SQLite. */
export interface Synapse {
  readonly serverName: string
  /** Where clients reach it. */
  readonly url: string
  /** The end of what it has logged. */
  output(): string
  close(): Promise<void>
}

/** Starts one. @throws Error with its output when it ends instead of serving. */
export async function startSynapse(options: SynapseOptions): Promise<Synapse> {
  const { serverName, directory } = options
  const certificate = certificatePaths(join(directory, 'tls'), serverName)
  await mkdir(directory, { recursive: true })
  await writeCertificate(certificate, await options.authority.issue(serverName))
  const configFile = join(directory, 'homeserver.yaml')
  const seed = randomBytes(SEED_BYTES).toString('base64').replace(/=+$/, '')
  await writeFile(join(directory, 'signing.key'), `ed25519 a_test ${seed}\n`)
  await writeFile(join(directory, 'log.yaml'), synapseLogConfig(process.env['TEST_SYNAPSE_LOG'] ?? 'WARNING'))
  await writeFile(
    configFile,
    synapseConfig({ ...options, certificate, authorityPath: options.authority.path }),
  )
  const child = spawn(synapsePython(), ['-m', 'synapse.app.homeserver', '-c', configFile], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killAtExit = (): void => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  let text = ''
  let over = false
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-OUTPUT_TAIL)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => keep(Buffer.from(error.message)))
    child.once('close', () => {
      over = true
      process.off('exit', killAtExit)
      resolve()
    })
  })
  const url = `http://127.0.0.1:${options.clientPort}`
  await eventually('Synapse serves', async () => {
    if (over) throw new Error(`Synapse ended before it served:\n${text}`)
    return fetch(`${url}/health`).then(
      (answer) => answer.ok,
      () => false,
    )
  })
  return {
    serverName,
    url,
    output: () => text,
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
