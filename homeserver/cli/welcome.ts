import type { Config } from '../config/config.ts'

/** What the administrator reads once the server serves: where it listens, and what to do next. */
export function welcome(config: Config, addresses: readonly string[], token: string | undefined): string {
  const base = config.identity.publicBaseUrl ?? addresses[0] ?? ''
  const lines = [
    '',
    `Meridian serves ${config.serverName}`,
    ...addresses.map((address) => `  listening on ${address}`),
  ]
  if (token !== undefined) {
    lines.push(
      '',
      'Next: create the first account, which will administrate the server. Either',
      `  - in a Matrix client (Element for example): set the homeserver to ${base}, choose`,
      '    "Create account", and enter this token, which works once:',
      `      ${token}`,
      '  - or on the command line:  npx meridian register-user --admin',
    )
  }
  lines.push('', `Point a client at ${base} and log in.`)
  if (config.file === undefined) {
    lines.push(
      `No configuration file: the server is called ${config.serverName}, for this machine alone. To give it a name`,
      'that other servers can reach:  npx meridian init --server-name example.org --data ./data-example',
    )
  }
  lines.push('Ctrl-C stops it.', '')
  return lines.join('\n')
}
