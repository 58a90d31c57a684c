/** The configuration cannot be used. The message is for the administrator: file, line, key and what to do. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ConfigError'
  }
}
