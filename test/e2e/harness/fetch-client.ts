import { execFile } from 'node:child_process'
import { access, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { MIN_CLIENT } from '../../../src/transports/cli/commands/setup/client-version.ts'

/** The client that the suite is written against. Its undocumented parts may differ in any other version. */
export const CLIENT_VERSION = '2.1.332'

/** What else the suite runs a part on, down to the oldest that is supported (`MIN_CLIENT`). */
export const OLDER_CLIENTS = ['2.1.250', MIN_CLIENT]

const PACKAGE = '@anthropic-ai/claude-code-linux-x64'
const CACHE = join(dirname(fileURLToPath(import.meta.url)), '../../../.cache/claude-code')

/**
 * The path of the real client's executable, installed on first use. It is proprietary and 378 MB: it lives in a folder
 * that git ignores, and nothing of it is ever committed.
 *
 * Test files run at once, so each installs into a folder of its own and renames it into place; the one that comes
 * second finds the name taken and uses what is there. A half-installed client is therefore never seen.
 */
export async function fetchClient(version: string = CLIENT_VERSION, cache: string = CACHE): Promise<string> {
  const home = join(cache, version)
  const executable = join(home, 'node_modules', PACKAGE, 'claude')
  if (await exists(executable)) return executable

  await mkdir(cache, { recursive: true })
  const attempt = await mkdtemp(join(cache, `.installing-${version}-`))
  try {
    await writeFile(join(attempt, 'package.json'), '{ "private": true }\n')
    await promisify(execFile)(
      'npm',
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${PACKAGE}@${version}`],
      { cwd: attempt },
    )
    // mkdtemp makes 0700; a test that runs the client as another OS user must be able to read it.
    await chmod(attempt, 0o755)
    await rename(attempt, home).catch(async error => {
      if (!(await exists(executable))) throw error
    })
    return executable
  } finally {
    await rm(attempt, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
