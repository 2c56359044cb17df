#compdef switchboard swb
# zsh completion for switchboard and swb: to be read with `source`, or to lie as _switchboard in a folder of $fpath.

_switchboard() {
    local program=$words[1] line
    local -a typed values shown
    (( $+commands[$program] )) || program=switchboard
    # Asked as typed, without quotes and without evaluation: pressing a key must not run what stands in the line.
    typed=("${(@Q)words[2,CURRENT - 1]}" "${(Q)PREFIX}")
    for line in "${(@f)$("$program" complete -- "${typed[@]}" 2> /dev/null)}"; do
        # The last line is for other shells.
        [[ $line == *$'\t'* ]] || continue
        values+=("${line%%$'\t'*}")
        shown+=("${line%%$'\t'*}  ${line#*$'\t'}")
    done
    compset -P '--*='
    # zsh itself quotes them, for the quote that is open.
    compadd -l -d shown -a -- values
}

if [[ $funcstack[1] == _switchboard ]]; then
    _switchboard
else
    compdef _switchboard switchboard swb
fi
