import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['node_modules/**', 'data/**'],
    globalSetup: ['spec-tests/support/global-setup.ts'],
    setupFiles: ['spec-tests/conformance/setup.ts'],
    // They wait for servers and databases more than they compute; one fewer than the cores leaves small machines idle.
    maxWorkers: '100%',
    // Tests start real servers and databases on machines that may be busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
