import Expressions
import Facts

/// Finds rules that fire on one example and pull one key in opposite directions.
struct Contradictions {
  private let rules: [Rule]
  private let new: Set<String>
  private let tunables: TunableTable

  /// - Parameters:
  ///   - rules: all rules that can be evaluated.
  ///   - new: the ids of those that are added; the others were held against each other before.
  ///   - tunables: the pages of the keys that they set.
  init(among rules: [Rule], new: Set<String>, _ tunables: TunableTable) {
    self.rules = rules.filter { !$0.changes.isEmpty }.sorted { $0.id < $1.id }
    self.new = new
    self.tunables = tunables
  }

  /// What is wrong on the examples of a rule's page, where others than that rule may meet.
  func problems(on examples: [Example], of owner: Rule) -> [PageProblem] {
    var problems: [PageProblem] = []
    for example in examples where example.isWhole {
      var evaluator = Evaluator(ExampleFacts(readings: example.readings))
      let firing = rules.filter { evaluator.truth(of: $0.when) == .yes }
      for (index, a) in firing.enumerated() {
        for b in firing[(index + 1)...]
        where (new.contains(a.id) || new.contains(b.id)) && a.kernel.meets(b.kernel) {
          for target in contradicted(a, b, &evaluator) {
            problems.append(
              PageProblem(
                file: owner.file, line: example.line, message: message(target, a, b, owner)))
          }
        }
      }
    }
    return problems
  }

  private func message(_ target: FactName, _ a: Rule, _ b: Rule, _ owner: Rule) -> String {
    if let other = [a, b].first(where: { $0.id != owner.id }), a.id == owner.id || b.id == owner.id
    {
      return "expected no rule to pull '\(target)' the other way here, found '\(other.id)'"
    }
    return "expected no two rules to pull '\(target)' in opposite directions here, found '\(a.id)'"
      + " and '\(b.id)'"
  }

  /// What both change, so that neither leaves the other satisfied.
  private func contradicted<Source>(
    _ a: Rule, _ b: Rule, _ evaluator: inout Evaluator<Source>
  ) -> [FactName] {
    var targets: [FactName] = []
    for (mine, theirs) in a.changes.flatMap({ mine in b.changes.map { (mine, $0) } })
    where mine.target == theirs.target {
      guard
        let tunable = tunables[mine.key],
        let x = value(of: mine, tunable, &evaluator), let y = value(of: theirs, tunable, &evaluator)
      else { continue }
      if !mine.operator.isSatisfied(by: y, wanting: x),
        !theirs.operator.isSatisfied(by: x, wanting: y)
      {
        targets.append(mine.target)
      }
    }
    return targets
  }

  private func value<Source>(
    of change: Rule.Change, _ tunable: Tunable, _ evaluator: inout Evaluator<Source>
  ) -> Int64? {
    change.resolve(
      with: &evaluator, for: .host, bounds: tunable.bounds, pageSize: PageSet.examplePageSize
    ).value?.value
  }
}
