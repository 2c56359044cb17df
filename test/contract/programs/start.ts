import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { buildPrograms } from './build.ts'

/** Starts a program of this folder on a store's file. It is built once for all tests of the file that calls this. */
export function program(name: string): (path: string) => ChildProcess {
  let folder: string
  beforeAll(async () => {
    folder = await buildPrograms(name)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  return path => spawn(process.execPath, [join(folder, `${name}.mjs`), path], { stdio: ['ignore', 'pipe', 'inherit'] })
}
