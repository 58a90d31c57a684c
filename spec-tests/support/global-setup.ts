import type { TestProject } from 'vitest/node'
import type { DatabaseAddress } from '../../storage/database.ts'
import { startTestCluster } from './test-cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the cluster in which test databases are created. */
    testCluster: DatabaseAddress
    /** The migrated database that each test database is a copy of. */
    testTemplate: string
  }
}

/** One PostgreSQL for the whole test run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startTestCluster()
  project.provide('testCluster', cluster.address)
  project.provide('testTemplate', cluster.template)
  return () => cluster.stop()
}
