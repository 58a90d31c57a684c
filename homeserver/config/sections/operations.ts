import { z } from 'zod'

/** How the server is watched. */
export const operationKeys = {
  log_level: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  enable_metrics: z.boolean().default(false),
}

type Keys = z.output<z.ZodObject<typeof operationKeys>>

export interface OperationsConfig {
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug'
  readonly metricsEnabled: boolean
}

export function operationsConfig(keys: Keys): OperationsConfig {
  return { logLevel: keys.log_level, metricsEnabled: keys.enable_metrics }
}
