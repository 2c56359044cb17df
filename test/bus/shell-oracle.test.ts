// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the lines are a shell's.
import { execFile, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sharedGitVerbs } from '../../src/bus/git-verbs.ts'

/**
 * What a real bash calls git with is what the guard is to see, and no more: each line runs with a stand-in for git that
 * notes its folder and its arguments.
 */
let top: string
let log: string
beforeAll(async () => {
  top = await realpath(await mkdtemp(join(tmpdir(), 'swb-shell-')))
  log = join(top, 'log')
  for (const folder of ['one/src', 'two', 'bin']) await mkdir(join(top, folder), { recursive: true })
  const git = join(top, 'bin/git')
  await writeFile(git, '#!/bin/sh\nprintf "%s\\0" "$PWD" "$#" "$@" >> "$GIT_LOG"\n')
  await chmod(git, 0o755)
})
afterAll(() => rm(top, { recursive: true, force: true }))

interface Called {
  readonly cwd: string
  readonly args: readonly string[]
}

async function calledBy(line: string): Promise<Called[]> {
  await writeFile(log, '')
  const env = { PATH: `${join(top, 'bin')}:${process.env.PATH}`, HOME: join(top, 'two'), GIT_LOG: log }
  for (const mode of [[], ['--posix']]) {
    // What bash says of its own faults does not matter, only what it ran.
    await promisify(execFile)('bash', [...mode, '-c', line], { cwd: join(top, 'one'), env }).catch(() => undefined)
  }
  const fields = (await readFile(log, 'utf8')).split('\0').slice(0, -1)
  const calls: Called[] = []
  while (fields.length > 0) {
    const [cwd = '', count] = fields.splice(0, 2)
    calls.push({ cwd, args: fields.splice(0, Number(count)) })
  }
  return calls
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
const moves = (line: string, cwd: string) =>
  sharedGitVerbs(line, { cwd, home: join(top, 'two') }).map(({ verb, folder }) => `${verb} in ${folder}`)

const LINES: Readonly<Record<string, readonly string[]>> = {
  'quotes in parameter expansions': [
    'echo "${MSG:-don\'t}" && git reset --hard',
    'echo "${MSG-don\'t}" && git reset --hard',
    'echo "${A:-\'"\'}"; git stash; echo "\'"',
    'echo "${A:-\'}\'}"; git stash',
    'echo "${A:-it\'s $(git pull) \'}"; git stash',
    'A=1; echo "${A:+don\'t}"; git stash',
    'A=1; echo "${A:?don\'t}"; git stash',
    'echo "${A:=don\'t}"; git stash',
    'echo "${A:-${B:-don\'t}}"; git stash',
    'echo "${A:-"don\'t"}"; git stash',
    'echo "${A:-\'$(git stash)\'}"',
    'echo "${A:-\'}"; git stash #\'}',
    'echo "${A:-(}"; git stash',
    "echo ${A:-'git stash $(git pull)'}",
    "echo ${A:-'}'}; git stash",
    'echo ${A:-"}"}; git stash',
    'echo ${A:-\\}}; git stash',
    'echo "${A:-\\}}"; git stash',
    'A=b; echo "${A#\'}\'}"; git stash',
    'A=b; echo "${A%%\'$(git stash)\'}"',
    'A=b; echo "${A/\'}\'/x}"; git stash',
    'A=b; echo "${A/"}"/x}"; git stash',
    'A=(b); echo "${A[0]:-don\'t}"; git stash',
    'A=b; echo "${#A} ${!A:-don\'t} ${A:0:1} ${A^^}"; git stash',
    'echo "${1:-don\'t} ${@:-don\'t} ${#} ${?} ${$}"; git stash',
    'echo ${A:-<(git stash)}; wait $!',
    'echo "${A:-<(git stash)}"',
    'echo "${A:-`git stash`}"',
    "cat <<EOF\n${A:-don't}\nEOF\ngit stash",
    "cat <<EOF\n${A:-'$(git stash)'}\nEOF",
    'cat <<< "${A:-don\'t}"; git stash',
    'echo "${A:-a{b}"; git stash',
    'echo ${A:-*?[}; git stash',
    'echo ${A:-~}; git stash',
  ],
  'compound commands in pipelines and in the background': [
    '{ cd ../two; ls; } | head; git stash',
    '{ cd ../two; true; } & git stash; wait',
    '{ cd ../two; } && git stash',
    '{ cd ../two; } 2>&1; git stash',
    '{ cd ../two; } >/dev/null | cat; git stash',
    'if cd ../two; then ls; fi | cat; git stash',
    'if cd ../two; then ls; fi; git stash',
    'if cd ../two; then git pull; fi | cat; git stash',
    'for x in ../two; do cd ../two; done | cat; git stash',
    'for x in ../two; do cd ../two; done; git stash',
    'for ((i = 0; i < 1; i++)); do cd ../two; done & git stash; wait',
    'for ((i = 0; i < 1; i++)) { cd ../two; }; git stash',
    'for ((i = 0; i < 1; i++)) { cd ../two; } | cat; git stash',
    'until cd ../two; do :; done | cat; git stash',
    'while cd ../two; do break; done & git stash; wait',
    'case a in a) cd ../two;; esac | cat; git stash',
    'case a in a) cd ../two;; esac; git stash',
    'case a in a) cd ../two | cat; git stash;; esac & git pull; wait',
    'true | { cd ../two; git pull; }; git stash',
    'true |\n{ cd ../two\n}\ngit stash',
    'true | if true; then cd ../two; fi; git stash',
    'cd ../two && ls & git stash; wait',
    'cd ../two &&\nls &\ngit stash; wait',
    'cd ../two || ls & git stash; wait',
    'true; cd ../two && ls | cat & git stash; wait',
    'cd ../two && ls | cat; git stash',
    'cd ../two; ls & git stash; wait',
    'cd ../two |& cat; git stash',
    '{ cd ../two & }; git stash; wait',
    '{ { cd ../two; } | cat; git pull; }; git stash',
    '{ if true; then { cd ../two; }; fi; }; git stash',
    '( { cd ../two; } ); git stash',
    '! { cd ../two; } | cat; git stash',
    'time { cd ../two; }; git stash',
    'echo }; { cd ../two; }; git stash',
    'echo done fi esac; cd ../two; git stash',
    'x=$({ cd ../two; } | cat; git pull); git stash',
    '{ cd ../two; cat; } <<EOF | cat; git stash\ntext\nEOF\ngit pull',
  ],
  'lines that a shell reads': [
    'cat <<EOF | bash\ngit stash\nEOF',
    'cat <<EOF | sh -s x\ngit stash\nEOF\ngit pull',
    "cat <<'EOF' | tee log | bash -e\ncd ../two\ngit stash\nEOF",
    'cat <<EOF - | bash\ngit stash\nEOF',
    'cat <<EOF\ngit stash\nEOF',
    'cat <<EOF | cat\ngit stash\nEOF',
    "echo 'git stash' | sh",
    'echo git stash | bash',
    "echo 'git stash' | cat | env bash",
    "echo 'git stash' 'git pull'",
    "echo -e 'true\\ngit stash' | bash",
    "printf 'git stash\\n' | bash",
    "printf '%s\\n' 'git stash' 'git pull' | bash",
    "printf 'git %s -q\\n' stash pull | bash",
    "{ echo 'cd ../two'; echo 'git stash'; } | bash",
    "(echo true; echo 'git stash') | bash; git pull",
    "echo 'git stash' | { bash; }",
    "echo 'git stash' | (cd ../two; bash)",
    "echo 'git stash' | bash | cat; git pull",
    "echo 'echo git stash' | bash",
    "echo 'echo git stash' | bash | bash",
    "sh -c 'echo git stash' | sh",
    "bash /dev/stdin <<'EOF'\ngit stash\nEOF",
    "bash - <<'EOF'\ngit stash\nEOF",
    'bash -c bash <<EOF\ngit stash\nEOF',
    'bash -c \'git "$@"\' _ stash pop',
    "bash -c 'git $@' _ stash",
    'bash -c \'git "$1" -q\' _ stash',
    "bash -c 'git ${1}' _ stash",
    "bash -c 'git $0' stash",
    "bash -c '$*' _ git stash",
    "bash -c 'cd $1 && git stash' _ ../two",
    'bash -c \'bash -c "\\$0 stash" git\'',
    "bash -c 'eval \"$1\"' _ 'git stash'",
    "bash -c 'echo \"$1\" | bash' _ 'git stash'",
    'set -- stash; git "$@"',
    'git "$@"',
    'bash -c \'git "$1" @\' _ stash pull',
    'bash -c \'echo "$@"\' _ git stash',
  ],
  functions: [
    'f() { cd ../two; }; git stash',
    'f() { cd ../two; }; f; git stash',
    'f()\n{\ncd ../two\n}\ngit stash; f; git pull',
    'function f { cd ../two; }; git stash',
    'function f() { cd ../two; }; git stash; f && git pull',
    'f() ( cd ../two ); f; git stash',
    'f() { if true; then cd ../two; fi; }; git stash; f; git pull',
    'f() { cd ../two; }; f | cat; git stash',
    'f() { ls; }; { cd ../two; }; git stash',
  ],
  'signs in what ends a here-document': [
    'cat <<$X\ngit pull\n$X\ngit stash',
    'cat <<$X;git stash\ngit pull\n$X',
    'cat <<${X}\ngit pull\n${X}\ngit stash',
    'cat <<$(x)\ngit pull\n$(x)\ngit stash',
    'cat <<`x`\ngit pull\n`x`\ngit stash',
    'cat <<~\ngit pull\n~\ngit stash',
    'cat <<*\ngit pull\n*\ngit stash',
    'cat <<{a,b}\ngit pull\n{a,b}\ngit stash',
    'cat <<[a]\n$(git pull)\n[a]\ngit stash',
    'cat <<a#b\ngit pull\na#b\ngit stash',
    'cat <<"$X"\n$(git pull)\n$X\ngit stash',
    'cat <<\\$X\n$(git pull)\n$X\ngit stash',
    'cat <<"a b"\ngit pull\na b\ngit stash',
    'cat <<"a\\"b"\ngit pull\na"b\ngit stash',
    'cat <<"a\\b"\ngit pull\na\\b\ngit stash',
    "cat <<'a b'c\\ d\ngit pull\na bc d\ngit stash",
    "cat <<''\n$(git pull)\n\ngit stash",
    'cat <<-"E F"\n\tgit pull\n\tE F\ngit stash',
    'cat <<E\\\nF\n$(git pull)\nEF\ngit stash',
  ],
  'coprocesses and descriptors': [
    'coproc git stash; wait',
    'coproc git if; wait',
    'coproc { git stash; }; wait',
    'coproc X { git stash; }; wait',
    'coproc X (git stash); wait',
    'coproc X if true; then git stash; fi; wait',
    'coproc { cd ../two; }; git stash',
    'coproc X { cd ../two; }; git stash; wait',
    'coproc cd ../two; git stash',
    '{fd}>out git stash',
    '{fd}<&0 {other}>out git stash',
    'git {fd}>out stash',
    'echo {a}>out; git stash',
  ],
  'folders that the shell itself names': [
    'cd "$PWD/../two"; git stash',
    'cd $PWD; git stash',
    'git -C "$PWD/../two" stash; git -C "${PWD}" pull',
    '(cd ../two; git -C "$PWD" stash); git -C $PWD pull',
    'cd ../two; cd "$OLDPWD"; git stash',
    'cd ../two; cd ~-; git stash',
    'cd ../two; git -C ~-/ stash; git -C ~+ pull',
    'bash -c \'cd ../two; git -C "$OLDPWD" stash\'',
    'bash -c "cd $PWD/../two; git stash"',
    'cat <<E | bash\ncd $PWD/../two\ngit stash\nE',
    'echo ~-; git stash',
    'pushd -n ../two; git stash',
    'pushd ../two; popd -n; git stash',
    'pushd ../two; pushd; git stash; pushd; git pull',
    'pushd ../two; pushd ../one; popd; git stash',
  ],
  'words before a command': [
    'A+=x git stash',
    'a[0]=1 git stash',
    'A=1 B+=2 a[1]+=3 git stash',
    'a[b]=x; git stash',
    '$SUDO git stash',
    '$SUDO git $FLAGS stash',
    'git ${FLAGS:-} stash',
    'A+=x',
  ],
  'programs that run others': [
    "rbash -c 'git stash'",
    '/usr/bin/find . -maxdepth 0 -exec git stash \\;',
    'if [ -x /usr/bin/env ]; then /usr/bin/env git stash; fi',
    "bash -n -c 'git stash'",
    "bash -nc 'git stash'",
    "bash -o noexec -c 'git stash'",
    "bash --help -c 'git stash'",
    "bash --version -c 'git stash'",
    "bash -D -c 'git stash'",
    "bash +n -c 'git stash'",
    'env --help git stash',
    'env --version git stash',
    'nice --help git stash',
    'timeout --help 5 git stash',
    'env git stash --help',
  ],
  tests: [
    '[[ git =~ ^(git stash)$ ]]',
    '[[ git =~ ^(git|stash)$ ]] && git stash',
    '[[ ( -n a ) && ( a < b || -n b ) ]] && git stash',
    '[[ -n a\n]] && git stash',
    '[[ $(git stash) == a ]]',
    'if [[ a =~ (git stash) ]]; then :; else git merge; fi; [[ a == a ]] | cat; git reset',
    '! [[ a =~ (git stash) ]] && git pull',
  ],
}

const bash = spawnSync('bash', ['-c', 'echo "${BASH_VERSINFO[0]}"'], { encoding: 'utf8' })
const isOld = !(Number(bash.stdout) >= 5)

describe.skipIf(isOld).each(Object.keys(LINES))('%s', kind => {
  it.each(LINES[kind]!)('%j moves what bash moves', async line => {
    const called = await calledBy(line)
    const expected = called.flatMap(({ cwd, args }) => moves(['git', ...args].map(quoted).join(' '), cwd))
    expect(new Set(moves(line, join(top, 'one')))).toEqual(new Set(expected))
  })
})
