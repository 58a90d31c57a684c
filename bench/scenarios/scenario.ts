import type { Registration } from '../client/registration.ts'

export interface ScenarioContext {
  accounts: Registration
  /** How long each scenario that sends keeps sending, in seconds. */
  seconds: number
}

export interface Measured {
  /** Operations that the server acknowledged. */
  operations: number
  /** Wall time in which it did so, set-up and reading back apart. */
  seconds: number
  latencies: number[]
  /** What was refused, lost, doubled or altered, one sentence each; empty when all is well. */
  failures: string[]
  /** Further figures worth keeping, by name. */
  extra?: Record<string, number>
}

export interface Scenario {
  name: string
  /** What one operation is, and how they come. */
  title: string
  run(context: ScenarioContext): Promise<Measured>
}
