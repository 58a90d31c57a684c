/** What federation needs of a logger; pino's has this shape. Never content, tokens or keys. */
export interface FederationLog {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}
