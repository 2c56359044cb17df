import { BusError } from '../../bus/errors.ts'
import { lines, retold, say } from '../../bus/say.ts'
import { SILENCE } from './answer.ts'

/**
 * A setting that is refused keeps the session off the bus. Its tools say so to the model; the person, who alone can mend
 * it and reads no log of this process, is told once, with the first prompt.
 */
export function createRefusalNotice(): (event: unknown, error: unknown) => string {
  let isTold = false
  return (event, error) => {
    if (isTold || event !== 'UserPromptSubmit' || !(error instanceof BusError)) return SILENCE
    isTold = true
    const notice = lines(
      say`Switchboard: this session is not on the bus. ${retold(error.message)}`,
      error.next !== undefined && retold(error.next),
    )
    return JSON.stringify({ systemMessage: notice.text })
  }
}
