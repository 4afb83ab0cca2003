public import Catalogue
import Expressions
public import Facts
import KernelModel
import Pages

extension Audit {
  /// A page with this host's values, its formulas and the findings that name it.
  ///
  /// - Parameters:
  ///   - found: the page.
  ///   - isLive: whether there is a host to speak of; without one it is the page alone.
  /// - Returns: the page, for a renderer.
  public func explanation(of found: Catalogue.Found, isLive: Bool = true) -> Explanation {
    var explanation =
      switch found.page {
      case .tunable(let tunable): self.explanation(of: tunable)
      case .rule(let rule): self.explanation(of: rule)
      case .reference(let reference): self.explanation(of: reference)
      }
    explanation.alsoFits = links(found.alsoFits)
    explanation.alias = found.alias
    // Examples are for the tests; who explains reads the reasoning.
    explanation.sections =
      catalogue.body(of: found.page.name)?.sections.filter { $0.heading != "Examples" } ?? []
    explanation.isLive = isLive
    guard isLive else {
      // What a host would show is not said to be missing where none was asked.
      explanation.counters = []
      explanation.limits = []
      explanation.queueFormulas = []
      explanation.findings = []
      return explanation
    }
    explanation.fillings = fillings(of: explanation.sections)
    return explanation
  }

  // MARK: Tunables

  private func explanation(of tunable: Tunable) -> Explanation {
    var explanation = Explanation(
      name: tunable.key.name, title: tunable.title, subject: .tunable(tunableFacts(tunable)))
    if let files = snapshot.files.value {
      let key = files.keys.first { $0.name == tunable.key.name }
      explanation.files = Explanation.FileLines(
        boot: key?.loaders[files.boot], lines: key?.assignments ?? [])
    }
    explanation.queueFormulas = Self.queueFormulas(naming: tunable.key)
    if !explanation.queueFormulas.isEmpty {
      explanation.queueInputs = Explanation.QueueInputs(
        release: snapshot.host.release, cap: facts.model.cap, tableSize: facts.model.tableSize,
        isTableIdle: facts.model.isTableIdle, synFormula: facts.model.synFormula,
        whenFull: facts.model.fullQueueRule, listeners: listeners())
    }
    explanation.limits = limits().filter { limit in
      limit.inputs.contains { $0.name == tunable.key.name }
    }
    explanation.counters = tunable.counters.map(counterRow)
    let rules = catalogue.rules(naming: tunable.key)
    explanation.findings = judged(rules).findings
    explanation.related = links(tunable.related + rules.map(\.id))
    explanation.sources = tunable.sources
    return explanation
  }

  private func tunableFacts(_ tunable: Tunable) -> Explanation.TunableFacts {
    let release = snapshot.host.release.value
    let formula = release.flatMap { tunable.defaultValue.value(for: $0) } ?? nil
    let since = release.flatMap { tunable.defaultValue.since(for: $0) }
    let asked = formula?.reduce(into: Set<String>()) { $0.formUnion($1.asked) } ?? []
    let before = since.flatMap { since in
      tunable.defaultValue.cases.first { $0.since.map { $0 < since } ?? true }?.value
    }
    return Explanation.TunableFacts(
      key: tunable.key, form: tunable.form, access: tunable.access, unit: tunable.unit,
      elements: tunable.elements, value: facts.content(of: tunable),
      defaultValue: facts.defaultContent(of: tunable),
      defaultFormula: formula?.map(\.description), defaultIsComputed: !asked.isEmpty,
      defaultIsApproximate: facts.isDefaultApproximate(of: tunable),
      defaultSince: since, defaultBefore: before?.map(\.description),
      range: release.flatMap { tunable.range.value(for: $0) } ?? tunable.range.cases[0].value,
      sensible: tunable.sensible, effect: tunable.effect,
      isNamespaced: release.flatMap { tunable.namespaced.value(for: $0) }
        ?? tunable.namespaced.cases[0].value,
      namespacedSince: release.flatMap { tunable.namespaced.since(for: $0) },
      since: tunable.since, removed: tunable.removed)
  }

  /// The documents' formula comes first where the kernel's is finer: a reader comes with it.
  private static func queueFormulas(naming key: SysctlKey) -> [Explanation.QueueFormula] {
    switch key {
    case .somaxconn: [.acceptQueue, .synQueue]
    case .maxSynBacklog: [.synQueueOfDocuments, .synQueue]
    case .syncookies: [.synQueue]
    default: []
    }
  }

  func counterRow(_ name: String) -> Explanation.CounterRow {
    let hasWindow = snapshot.window.seconds != nil
    let rate: Reading<Quantity> = facts.reading(.rate(.counter(name)), of: .host).flatMap {
      if case .quantity(let quantity) = $0 { .known(quantity) } else { .absent("not a number") }
    }
    let isLevel = CounterRates.gauges.contains(name)
    return Explanation.CounterRow(
      name: name, total: snapshot.counters.reading(name), isLevel: isLevel,
      rate: hasWindow && !isLevel ? rate : nil)
  }

  // MARK: Rules

  private func explanation(of rule: Rule) -> Explanation {
    let judge = judged([rule])
    let state: Explanation.RuleFacts.State =
      judge.rulesApplied == 0
      ? .notThisKernel
      : !judge.findings.isEmpty
        ? .fires : judge.notChecked.isEmpty ? .quiet : .undecided(judge.notChecked[0].missing)
    var explanation = Explanation(
      name: rule.id, title: rule.title,
      subject: .rule(
        Explanation.RuleFacts(
          severity: rule.severity, confidence: rule.confidence, subject: rule.subject.rawValue,
          when: rule.when.description,
          changes: rule.changes.map { "\($0.target) \($0.operator.rawValue) \($0.value)" },
          removals: rule.removals.map { removal in
            switch removal {
            case .entry: "the line"
            case .key(let key): "lines that set \(key)"
            }
          },
          effect: rule.effect, act: rule.act, remedy: rule.remedy, state: state)))
    explanation.findings = judge.findings
    let keys = catalogue.pages.tunables.keys.filter { rule.names($0) }
    explanation.related = links(keys.map(\.name))
    explanation.sources = rule.sources
    return explanation
  }

  func judged(_ rules: [Rule]) -> RuleJudge {
    var judge = RuleJudge(facts: facts, rules: rules)
    judge.run()
    return judge
  }

  func links(_ names: [String]) -> [Explanation.Link] {
    names.reduce(into: []) { links, name in
      if !links.contains(where: { $0.name == name }) {
        links.append(
          Explanation.Link(
            name: name, word: catalogue.word(for: name), title: catalogue.title(of: name) ?? ""))
      }
    }
  }
}
