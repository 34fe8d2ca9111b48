#compdef prescale
# zsh completion of prescale: put it as _prescale into a folder of $fpath, or source it after compinit
_prescale_names() {
  local -a names
  names=("${(@f)$(prescale __complete $1 2>/dev/null)}")
  [[ -n $names[1] ]] && compadd -- "${names[@]}"
}
_prescale_commands() {
  local -a commands
  commands=(
    'apply:apply one stack'\''s plan'
    'sandbox:play'
    'status:what is'
  )
  _describe command commands
}
_prescale() {
  local curcontext="$curcontext" state
  local -A opt_args
  _arguments -C '--help[print help]' '1: :_prescale_commands' '*:: :->arguments'
  [[ $state == arguments ]] || return
  case $words[1] in
    apply)
      _arguments \
        '--override=[let \[one\] guard pass\: once]:guard:(budget floor)' \
        '--out=[write there]:file:_files' \
        '-o[write there]:file:_files' \
        '--json[print JSON]' \
        '--project=[where]:directory:_files -/' \
        '1::stack:{_prescale_names stack}'
      ;;
    sandbox)
      _arguments \
        '--json[print JSON]' \
        '--project=[where]:directory:_files -/' \
        '1:action:(advance status)' \
        '2::pool:{_prescale_names pool}'
      ;;
    status)
      _arguments \
        '--json[print JSON]' \
        '--project=[where]:directory:_files -/'
      ;;
  esac
}
if [[ $funcstack[1] == _prescale ]]; then
  _prescale "$@"
else
  compdef _prescale prescale
fi
