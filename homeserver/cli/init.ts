import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { ConfigError } from '../config/config-error.ts'
import { DEFAULT_CONFIG_NAME, loadConfig } from '../config/load-config.ts'
import { configSource, type SourceOptions } from './source-options.ts'

/** The file may come to hold secrets. */
const OWNER_ONLY = 0o600

function fileText(serverName: string): string {
  return [
    '# Meridian. Every key is described in config.example.yaml.',
    stringify({ server_name: serverName }).trim(),
    '',
    '# Where clients reach this server, if that is behind a reverse proxy or another name.',
    '#public_baseurl: https://matrix.example.org/',
    '',
    'listeners:',
    '  - port: 8008',
    "    bind_addresses: ['127.0.0.1']",
    '    x_forwarded: false',
    '    resources: [{ names: [client, federation] }]',
    '',
    '# The embedded PostgreSQL is used unless another one is named.',
    '#database:',
    '#  url: postgresql://meridian:password@localhost/meridian',
    '',
  ].join('\n')
}

/**
 * `meridian init`: writes a configuration file for a server name and makes the keys and secrets.
 *
 * @throws ConfigError when the file is there already, or the name is no server name.
 */
export async function init(options: SourceOptions & { serverName: string }): Promise<string> {
  const file = resolve(options.config ?? join(options.data ?? 'data', DEFAULT_CONFIG_NAME))
  await mkdir(dirname(file), { recursive: true, mode: 0o711 })
  await writeFile(file, fileText(options.serverName), { flag: 'wx', mode: OWNER_ONLY }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      throw new ConfigError(`${file} exists already. Edit it, or name another file with --config.`)
    },
  )
  const config = await loadConfig({ ...configSource(options), file })
  const start = options.config || options.data ? ` --config ${file} --data ${config.dataDir}` : ''
  return [
    `Wrote ${file} for ${config.serverName}.`,
    `The signing key is ${config.secrets.signingKeyPath}: keep a copy, other servers know this server by it.`,
    `Start the server:  npx meridian start${start}`,
  ].join('\n')
}
