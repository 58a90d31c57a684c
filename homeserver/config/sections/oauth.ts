import { z } from 'zod'

/** The OAuth 2.0 API, by which clients log in without ever seeing a password. */
export const oauthKeys = {
  oauth: z.strictObject({ enabled: z.boolean().default(true) }).prefault({}),
}

type Keys = z.output<z.ZodObject<typeof oauthKeys>>

export interface OAuthConfig {
  /** Clients see it only where they reach this server by https, or on its own machine. */
  readonly enabled: boolean
}

export function oauthConfig({ oauth }: Keys): OAuthConfig {
  return { enabled: oauth.enabled }
}
