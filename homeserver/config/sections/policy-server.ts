import { z } from 'zod'
import type { SigningKey } from '../../../protocol/crypto/ed25519.ts'

const globs = z.array(z.string().min(1)).default([])

/** This server as the policy server of rooms (server-server API, "Policy Servers"); none where there is no section. */
export const policyServerKeys = {
  policy_server: z
    .strictObject({
      denied_servers: globs,
      denied_users: globs,
      denied_event_types: globs,
      denied_texts: globs,
    })
    .optional(),
}

type Keys = z.output<z.ZodObject<typeof policyServerKeys>>

export interface PolicyServerConfig {
  /** Signs what is recommended, and nothing else. */
  readonly key: SigningKey
  /** Globs of what is not recommended. */
  readonly denied: {
    readonly servers: readonly string[]
    readonly users: readonly string[]
    readonly eventTypes: readonly string[]
    /** Of words in what people read, in any letter case. */
    readonly texts: readonly string[]
  }
}

/** Undefined where this server is no policy server. @param loadKey makes the key at the first start. */
export async function policyServerConfig(
  { policy_server: keys }: Keys,
  loadKey: () => Promise<SigningKey>,
): Promise<PolicyServerConfig | undefined> {
  if (!keys) return undefined
  return {
    key: await loadKey(),
    denied: {
      servers: keys.denied_servers,
      users: keys.denied_users,
      eventTypes: keys.denied_event_types,
      texts: keys.denied_texts,
    },
  }
}
