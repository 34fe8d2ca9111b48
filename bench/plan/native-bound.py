"""
Cost of the whole linear relaxation of a prescale.instance/1 by native HiGHS, every region loss written out; with --whole the best whole nodes that its
branch and bound finds in so many seconds, and the bound it proves. Needs highspy. native-bound.py INSTANCE.json [--whole SECONDS]
"""
import argparse
import json
import time

import highspy


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument('instance')
    arguments.add_argument('--whole', type=float, metavar='SECONDS')
    given = arguments.parse_args()
    with open(given.instance) as file:
        problem = json.load(file)
    steps = range(problem['steps'])
    programs, regions, types, options, zones = (range(len(problem[name])) for name in ('programs', 'regions', 'types', 'options', 'userZones'))
    infinity = highspy.kHighsInf
    costs, lowers, uppers = [], [], []
    row_lowers, row_uppers, starts, indices, values = [], [], [0], [], []

    def column(cost, lower, upper):
        costs.append(cost)
        lowers.append(lower)
        uppers.append(upper)
        return len(costs) - 1

    def row(lower, upper, terms):
        row_lowers.append(lower)
        row_uppers.append(upper)
        for position, value in terms:
            indices.append(position)
            values.append(value)
        starts.append(len(indices))

    nodes = {}
    for p in programs:
        for r in regions:
            for k in types:
                for s in options:
                    price, most = problem['price'][r][k][s], problem['maxNodes'][r][k][s]
                    if price is None or most == 0 or problem['throughput'][p][k] is None:
                        continue
                    live = problem['fleet'][p][r][k][s]
                    for t in steps:
                        early = t < problem['leadSteps'][r][s]
                        nodes[p, r, k, s, t] = column(price, 0, min(most, live) if early else most)
                        start = column(problem['startCost'][r][k][s], 0, 0 if early else infinity)
                        before = [(nodes[p, r, k, s, t - 1], -1)] if t > 0 else []
                        row(-infinity, live if t == 0 else 0, [(nodes[p, r, k, s, t], 1), (start, -1), *before])
    here = {(p, r): [(k, s) for k in types for s in options if (p, r, k, s, 0) in nodes] for p in programs for r in regions}
    vcpu = [one['vcpu'] for one in problem['types']]

    def serve(p, t, when, lost, usd_per_ms):
        load = {r: [] for r in regions}
        for u in zones:
            reach = [r for r in problem['reach'][when][p][u] if r != lost]
            if not reach:
                continue
            terms = []
            for r in reach:
                route = column(usd_per_ms * problem['latencyMs'][u][r], 0, infinity)
                terms.append((route, 1))
                load[r].append((route, 1))
            row(problem['demand'][p][u][t], problem['demand'][p][u][t], terms)
        for r in regions:
            if load[r]:
                serves = [(nodes[p, r, k, s, t], -problem['utilisation'][when] * problem['throughput'][p][k] * problem['availability'][when][r][s]) for k, s in here[p, r]]
                row(-infinity, 0, load[r] + serves)

    for p in programs:
        for t in steps:
            serve(p, t, 'normal', None, problem['routeCostPerUnitMs'])
            for lost in regions if problem['survive']['region'] else []:
                serve(p, t, 'regionLoss', lost, 0)
            for r in regions:
                share = problem['spotShareCap'][r]
                row(-infinity, 0, [(nodes[p, r, k, s, t], vcpu[k] * ((1 - share) if problem['options'][s]['kind'] == 'spot' else -share)) for k, s in here[p, r]])
    for t in steps:
        for r in regions:
            for s in options:
                row(-infinity, problem['quotaVcpu'][r][s], [(nodes[p, r, k, s, t], vcpu[k]) for p in programs for k in types if (p, r, k, s, t) in nodes])
                for k in types if len(programs) > 1 else []:
                    row(-infinity, problem['maxNodes'][r][k][s], [(nodes[p, r, k, s, t], 1) for p in programs if (p, r, k, s, t) in nodes])
        if problem.get('budgetPerStep'):
            row(-infinity, problem['budgetPerStep'], [(position, problem['price'][r][k][s]) for (p, r, k, s, step), position in nodes.items() if step == t])
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(costs), len(row_lowers)
    model.col_cost_, model.col_lower_, model.col_upper_ = costs, lowers, uppers
    model.row_lower_, model.row_upper_ = row_lowers, row_uppers
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, indices, values
    solver = highspy.Highs()
    relaxed = (('solver', 'ipm'), ('run_crossover', 'off'))
    whole = (('time_limit', given.whole), ('mip_rel_gap', 1e-4))
    for option, value in (('output_flag', False), ('threads', 1), *(relaxed if given.whole is None else whole)):
        solver.setOptionValue(option, value)
    if given.whole is not None:
        count = set(nodes.values())
        model.integrality_ = [highspy.HighsVarType.kInteger if position in count else highspy.HighsVarType.kContinuous for position in range(len(costs))]
    solver.passModel(model)
    began = time.process_time()
    solver.run()
    sunk = problem.get('sunkCostPerStep', 0) * problem['steps']
    info = solver.getInfo()
    usd = info.objective_function_value + sunk
    bound = usd if given.whole is None else info.mip_dual_bound + sunk
    print(json.dumps({'usd': usd, 'boundUsd': bound, 'cpuSeconds': time.process_time() - began, 'columns': len(costs), 'rows': len(row_lowers)}))


main()
