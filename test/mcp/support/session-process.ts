import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { onTestFinished } from 'vitest'
import { PROGRAM } from '../../program.ts'
import { until } from '../../until.ts'

/** The official client with `switchboard mcp` as its server, as an agent would have it. */
export async function session(env: Record<string, string>, options: { cwd?: string; name?: string } = {}) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, 'mcp'],
    env,
    stderr: 'pipe',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let errors = ''
  transport.stderr?.on('data', chunk => {
    errors += chunk
  })
  const client = new Client({ name: options.name ?? 'test-agent', version: '1' })
  await client.connect(transport)
  onTestFinished(() => client.close())
  const tool = async (name: string, input: Record<string, unknown> = {}) => {
    const result = await client.callTool({ name, arguments: input })
    return { isError: result.isError === true, ...(result.structuredContent as Record<string, never>) } as {
      isError: boolean
      // biome-ignore lint/suspicious/noExplicitAny: each tool has another shape, and tests say which they expect.
      [field: string]: any
    }
  }
  return { client, transport, tool, errors: () => errors }
}

/** The same, once the hub that it starts is there: on a busy machine later than its tools go on waiting for it. */
export async function joined(...args: Parameters<typeof session>) {
  const one = await session(...args)
  await until(async () => !(await one.tool('whoami')).isError)
  return one
}

/** The bare process, for what no proper client would send. */
export function bareSession(env: Record<string, string>) {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [PROGRAM, 'mcp'], { env })
  const answers: Record<string, unknown>[] = []
  createInterface({ input: child.stdout }).on('line', line => answers.push(JSON.parse(line)))
  let errors = ''
  child.stderr.on('data', chunk => {
    errors += chunk
  })
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve =>
    child.once('exit', (code, signal) => resolve({ code, signal })),
  )
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return {
    child,
    answers,
    exited,
    errors: () => errors,
    write: (text: string | Buffer) => new Promise<void>(resolve => child.stdin.write(text, () => resolve())),
    send: (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
  }
}

export const INITIALIZE = {
  id: 'init',
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bare', version: '1' } },
}
