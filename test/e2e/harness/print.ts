import { argsOf, type LaunchOptions, placeOf } from './launch-options.ts'
import type { Finished, Sandbox } from './sandbox.ts'
import { parseMessage, type StreamMessage } from './stream-message.ts'

export interface Printed extends Finished {
  sessionId: string
  /** The last text of the turn. */
  result: string
  messages: StreamMessage[]
}

/** One turn of `claude -p`, from start to exit. */
export async function runPrint(sandbox: Sandbox, prompt: string, options: LaunchOptions = {}): Promise<Printed> {
  const argv = [sandbox.client, '-p', prompt, '--output-format', 'stream-json', '--verbose', ...argsOf(options)]
  const finished = await sandbox.exec(argv, placeOf(sandbox, options))
  const messages = finished.stdout.split('\n').flatMap(line => parseMessage(line) ?? [])
  const result = messages.find(message => message.type === 'result')
  return { ...finished, messages, result: result?.result ?? '', sessionId: result?.session_id ?? '' }
}
