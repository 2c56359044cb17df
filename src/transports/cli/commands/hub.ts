import { say } from '../../../bus/say.ts'
import type { Invocation } from '../command.ts'
import type { Doors } from '../doors.ts'
import { hubInfo, runningHub } from '../hub-info.ts'
import { connectFor } from '../identity.ts'
import { optionalWholeNumber } from '../parse/numbers.ts'

const MAX_PORT = 65_535

/** The hub in this process, or with `--background` one of its own that outlives this shell. */
export async function hub(invocation: Invocation, doors: Doors): Promise<number> {
  const { options, io } = invocation
  const port = optionalWholeNumber(options.port, '--port', 0, MAX_PORT)
  const only = options.anyPort === true ? undefined : '1'
  const env = port === undefined ? io.env : { ...io.env, SWITCHBOARD_PORT: String(port), SWITCHBOARD_PORT_ONLY: only }
  return options.background === true ? await inBackground({ ...invocation, io: { ...io, env } }) : await doors.hub(env)
}

async function inBackground(invocation: Invocation): Promise<number> {
  const { io, global } = invocation
  const before = await runningHub(invocation)
  const client = connectFor(invocation)
  try {
    const info = before ?? (await hubInfo(client, invocation))
    if (global.isJson) io.out.json({ started: before === undefined, hub: info })
    else
      io.out.line(say`The hub ${say(before ? 'runs already' : 'runs')}: pid ${info.pid}, ${info.url}, ${info.socket}`)
    return 0
  } finally {
    await client.close()
  }
}
