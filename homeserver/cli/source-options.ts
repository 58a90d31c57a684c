import type { Command } from 'commander'
import type { ConfigSource } from '../config/load-config.ts'

/** The options that every command has: which configuration, and which data. */
export interface SourceOptions {
  readonly config?: string
  readonly data?: string
}

/** Adds `--config` and `--data` to a command. */
export function withSourceOptions(command: Command): Command {
  return command
    .option(
      '--config <file>',
      'configuration file (default: homeserver.yaml in the data directory, if there is one)',
    )
    .option('--data <directory>', 'data directory (default: data_dir of the configuration, or ./data)')
}

/** The options in the form in which the configuration is loaded. */
export function configSource(options: SourceOptions): ConfigSource {
  return { file: options.config, dataDir: options.data }
}
