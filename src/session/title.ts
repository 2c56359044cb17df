import { cutTo } from '../bus/cut.ts'
import { LIMITS } from '../bus/limits.ts'
import { asText } from '../bus/text.ts'
import type { StatusFile } from './client-status.ts'

/**
 * What a person named the session at its client (`claude --name`, `/rename`). The client's status file tells it at once, and
 * where there is none, the next prompt does.
 */
export interface Title {
  readonly present: string | undefined
  /** As a hook has told; empty where it told nothing. */
  heard(title: string): void
  /** Calls back with each name that comes after what `present` said last. */
  onChange(listener: (title: string) => void): void
  close(): void
}

export function createTitle(status: Pick<StatusFile, 'title' | 'watch'>): Title {
  let heard: string | undefined
  let known: string | undefined
  let listener: (title: string) => void = () => {}
  let stop = () => {}

  function read(): string | undefined {
    const said = status.title()
    const title = (said === undefined ? heard : said.given)?.trim()
    // The hub refuses a longer one, and with it what else it is told.
    return title ? cutTo(asText(title), LIMITS.nameChars) : undefined
  }

  function look(): void {
    const title = read()
    if (title === undefined || title === known) return
    known = title
    listener(title)
  }

  return {
    get present() {
      known = read()
      return known
    },
    heard(title) {
      heard = title === '' ? undefined : title
      look()
    },
    onChange(callBack) {
      listener = callBack
      stop = status.watch(look)
      look()
    },
    close: () => stop(),
  }
}
