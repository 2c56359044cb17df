import type { ServerResponse } from 'node:http'
// biome-ignore lint/plugin: a script says how slowly the model writes.
import { setTimeout as pause } from 'node:timers/promises'
import { type Step, toolCallsOf } from './model-script.ts'

type Block = { type: 'text'; text: string } | { type: 'tool_use'; id: string; name: string; input: object }

let answers = 0
let calls = 0

/** Plays one step as the Messages API would: an error, one JSON message, or a stream of server-sent events. */
export async function playStep(response: ServerResponse, step: Step, model: string, stream: boolean): Promise<void> {
  if (step.status !== undefined) {
    const error = step.error ?? { type: 'api_error', message: 'refused by the script' }
    return sendJson(response, step.status, { type: 'error', error })
  }
  const blocks = blocksOf(step)
  const message = {
    id: `msg_scripted${String(++answers).padStart(6, '0')}`,
    type: 'message',
    role: 'assistant',
    model,
    stop_reason: blocks.some(block => block.type === 'tool_use') ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 20, ...step.usage },
  }
  if (!stream) return sendJson(response, 200, { ...message, content: blocks })

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  const emit = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
  emit('message_start', { message: { ...message, stop_reason: null, content: [] } })
  for (const [index, block] of blocks.entries()) {
    emit('content_block_start', { index, content_block: emptied(block) })
    for (const delta of deltasOf(block, step.chunkMs !== undefined)) {
      if (response.destroyed) return
      emit('content_block_delta', { index, delta })
      if (step.chunkMs !== undefined) await pause(step.chunkMs)
    }
    emit('content_block_stop', { index })
  }
  const { stop_reason, stop_sequence, usage } = message
  emit('message_delta', { delta: { stop_reason, stop_sequence }, usage: { output_tokens: usage.output_tokens } })
  emit('message_stop', {})
  response.end()
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

function blocksOf(step: Step): Block[] {
  const uses = toolCallsOf(step).map(({ tool, input = {} }): Block => {
    return { type: 'tool_use', id: `toolu_scripted${String(++calls).padStart(6, '0')}`, name: tool, input }
  })
  if (step.text === undefined && uses.length > 0) return uses
  return [{ type: 'text', text: step.text ?? '' }, ...uses]
}

function emptied(block: Block): Block {
  return block.type === 'text' ? { ...block, text: '' } : { ...block, input: {} }
}

function deltasOf(block: Block, slowly: boolean): object[] {
  if (block.type === 'tool_use') return [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }]
  const pieces = slowly ? (block.text.match(/[\s\S]{1,12}/g) ?? []) : [block.text]
  return pieces.map(text => ({ type: 'text_delta', text }))
}
