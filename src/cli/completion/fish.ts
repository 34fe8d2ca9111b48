import type { OptionSpec } from '../command-spec.ts'
import type { CommandLine } from '../completion.ts'
import { type Offer, offerOf, optionsOf, quoted, spellings } from './command-line.ts'

/** Works with fish 3 and up, as a file in its completions folder or sourced. */
export function fishCompletion(line: CommandLine): string {
  const { commands } = line
  const valued = new Set(
    commands.flatMap((command) =>
      optionsOf(command, line)
        .filter((option) => option.value !== undefined)
        .flatMap(spellings),
    ),
  )
  const lines = commands.flatMap((command) => [
    `complete -c prescale -n '__prescale_at 0' -a ${command.name} -d ${quoted(command.summary)}`,
    ...command.arguments.flatMap((argument, index) => {
      const offered = offering(offerOf(argument))
      return offered === undefined ? [] : [`complete -c prescale -n '__prescale_at ${index + 1} ${command.name}' ${offered}`]
    }),
    ...command.options.map((option) => `complete -c prescale -n '__prescale_in ${command.name}' ${optionFlags(option)}`),
  ])
  return `# fish completion of prescale: put it as prescale.fish into a folder of $fish_complete_path, or source it
function __prescale_words
    set -l value no
    for word in (commandline -opc)[2..-1]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case ${[...valued].join(' ')}
                set value yes
            case '-*'
            case '*'
                echo $word
        end
    end
end
function __prescale_in --argument-names command
    set -l words (__prescale_words)
    test "$words[1]" = "$command"
end
function __prescale_at --argument-names position command
    set -l words (__prescale_words)
    test (count $words) -eq $position; and test "$words[1]" = "$command"
end
complete -c prescale -f
${lines.join('\n')}
${line.globalOptions.map((option) => `complete -c prescale ${optionFlags(option)}`).join('\n')}
`
}

function optionFlags(option: OptionSpec): string {
  const offered = option.value === undefined ? '' : ` ${offering(offerOf(option)) ?? '-x'}`
  const required = option.value !== undefined && !offered.includes('-x') ? ' -r' : ''
  return `-l ${option.long}${option.short === undefined ? '' : ` -s ${option.short}`}${required}${offered} -d ${quoted(option.summary)}`
}

function offering(offer: Offer): string | undefined {
  switch (offer.kind) {
    case 'words':
      return `-x -a ${quoted(offer.words.join(' '))}`
    case 'names':
      return `-x -a '(prescale __complete ${offer.of} 2>/dev/null)'`
    case 'files':
      return '-F'
    case 'directories':
      return "-x -a '(__fish_complete_directories)'"
    case 'nothing':
      return undefined
    default:
      return offer satisfies never
  }
}
