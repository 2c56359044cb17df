import { dirname, join } from 'node:path'

/**
 * The program that processes of the tests run: built from the present sources (`fresh-program.mjs`), or another build or
 * an installed one, which SWITCHBOARD_PROGRAM names.
 */
export const PROGRAM = process.env.SWITCHBOARD_PROGRAM ?? missing()
/** The folder in which it lies, with the typed client beside it. */
export const DIST = dirname(PROGRAM)
/** The package, which is the plugin. */
export const PLUGIN = join(DIST, '..')

function missing(): never {
  throw new Error(
    'expected SWITCHBOARD_PROGRAM, which the global set-up of vitest.config.ts sets; run tests with vitest',
  )
}
