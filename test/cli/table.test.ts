import assert from 'node:assert/strict'
import { test } from 'node:test'
import { styleText } from 'node:util'
import { sparkline } from '../../src/cli/render/sparkline.ts'
import { figure, percent, span, usd } from '../../src/cli/render/figures.ts'
import { table } from '../../src/cli/table.ts'

test('columns stand on their side, coloured cells take the room of their letters, and no line ends in blanks', () => {
  const lines = table([{ title: 'pool', align: 'left' }, { title: '$/h', align: 'right' }, { title: 'why', align: 'left' }], [['web', '0.10', ''], [styleText('red', 'feed', { validateStream: false }), '12.00', 'more']])
  assert.deepEqual(lines, ['pool    $/h  why', 'web    0.10', `${styleText('red', 'feed', { validateStream: false })}  12.00  more`])
})

test('what is not known prints as ?, never as 0', () => {
  assert.deepEqual([usd(undefined), percent(undefined), percent(Number.NaN), figure(undefined), figure(Number.NaN), span(undefined)], Array(6).fill('?'))
})

test('figures keep three digits and no more', () => {
  assert.deepEqual([figure(0.01234), figure(1.239), figure(1239.6), figure(0)], ['0.0123', '1.24', '1240', '0'])
})

test('a span is told in the unit a person would use', () => {
  assert.deepEqual([span(90), span(900), span(9000), span(259200)], ['90 s', '15 min', '2.5 h', '3 d'])
})

test('a sparkline has one bar per value, the lowest for zero and the highest for the most', () => {
  assert.equal(sparkline([0, 5, 10]), '▁▅█')
  assert.equal(sparkline([0, 0]), '▁▁')
})
