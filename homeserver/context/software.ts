import packageJson from '../../package.json' with { type: 'json' }

/** What this server calls itself to other servers. */
export const SOFTWARE = { name: 'Meridian', version: packageJson.version } as const
