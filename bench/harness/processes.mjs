import { once } from 'node:events'

/** Everything that the bench has started and that has not ended; also what an interrupted run ends. */
const living = new Set()

export function keep(child) {
  living.add(child)
  child.once('exit', () => living.delete(child))
  child.once('error', () => living.delete(child))
  return child
}

/** Ends a process of ours: asks first, and does not wait for ever. */
export async function end(child, { withinMs = 5_000 } = {}) {
  if (!living.has(child)) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), withinMs)
  await ended
  clearTimeout(late)
}

export function killAll() {
  for (const child of living) child.kill('SIGKILL')
}
