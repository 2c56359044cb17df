declare const __VERSION__: string | undefined

/** Set by the build from package.json; sources run as they are (in tests) have none. */
export const VERSION = typeof __VERSION__ === 'undefined' ? '0.0.0-source' : __VERSION__
