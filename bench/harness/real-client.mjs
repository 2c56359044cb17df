import { chmod, cp, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { McpProcess } from './mcp-process.mjs'

const EMPTY_SERVER = fileURLToPath(new URL('./empty-server.mjs', import.meta.url))
const LISTED = ['tools/list', 'resources/list', 'resources/templates/list']

/**
 * The real Claude Code client in the end-to-end suite's sandbox, on this home's hub, with three plugins to start it
 * with: Switchboard's; the same with an empty server behind its hooks; Switchboard's without hooks.
 */
export async function realClient(home) {
  const parts = await home.programs.realClient()
  const sandbox = await parts.Sandbox.create({ env: { SWITCHBOARD_HOME: home.folder, SWITCHBOARD_PORT: '0' } })
  home.defer(() => sandbox.dispose())
  const answers = join(sandbox.root, 'answers.json')
  await writeFile(answers, JSON.stringify(await listed(home)))
  const bell = join(sandbox.root, 'run', 'bell')

  async function plugin(name, program, { hasHooks }) {
    const folder = join(sandbox.root, name)
    for (const part of ['.claude-plugin', 'bin', 'plugin']) {
      await cp(join(dirname(home.programs.main), '..', part), join(folder, part), { recursive: true })
    }
    const script = join(folder, 'bin', 'switchboard')
    await writeFile(script, `#!/bin/sh\nexec '${process.execPath}' ${program}\n`)
    await chmod(script, 0o755)
    if (!hasHooks) await writeFile(join(folder, 'plugin', 'hooks', 'hooks.json'), '{ "hooks": {} }\n')
    return { pluginDir: folder, permissionMode: 'acceptEdits' }
  }
  const own = `'${home.programs.main}' "$@"`
  return {
    ...parts,
    sandbox,
    model: sandbox.model,
    launch: {
      own: await plugin('own', own, { hasHooks: true }),
      empty: await plugin('empty', `'${EMPTY_SERVER}' '${answers}' '${bell}'`, { hasHooks: true }),
      without: await plugin('without', own, { hasHooks: false }),
    },
    /** Has the empty server ring; its next prompt hook brings the letter. */
    ringEmpty: ({ line, letter }) => connect(bell).end(`${JSON.stringify({ bell: line, letter })}\n`),
  }
}

/** What the session process says of itself, by method. */
async function listed(home) {
  const server = new McpProcess(home)
  const answers = { ping: {}, initialize: await server.initialize() }
  for (const method of LISTED) answers[method] = JSON.parse(await server.request(method)).result
  await server.end()
  return answers
}
