import { join } from 'node:path'
import type { HomePaths } from './paths.ts'
import { readTrusted, writePrivate } from './private-files.ts'

/**
 * Notes which Node runs this program, for the plugin's starter (`bin/switchboard`): a client started by a desktop
 * has no `node` on its PATH where a version manager put it there for the terminal only.
 */
export async function noteNode(paths: HomePaths, execPath: string = process.execPath): Promise<void> {
  const path = join(paths.data, 'node')
  const line = `${execPath}\n`
  if (readTrusted(path) !== line) await writePrivate(path, line)
}
