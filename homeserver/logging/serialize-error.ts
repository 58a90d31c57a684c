/** PostgreSQL's class of errors about a value, which they quote (manual, appendix A). */
const DATA_EXCEPTION = /^22/

/**
 * What the log says of an error: its name, code, message and stack. A database error's details quote rows, and
 * rows are people's messages, so they stay out.
 */
export function serializeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, cause } = error as Error & { code?: unknown }
  const quotes = typeof code === 'string' && DATA_EXCEPTION.test(code)
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  const message = quotes ? 'a value was refused' : error.message
  return {
    type: error.name,
    ...(code !== undefined && { code }),
    message,
    stack: [`${error.name}: ${message}`, ...frames].join('\n'),
    ...(cause !== undefined && { cause: serializeError(cause) }),
  }
}
