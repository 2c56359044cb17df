/** What a hook's answer brings: letters, or a digest of some, before the model, and a line about them for the person. */
export interface Mail {
  readonly text: string
  readonly notice?: string | undefined
}

export const NO_MAIL: Mail = { text: '' }
