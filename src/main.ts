#!/usr/bin/env node
// Nothing is imported before the version of Node is known to be good enough, and then only what the command needs.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `switchboard: expected Node 20.19 or newer, got ${process.versions.node}; install a newer one.\n`,
  )
  process.exitCode = 1
} else {
  process.exitCode = await main(process.argv.slice(2)).catch(unforeseen)
}

/**
 * A shell or an agent may stand in a folder that is deleted by now (a worktree that was removed), and then whatever asks
 * for the current folder throws, also inside Node. What is left of the way to it serves as well.
 */
async function standIfGone(): Promise<void> {
  try {
    process.cwd()
  } catch {
    const { standSomewhere } = await import('./home/existing-folder.ts')
    standSomewhere()
  }
}

async function main(argv: readonly string[]): Promise<number> {
  await standIfGone()
  const doors = {
    hub: async (env: NodeJS.ProcessEnv) => await (await import('./hub/run.ts')).runHub(env),
    mcp: async () => await (await import('./session/index.ts')).runSession(),
  }
  const [command] = argv
  if (argv.length === 1 && command === 'mcp') return await doors.mcp()
  if (argv.length === 1 && command === 'hub') return await doors.hub(process.env)
  return await (await import('./transports/cli/index.ts')).runCli(argv, doors)
}

/** What no door could answer, such as a part of the program that cannot be read for want of file descriptors. */
function unforeseen(error: unknown): number {
  const { message, stack } = error as Error
  const { stderr, env } = process
  stderr.on('error', () => undefined).write(`switchboard: ${env.SWITCHBOARD_DEBUG ? stack : message.split('\n')[0]}\n`)
  return 1
}

export {}
