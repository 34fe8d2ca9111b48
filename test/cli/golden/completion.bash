# bash completion of prescale: source it, or put it into a folder that bash-completion reads
_prescale_words() {
  local word
  for word in "$@"; do [[ $word == "$current"* ]] && COMPREPLY+=("$word"); done
}
_prescale_names() {
  local name
  while IFS= read -r name; do [[ $name == "$current"* ]] && COMPREPLY+=("$name"); done < <(prescale __complete "$1" 2>/dev/null)
}
_prescale_paths() {
  local path
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$current")
}
_prescale_takes_value() {
  case $1 in
    *:--project | apply:--override | apply:--out | apply:-o) return 0 ;;
  esac
  return 1
}
_prescale() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= position=0 index word
  COMPREPLY=()
  if [[ $current == '=' ]]; then current=
  elif [[ $before == '=' ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=${COMP_WORDS[index]}
    if [[ -z $command ]]; then
      [[ $word != -* ]] && command=$word
    elif [[ $word == -* ]]; then
      if _prescale_takes_value "$command:$word"; then
        [[ ${COMP_WORDS[index + 1]} == '=' ]] && ((index++))
        ((index++))
      fi
    elif [[ $word != '=' ]]; then
      ((position++))
    fi
  done
  if [[ -z $command ]]; then
    _prescale_words apply sandbox status --help
    return
  fi
  if _prescale_takes_value "$command:$before"; then
    case $command:$before in
      *:--project) _prescale_paths -d ;;
      apply:--override) _prescale_words 'budget' 'floor' ;;
      apply:--out | apply:-o) _prescale_paths -f ;;
    esac
    return
  fi
  if [[ $current == -* ]]; then
    case $command in
      apply) _prescale_words --override --out --json --project ;;
      sandbox) _prescale_words --json --project ;;
      status) _prescale_words --json --project ;;
    esac
    return
  fi
  case $command:$position in
      apply:0) _prescale_names stack ;;
      sandbox:0) _prescale_words 'advance' 'status' ;;
      sandbox:1) _prescale_names pool ;;
  esac
}
complete -F _prescale prescale
